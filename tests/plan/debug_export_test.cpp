#include "src/plan/debug_export.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "ffmpeg/image.h"
#include "models/files/state_dict.h"
#include "src/files/atomic_file.h"
#include "src/frames/frame_sink.h"
#include "src/optimize/prompts.h"
#include "src/plan/plan.h"
#include "src/run/error.h"
#include "src/store/store.h"
#include "tests/optimize/tiny_pair.h"
#include "tests/run/recorded_progress.h"
#include "tests/temporary_folder.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;
using models::StateDict;
using nlohmann::json;
using testing::job_for;
using testing::RecordedProgress;
using testing::small_scene;
using testing::test_machine;
using testing::tiny_files;

ModelPack& exported_pack() {
  static ModelPack models(tiny_files(), test_machine());
  return models;
}

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

// The files of a keyframe's folder for these iterations, and no others.
std::set<std::string> expected_names(const std::set<int>& iterations) {
  std::set<std::string> names = {"prompts.json", "losses.csv"};
  for (const int number : iterations) {
    const auto digits = fmt::format("{:04}", number);
    names.merge(std::set<std::string>{
        digits + ".png", "latent-" + digits + ".safetensors", "cutouts-" + digits + ".safetensors",
        "cutouts-" + digits + ".png", "gradient-" + digits + ".safetensors"});
  }
  return names;
}

