#include "src/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <set>
#include <stdexcept>

#include "ffmpeg/error.h"
#include "ffmpeg/image.h"
#include "src/optimize/prompts.h"
#include "src/optimize/starts.h"
#include "src/report/film_measures.h"
#include "src/run/error.h"
#include "tests/optimize/tiny_pair.h"
#include "tests/pages/html.h"
#include "tests/run/recorded_progress.h"

namespace latentreel::report {
namespace {

namespace fs = std::filesystem;
using render::testing::job_for;
using render::testing::RecordedProgress;
using render::testing::small_scene;
using testing::count_of;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::tag_mistake;

// Every keyframe optimized as a render does it, with all that a record holds.
std::vector<render::KeyframeRecord> records_of(const scenes::Scene& scene,
                                               render::ModelPack& models) {
  std::vector<render::KeyframeRecord> records;
  const render::StopToken never;
  const auto grid = render::grid_of(scene.video, models.vqgan_config());
  for (const auto& keyframe : scene.keyframes) {
    const auto& options = keyframe.optimize;
    const auto& vqgan = models.vqgan(options.precision);
    const auto& loaded = models.clips(options.precision).front();
    const render::RandomKey key{.content = render::content_hash(keyframe, *loaded.tokenizer),
                                .seed = options.seed};
    const auto start =
        render::make_start(keyframe, models, grid, key,
                           records.empty() ? std::nullopt : std::optional(records.back().latent));
    const render::Cutouts cutouts(options, loaded.clip.image().resolution(), key);
    render::Objective objective(
        render::make_targets(keyframe, loaded, cutouts, scene.video.width, scene.video.height),
        options.loss);
    render::KeyframeRecord record;
    render::KeyframeOptimizer optimizer(vqgan,
                                        {{loaded.clip.image(), 1.0, std::move(objective), cutouts}},
                                        options, start.latent, render::kCutoutChunk);
    optimizer.observe([&](const render::GradientView& view) {
      if (render::is_snapshot(view.iteration)) {
        record.snapshots[view.iteration] = view.z.detach().clone();
      }
    });
    while (!optimizer.done()) optimizer.step(never);
    record.latent = optimizer.result();
    record.start = start.origin;
    record.history = optimizer.history();
    record.best_iteration = optimizer.best_iteration();
    record.rollbacks = optimizer.rollbacks();
    record.seconds = 1.5;
    records.push_back(std::move(record));
  }
  return records;
}

class Reports : public ::testing::Test {
 protected:
  // A rendered film, once for all tests.
  static void SetUpTestSuite() {
    folder_ = fs::temp_directory_path() / ("latentreel-report-" + std::to_string(getpid()));
    fs::create_directories(folder_);
    job_ = new render::RenderJob(job_for(small_scene(), {{"keyframe.1.exclude", "[\"fog\"]"}}));
    render::NoProgress quiet;
    render::render_film(*job_, folder_ / "film.mp4", quiet, render::StopToken());
    models_ = new render::ModelPack(job_->models, job_->machine);
    records_ = new std::vector(records_of(job_->scene, *models_));
    timeline_ = new scenes::Timeline(job_->scene);
  }
  static void TearDownTestSuite() {
    delete timeline_;
    delete records_;
    delete models_;
    delete job_;
    fs::remove_all(folder_);
  }

  static ReportInput input(render::Jobs& jobs = one_) {
    return {.scene = job_->scene,
            .timeline = *timeline_,
            .models = *models_,
            .jobs = jobs,
            .keyframes = *records_,
            .film = folder_ / "film.mp4",
            .stages = {{"loading", 0.3, 0}, {"optimizing", 3, 1.2e9}, {"encoding", 0.8, 0.9e9}},
            .warnings = {}};
  }
  static std::string bytes_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  static inline fs::path folder_;
  static inline render::RenderJob* job_ = nullptr;
  static inline render::ModelPack* models_ = nullptr;
  static inline std::vector<render::KeyframeRecord>* records_ = nullptr;
  static inline scenes::Timeline* timeline_ = nullptr;
  static inline render::Jobs one_{1};
  const render::StopToken never_;
};

TEST_F(Reports, APageWithItsPicturesAndCharts) {
  RecordedProgress progress;
  const auto file = write_report(input(), folder_ / "a" / "b", progress, never_);
  EXPECT_EQ(file, folder_ / "a" / "b" / "index.html");
  EXPECT_THAT(progress.tasks, ::testing::ElementsAre("report started", "report finished"));
  const auto html = bytes_of(file);
  EXPECT_EQ(tag_mistake(html), "");
  // Of each keyframe the start, two steps of the way and what was kept; and the film's strip.
  EXPECT_EQ(count_of(html, "<img "), 8u);
  EXPECT_EQ(count_of(html, "<image "), 10u);
  EXPECT_EQ(count_of(html, "data:image/jpeg;base64,/9j/"), 18u);
  EXPECT_EQ(count_of(html, "role=\"img\""), 4u);  // similarity, change, a loss each
  EXPECT_THAT(html, Not(HasSubstr("http:")));
  EXPECT_THAT(html, Not(HasSubstr("https:")));
  EXPECT_THAT(html, HasSubstr("a yellow star on a blue background"));
  EXPECT_THAT(html, HasSubstr("not: fog"));
  EXPECT_THAT(html, HasSubstr("9 frames, 8 a second"));
  EXPECT_THAT(html, HasSubstr("optimizing"));
}

TEST_F(Reports, TheSameInputGivesTheSameBytes) {
  render::NoProgress quiet;
  const auto a = bytes_of(write_report(input(), folder_ / "a", quiet, never_));
  render::Jobs three(3);
  const auto b = bytes_of(write_report(input(three), folder_ / "b", quiet, never_));
  EXPECT_EQ(a, b);
  EXPECT_THAT(a, Not(HasSubstr(folder_.string())));
}

TEST_F(Reports, MeasuresWhatTheFilmShows) {
  const auto texts = film_texts(job_->scene);
  const auto film =
      measure_film(folder_ / "film.mp4", *timeline_, texts.size(),
                   clip_compare(*models_, scenes::Precision::automatic, texts, one_), 4, never_);
  EXPECT_EQ(film.frames, 9);
  EXPECT_EQ(film.sampled.size(), 9u);
  ASSERT_EQ(film.similarity.size(), 2u);
  for (const auto& row : film.similarity) {
    ASSERT_EQ(row.size(), 9u);
    for (const double value : row) EXPECT_LE(std::abs(value), 1);
  }
  EXPECT_NE(film.similarity[0][0], film.similarity[0][8]);
  EXPECT_EQ(film.change[0], 0);
  EXPECT_GT(film.change[4], 0);
  EXPECT_EQ(film.strip.size(), 4u);
  EXPECT_EQ(film.strip_frames.back(), 7);
}

TEST_F(Reports, AStoppedReportLeavesTheOldOne) {
  const auto folder = folder_ / "stopped";
  fs::create_directories(folder);
  std::ofstream(folder / "index.html") << "old";
  render::NoProgress quiet;
  render::StopToken stop;
  stop.request(2);
  EXPECT_THROW(write_report(input(), folder, quiet, stop), render::Stopped);
  auto broken = input();
  broken.film = folder_ / "no-film.mp4";
  EXPECT_THROW(write_report(broken, folder, quiet, never_), ffmpeg::MediaError);
  EXPECT_EQ(bytes_of(folder / "index.html"), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);  // nothing half done beside it
}

TEST_F(Reports, SaysWhatCannotBe) {
  render::NoProgress quiet;
  std::ofstream(folder_ / "file") << "in the way";
  EXPECT_THROW(write_report(input(), folder_ / "file" / "sub", quiet, never_), render::RenderError);
  auto short_of_one = input();
  short_of_one.keyframes.pop_back();
  EXPECT_THROW(write_report(short_of_one, folder_ / "c", quiet, never_), std::invalid_argument);
}

// A browser draws it, in both schemes, and it is a page with something on it.
TEST_F(Reports, ABrowserDrawsIt) {
  if (std::system("command -v chromium > /dev/null 2>&1") != 0) {
    GTEST_SKIP() << "chromium is not installed (Debian: chromium), so the page is not looked at";
  }
  render::NoProgress quiet;
  const auto page = write_report(input(), folder_ / "seen", quiet, never_);
  std::set<int> backgrounds;
  for (const char* scheme : {"1", "0"}) {  // Blink's: light, dark
    const auto shot = folder_ / "seen" / (std::string("shot-") + scheme + ".png");
    const auto command =
        "timeout 100 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars "
        "--user-data-dir='" +
        (folder_ / "profile").string() + "' --blink-settings=preferredColorScheme=" + scheme +
        " --window-size=800,1600 --screenshot='" + shot.string() + "' 'file://" + page.string() +
        "' > /dev/null 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
    const auto image = ffmpeg::read_picture(shot);
    EXPECT_EQ(image.width, 800);
    std::set<std::array<std::uint8_t, 3>> colors;
    for (std::size_t i = 0; i + 2 < image.rgb.size(); i += 3) {
      colors.insert({image.rgb[i], image.rgb[i + 1], image.rgb[i + 2]});
    }
    EXPECT_GT(colors.size(), 100u);  // pictures and charts, not a blank sheet
    backgrounds.insert(image.rgb[0]);
  }
  EXPECT_EQ(backgrounds.size(), 2u);
}

}  // namespace
}  // namespace latentreel::report