std::vector<std::vector<std::string>> rows_of(const fs::path& csv) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream in(csv);
  for (std::string line; std::getline(in, line);) {
    rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

double cosine(const at::Tensor& a, const at::Tensor& b) {
  return at::cosine_similarity(a.flatten().to(at::kDouble), b.flatten().to(at::kDouble), 0)
      .item<double>();
}

at::Tensor gradient(const at::Tensor& of, const at::Tensor& incoming, const at::Tensor& to) {
  if (to.grad().defined()) to.mutable_grad().reset();
  of.backward(incoming);
  return to.grad().clone();
}

class Debugs : public ::testing::Test {
 protected:
  RenderJob stored(RenderJob job) const {
    job.store = folder_ / "store";
    return job;
  }
  fs::path key(int index) const { return folder_ / fmt::format("debug/key-{:03}", index); }
  static StateDict tensors(const fs::path& folder, const std::string& name, int number) {
    return StateDict::load_safetensors(folder / fmt::format("{}-{:04}.safetensors", name, number));
  }

  // A keyframe with every kind of prompt, and what the mathematics can be asked for.
  std::string every_prompt(const std::string& optimize) const {
    ffmpeg::Image picture{.width = 40, .height = 30, .rgb = std::vector<uint8_t>(3600, 40)};
    for (size_t i = 0; i < picture.rgb.size(); i += 5) picture.rgb[i] = 200;
    files::write_file(folder_ / "moon.png", ffmpeg::encode_png(picture));
    return "[video]\nsize = \"64x64\"\nfps = 8\n[optimize]\niterations = 4\ncutouts = 20\nseed = "
           "3\nextra = \"watercolor\"\nexclude = [\"a fish\"]\nprecision = \"float32\"\n" +
           optimize +
           "\n[[keyframe]]\nat = 0\nprompts = [{ text = \"a red heart\" }, { text = \"a yellow "
           "star\", weight = -0.5, stop = -0.3 }, { image = \"" +
           (folder_ / "moon.png").string() + "\", weight = 0.3 }]\n";
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

// --- What is written -----------------------------------------------------------------------------

TEST_F(Debugs, ExactlyTheFilesAskedForAndThoseOfTheShownKeyframes) {
  RecordedProgress progress;
  const auto job = stored(job_for(small_scene(), {{"optimize.iterations", "8"}}));
  render_pictures(job, folder_ / "none", {0, 1}, progress, progress.stop);
  EXPECT_EQ(names_in(folder_ / "none"), (std::set<std::string>{"frame-000000.png"}));

  render_pictures(job, folder_, {8, 9}, progress, progress.stop, DebugRequest{{3, 6}});
  EXPECT_EQ(names_in(folder_ / "debug"), (std::set<std::string>{"key-001"}));
  EXPECT_EQ(rows_of(key(1) / "losses.csv").size(), 9u);  // a head and 8 iterations

  // On the way from one to the other a frame shows both; an older export's iterations go.
  render_pictures(job, folder_, {3, 5}, progress, progress.stop, DebugRequest{{6}});
  EXPECT_EQ(names_in(folder_ / "debug"), (std::set<std::string>{"key-000", "key-001"}));
  for (const int index : {0, 1}) {
    auto names = names_in(key(index));
    std::set<int> iterations = {0, 6};
    for (int best = 0; best < 8; ++best) {  // whichever is best
      if (fs::exists(key(index) / fmt::format("{:04}.png", best))) iterations.insert(best);
    }
    EXPECT_LE(iterations.size(), 3u);
    EXPECT_EQ(names, expected_names(iterations));
  }
  EXPECT_TRUE(progress.warnings.empty()) << progress.warnings.front();
}

TEST_F(Debugs, PromptsSayWhatClipComparesWith) {
  RecordedProgress progress;
  const auto job = job_for(every_prompt(""));
  render_pictures(job, folder_, {0, 1}, progress, progress.stop, DebugRequest{});
  const auto text = json::parse(bytes_of(key(0) / "prompts.json"));
  EXPECT_EQ(text["quantize"], true);
  EXPECT_EQ(text["loss"], "spherical");
  EXPECT_EQ(text["image_clamp"], "descent");
  EXPECT_EQ(text["start_weight"], 0);
  const auto& prompts = text["prompts"];
  ASSERT_EQ(prompts.size(), 4u);
  const std::vector<std::string> kinds = {"mix", "mix", "image", "text"};
  const std::vector<double> weights = {1, -0.5, 0.3, -0.5};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(prompts[i]["kind"], kinds[i]) << i;
    EXPECT_EQ(prompts[i]["weight"], weights[i]) << i;
  }
  EXPECT_EQ(prompts[0]["text"], "a red heart");
  EXPECT_EQ(prompts[2]["text"], "moon.png");
  EXPECT_EQ(prompts[3]["text"], "a fish");
  EXPECT_TRUE(prompts[0]["stop"].is_null());
  EXPECT_EQ(prompts[1]["stop"], -0.3);

  const auto& clip = exported_pack().clips(scenes::Precision::float32).front();
  const auto frame = [&](const std::string& words) {
    return clip.tokenizer->frame(words, static_cast<size_t>(clip.clip.config().context));
  };
  const auto encode = [&](const std::string& words) {
    return clip.clip.text().encode(at::tensor(frame(words), at::kLong).unsqueeze(0)).flatten();
  };
  const auto embedding = [&](size_t i) {
    return at::tensor(prompts[i]["embedding"].get<std::vector<float>>());
  };
  auto tokens = clip.tokenizer->encode("a red heart");
  tokens.insert(tokens.begin(), frame("").at(0));
  tokens.push_back(frame("").at(1));
  EXPECT_EQ(prompts[0]["tokens"].get<std::vector<int64_t>>(),
            (std::vector<int64_t>(tokens.begin(), tokens.end())));
  EXPECT_EQ(prompts[2]["tokens"].size(), 0u);
  EXPECT_TRUE(at::equal(embedding(0), encode("a red heart") + encode("watercolor")));
  EXPECT_TRUE(at::equal(embedding(3), encode("a fish")));
  EXPECT_EQ(embedding(2).numel(), 20 * clip.clip.config().embed_dim);
}

TEST_F(Debugs, LossesAreTheHistoryToNineDigits) {
  RecordedProgress progress;
  const auto job = stored(job_for(every_prompt("start_weight = 0.3")));
  render_pictures(job, folder_, {0, 1}, progress, progress.stop, DebugRequest{});
  const auto rows = rows_of(key(0) / "losses.csv");
  const auto plan = make_plan(job, exported_pack());
  NoProgress quiet;
  Store store(job.store, Reuse::yes, quiet);
  const auto record = KeyframeStore(store, quiet).find(plan.keys[0].output).value();
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[0], (std::vector<std::string>{"iteration", "loss", "share-0", "share-1", "share-2",
                                               "share-3"}));
  for (size_t i = 0; i < record.history.size(); ++i) {
    const auto& iteration = record.history[i];
    const auto& row = rows[i + 1];
    ASSERT_EQ(row.size(), 6u);
    EXPECT_EQ(row[0], std::to_string(i));
    EXPECT_EQ(row[1], fmt::format("{:.9g}", iteration.loss));
    EXPECT_NEAR(std::stod(row[1]), iteration.loss, 1e-8 * std::abs(iteration.loss));
    for (size_t p = 0; p < 4; ++p)
      EXPECT_EQ(row[p + 2], fmt::format("{:.9g}", iteration.shares[p]));
  }
}

TEST_F(Debugs, SeveralClipsLieInTheSameFiles) {
  RecordedProgress progress;
  auto job = job_for(small_scene());
  job.models.clips.push_back(job.models.clips.front());
  job.models.clips[1].name = "again";
  job.models.clips[1].weight = 0.5;
  render_pictures(job, folder_, {0, 1}, progress, progress.stop, DebugRequest{{0, 1, 2}});
  EXPECT_EQ(names_in(key(0)), expected_names({0, 1, 2}));
  const auto prompt = json::parse(bytes_of(key(0) / "prompts.json"))["prompts"][0];
  EXPECT_FALSE(prompt.contains("embedding"));
  ASSERT_EQ(prompt["clips"].size(), 2u);
  EXPECT_EQ(prompt["clips"][1]["name"], "again");
  EXPECT_EQ(prompt["clips"][1]["weight"], 0.5);
  EXPECT_EQ(prompt["clips"][0]["embedding"], prompt["clips"][1]["embedding"]);
  EXPECT_EQ(prompt["clips"][0]["tokens"], prompt["clips"][1]["tokens"]);
  const auto cutouts = tensors(key(0), "cutouts", 1), gradients = tensors(key(0), "gradient", 1);
  EXPECT_EQ(cutouts.names(), (std::vector<std::string>{"cutouts", "cutouts.1"}));
  EXPECT_EQ(gradients.names(), (std::vector<std::string>{"cutouts", "cutouts.1", "image", "z"}));
  EXPECT_TRUE(at::equal(cutouts.at("cutouts"), cutouts.at("cutouts.1")));
  EXPECT_TRUE(at::allclose(gradients.at("cutouts") * 0.5, gradients.at("cutouts.1"), 1e-5, 1e-9));
  const auto sheet = ffmpeg::read_picture(key(0) / "cutouts-0001.png");
  EXPECT_EQ(sheet.width, 2 * 64);  // four cutouts, two and two; then the second CLIP's
  EXPECT_EQ(sheet.height, 4 * 64);
}

// --- What the files say can be recomputed --------------------------------------------------------

// Nothing but the networks and the files: the loss of one iteration and its gradients, with the
// objective's formulas written out.
class Recomputed {
 public:
  Recomputed(const fs::path& folder, int number)
      : folder_(folder), number_(number), text_(json::parse(bytes_of(folder / "prompts.json"))) {
    cutouts_ = tensor("cutouts", "cutouts").clone().requires_grad_();
    const auto& clip = exported_pack().clips(scenes::Precision::float32).front().clip;
    const auto features = unit(clip.image().encode(cutouts_));
    auto sum = at::zeros({});
    for (const auto& prompt : text_["prompts"]) {
      shares.push_back(share(prompt, features));
      sum = sum + shares.back();
    }
    cutouts_gradient = gradient(sum, {}, cutouts_);
    loss = sum.item<double>() + pull().item<double>();
  }

  at::Tensor tensor(const std::string& file, const std::string& name) const {
    return StateDict::load_safetensors(folder_ / fmt::format("{}-{:04}.safetensors", file, number_))
        .at(name);
  }

  // The decoded picture before its clamp, and z's gradient from the picture's.
  std::pair<at::Tensor, at::Tensor> picture_and_gradient(const at::Tensor& image_gradient) const {
    const auto& vqgan = exported_pack().vqgan(scenes::Precision::float32);
    const auto z = tensor("latent", "z").clone().requires_grad_();
    const auto x = (vqgan.decode(text_["quantize"] ? vqgan.quantize(z) : z) + 1) / 2;
    const auto beyond = x - x.clamp(0, 1);
    const auto passes =
        text_["image_clamp"] == "plain" ? beyond.eq(0) : (image_gradient * beyond).ge(0);
    auto result = gradient(x, image_gradient * passes, z);
    const double w = text_["start_weight"];
    return {x.detach(), result + away() * (2 * w / (variance() * static_cast<double>(z.numel())))};
  }

  double loss = 0;
  std::vector<at::Tensor> shares;
  at::Tensor cutouts_gradient;

 private:
  static at::Tensor unit(const at::Tensor& x) { return x / x.norm(2, {-1}, true); }
  static double variance() {
    const double s = exported_pack().vqgan(scenes::Precision::float32).codebook_std();
    return s * s;
  }
  at::Tensor away() const {
    const auto start = StateDict::load_safetensors(folder_ / "latent-0000.safetensors");
    return tensor("latent", "z") - start.at("z");
  }
  at::Tensor pull() const {
    return away().square().mean() * (text_["start_weight"].get<double>() / variance());
  }

  at::Tensor share(const json& prompt, const at::Tensor& features) const {
    const auto embedding = unit(
        at::tensor(prompt["embedding"].get<std::vector<float>>()).view({-1, features.size(1)}));
    const double weight = prompt["weight"];
    const auto cosines = features.unsqueeze(1).mul(embedding.unsqueeze(0)).sum(-1);
    const auto chords = (features.unsqueeze(1) - embedding.unsqueeze(0)).norm(2, {-1});
    auto distance = text_["loss"] == "cosine" ? -cosines : 2 * (chords / 2).arcsin().square();
    if (weight < 0) distance = -distance;
    if (!prompt["stop"].is_null()) {
      const auto still = distance.detach();
      distance = at::where(still < prompt["stop"].get<double>(), still, distance);
    }
    return distance.mean() * std::abs(weight);
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
  int number_;
  json text_;
  at::Tensor cutouts_;
};

struct Mathematics {
  std::string name, optimize;
};

class Recomputes : public Debugs, public ::testing::WithParamInterface<Mathematics> {};

TEST_P(Recomputes, LossAndGradientsFromTheFiles) {
  RecordedProgress progress;
  const auto job = job_for(every_prompt(GetParam().optimize));
  render_pictures(job, folder_, {0, 1}, progress, progress.stop, DebugRequest{{1, 3}});
  EXPECT_TRUE(progress.warnings.empty()) << progress.warnings.front();
  const auto rows = rows_of(key(0) / "losses.csv");
  const auto& keyframe = job.scene.keyframes.front();
  const auto& clip = exported_pack().clips(scenes::Precision::float32).front();
  const RandomKey random{.content = content_hash(keyframe, *clip.tokenizer),
                         .seed = keyframe.optimize.seed};
  const Cutouts cutter(keyframe.optimize, clip.clip.image().resolution(), random);
  for (const int number : {0, 1, 3}) {
    SCOPED_TRACE(number);
    const Recomputed again(key(0), number);
    const double loss = std::stod(rows[static_cast<size_t>(number) + 1][1]);
    EXPECT_NEAR(again.loss, loss, 1e-4 * std::abs(loss));
    for (size_t p = 0; p < again.shares.size(); ++p) {
      const double share = std::stod(rows[static_cast<size_t>(number) + 1][p + 2]);
      EXPECT_NEAR(again.shares[p].item<double>(), share, 1e-4 * std::abs(share)) << p;
    }
    const auto cutouts_gradient = again.tensor("gradient", "cutouts");
    EXPECT_GT(cosine(again.cutouts_gradient, cutouts_gradient), 0.9999);
    EXPECT_NEAR(again.cutouts_gradient.norm().item<double>(),
                cutouts_gradient.norm().item<double>(),
                1e-3 * cutouts_gradient.norm().item<double>());

    // z to picture and back.
    const auto image_gradient = again.tensor("gradient", "image");
    const auto [picture, z_gradient] = again.picture_and_gradient(image_gradient);
    EXPECT_GT(cosine(z_gradient, again.tensor("gradient", "z")), 0.9999);
    EXPECT_EQ(ffmpeg::read_picture(key(0) / fmt::format("{:04}.png", number)),
              to_image(picture.clamp(0, 1)));

    // Picture to cutouts and back: the draws are the keyframe's own.
    const auto image = picture.clamp(0, 1).requires_grad_();
    const auto cuts = cutter.cut(cutter.prepare(image, number), number, 0, cutter.count());
    EXPECT_TRUE(at::allclose(cuts, again.tensor("cutouts", "cutouts"), 1e-4, 1e-5));
    EXPECT_GT(cosine(gradient(cuts, cutouts_gradient, image), image_gradient), 0.9999);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Debug, Recomputes,
    ::testing::Values(
        Mathematics{"crops", "cutter = \"crops\"\naugment = []\nnoise = 0.1"},
        Mathematics{"notebook", "recipe = \"notebook\"\nstart_weight = 0.4"},
        Mathematics{"held",
                    "cutter = \"crops\"\nstart_weight = 0.2\noptimizer = \"normalized\"\nsmooth = "
                    "0.7\nmask = 0.5\ncycle = 0.5\ncycle_every = 2\naverage = 0.5"},
        Mathematics{"article", "recipe = \"article\"\nstart = \"random\"\nlearning_rate = 0.05"}),
    [](const auto& one) { return one.param.name; });

// --- The store -----------------------------------------------------------------------------------

TEST_F(Debugs, AKeyframeInTheStoreIsNeitherMadeAgainNorReplaced) {
  RecordedProgress first, second, third;
  const auto job = stored(job_for(small_scene(), {{"optimize.iterations", "8"}}));
  render_pictures(job, folder_ / "a", {0, 1}, first, first.stop);
  EXPECT_EQ(first.iterations.size(), 8u);
  const auto contents = [&] {
    std::map<std::string, std::string> files;
    for (const auto& entry : Store::entries(job.store)) {
      if (entry.kind == "key") files[entry.file.string()] = bytes_of(entry.file);
    }
    return files;
  };
  const auto before = contents();
  render_pictures(job, folder_, {0, 1}, second, second.stop, DebugRequest{{0, 1, 2, 5}});
  EXPECT_TRUE(second.iterations.empty());  // the first, the best and those are in the store
  render_pictures(job, folder_, {0, 1}, third, third.stop, DebugRequest{{3, 6}});
  EXPECT_EQ(third.iterations.size(), 7u);  // those up to the last that is not
  EXPECT_EQ(contents(), before);
}

// Whether from the record or run again: the very bits of the optimization itself.
TEST_F(Debugs, EveryIterationIsThatOfTheUninterruptedOptimization) {
  RecordedProgress progress;
  const auto job = stored(job_for(small_scene(), {{"optimize.iterations", "8"}}));
  render_pictures(job, folder_, {0, 1}, progress, progress.stop,
                  DebugRequest{{0, 1, 2, 3, 4, 5, 6, 7}});
  KeyframeMaker maker(job.scene, exported_pack(), job.machine, nullptr, progress, progress.stop);
  auto optimizer = maker.begin(maker.passes(0).back(), std::nullopt);
  optimizer.observe([&](const GradientView& view) {
    SCOPED_TRACE(view.iteration);
    EXPECT_TRUE(at::equal(tensors(key(0), "latent", view.iteration).at("z"), view.z));
    const auto gradients = tensors(key(0), "gradient", view.iteration);
    EXPECT_TRUE(at::equal(gradients.at("z"), view.z_gradient));
    EXPECT_TRUE(at::equal(gradients.at("image"), view.image_gradient));
  });
  while (!optimizer.done()) optimizer.step(progress.stop);
}

TEST_F(Debugs, TheBestPictureIsTheFilmsFrame) {
  RecordedProgress progress;
  const auto job = stored(job_for(small_scene()));
  render_pictures(job, folder_, {0, 1}, progress, progress.stop, DebugRequest{});
  NoProgress quiet;
  Store store(job.store, Reuse::yes, quiet);
  const auto plan = make_plan(job, exported_pack());
  const auto record = KeyframeStore(store, quiet).find(plan.keys[0].output).value();
  EXPECT_EQ(names_in(key(0)), expected_names({0, record.best_iteration}));
  EXPECT_EQ(ffmpeg::read_picture(key(0) / fmt::format("{:04}.png", record.best_iteration)),
            ffmpeg::read_picture(PictureSink::name_of(folder_, 0)));
}

// --- What goes wrong -----------------------------------------------------------------------------

TEST_F(Debugs, AnIterationBeyondTheEndNamesTheLastBeforeAnyWork) {
  RecordedProgress progress;
  try {
    render_pictures(job_for(small_scene()), folder_, {0, 9}, progress, progress.stop,
                    DebugRequest{{3}});
    FAIL() << "an iteration that is not made";
  } catch (const RenderError& error) {
    EXPECT_EQ(error.kind(), RenderError::Kind::scene);
    EXPECT_STREQ(error.what(),
                 "exporting iteration 3 of keyframe 0: its last is iteration 2. Iterations are "
                 "counted from 0, at full size only.");
  }
  EXPECT_TRUE(progress.iterations.empty());
}

TEST_F(Debugs, AFolderThatCannotBeWrittenIsKnownBeforeAnyWork) {
  RecordedProgress progress;
  std::ofstream(folder_ / "debug") << "in the way";
  const auto job = job_for(small_scene());
  for (const auto& folder : {folder_, folder_ / "debug" / "below", fs::path("/proc/nope")}) {
    try {
      render_pictures(job, folder, {0, 1}, progress, progress.stop, DebugRequest{});
      ADD_FAILURE() << folder;
    } catch (const RenderError& error) {
      EXPECT_EQ(error.kind(), RenderError::Kind::cannot_create) << error.what();
    }
  }
  EXPECT_TRUE(progress.iterations.empty());
}

TEST_F(Debugs, StopsWhileItRunsAgain) {
  RecordedProgress first, second;
  const auto job = stored(job_for(small_scene(), {{"optimize.iterations", "8"}}));
  render_pictures(job, folder_ / "a", {0, 1}, first, first.stop);
  second.stop_at = 2;
  EXPECT_THROW(render_pictures(job, folder_, {0, 1}, second, second.stop, DebugRequest{{6}}),
               Stopped);
  EXPECT_EQ(second.iterations.size(), 2u);
}

}  // namespace
}  // namespace latentreel::render
