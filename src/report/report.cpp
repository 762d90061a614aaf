#include "src/report/report.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <stdexcept>

#include "ffmpeg/image.h"
#include "src/files/atomic_file.h"
#include "src/frames/frame_decoder.h"
#include "src/optimize/prompts.h"
#include "src/pages/markup.h"
#include "src/report/film_measures.h"
#include "src/report/findings.h"
#include "src/report/page.h"
#include "src/run/error.h"

namespace latentreel::report {
namespace {

namespace fs = std::filesystem;
using render::KeyframeRecord;
using render::RenderError;

constexpr int kSnapshotSide = 256;               // the longer one, at most
constexpr int kShotSide = 160;                   // the same of a chain's frames
constexpr std::size_t kMostPictures = 6;         // of a keyframe ...
constexpr std::size_t kMostPicturesOfAll = 240;  // ... and of all, where there are many keyframes

// The width of the film's strip over its height, see charts.cpp.
constexpr double kStripShape = 730.0 / 74.0;

std::string jpeg_uri(const ffmpeg::Image& image) {
  return "data:image/jpeg;base64," + base64(ffmpeg::encode_jpeg(image));
}

// With a longer side of at most `side`.
SmallPicture small(const ffmpeg::Image& image, int side) {
  const int longer = std::max(image.width, image.height);
  if (longer <= side) return {image.width, image.height, jpeg_uri(image)};
  const double factor = static_cast<double>(side) / longer;
  const auto scaled = ffmpeg::resize(image, std::max(1, static_cast<int>(image.width * factor)),
                                     std::max(1, static_cast<int>(image.height * factor)));
  return {scaled.width, scaled.height, jpeg_uri(scaled)};
}

SmallPicture small(const std::optional<ffmpeg::Image>& image) {
  return image ? small(*image, kShotSide) : SmallPicture();
}

std::vector<ChainShot> chain_shots(const std::vector<render::ChainFrame>& frames) {
  std::vector<ChainShot> shots;
  for (const auto& frame : frames) {
    shots.push_back({.frame = frame.frame,
                     .step = frame.step,
                     .losses = frame.losses,
                     .begun = small(frame.begun),
                     .motion = small(frame.motion),
                     .made = small(frame.made, kShotSide)});
  }
  return shots;
}

// The iterations to show: the first and the last that were kept, and others as far apart as can be.
std::vector<int> chosen_iterations(const std::map<int, at::Tensor>& snapshots, std::size_t most) {
  std::vector<int> chosen;
  for (const auto& [iteration, z] : snapshots) chosen.push_back(iteration);
  while (chosen.size() > std::max<std::size_t>(most, 1)) {
    // Of those between the ends, the one whose neighbours are the nearest to each other.
    std::size_t least = chosen.size() - 1;
    for (std::size_t i = 1; i + 1 < chosen.size(); ++i) {
      if (least == chosen.size() - 1 ||
          chosen[i + 1] - chosen[i - 1] < chosen[least + 1] - chosen[least - 1]) {
        least = i;
      }
    }
    chosen.erase(chosen.begin() + static_cast<std::ptrdiff_t>(least));
  }
  return chosen;
}

Snapshot make_snapshot(const render::FrameDecoder& decoder, const at::Tensor& z, int iteration) {
  Snapshot snapshot{.iteration = iteration};
  try {
    snapshot.picture = small(render::to_image(decoder.picture(z)), kSnapshotSide);
  } catch (const RenderError& error) {
    if (error.kind() != RenderError::Kind::diverged) throw;
  }
  return snapshot;
}

// The pictures as CLIP saw them, snapped to the codebook where the keyframe quantizes; then the one
// that the film shows.
std::vector<Snapshot> make_snapshots(const scenes::Keyframe& keyframe, const KeyframeRecord& record,
                                     render::ModelPack& models, render::PictureSize shown,
                                     std::size_t most, const render::StopToken& stop) {
  const auto& vqgan = models.vqgan(keyframe.optimize.precision);
  const render::FrameDecoder decoder(vqgan, shown, 8);
  std::vector<Snapshot> result;
  for (const int iteration : chosen_iterations(record.snapshots, most - 1)) {
    stop.check();
    auto z = record.snapshots.at(iteration).to(vqgan.placement().device);
    if (keyframe.optimize.quantize) z = vqgan.quantize(z);
    result.push_back(make_snapshot(decoder, z, iteration));
  }
  if (!record.latent.z().defined()) return result;
  stop.check();
  const bool best = keyframe.optimize.keep == scenes::Keep::best;
  auto kept = make_snapshot(decoder, record.latent.z(),
                            best ? record.best_iteration : static_cast<int>(record.history.size()));
  kept.kept = true;
  result.push_back(std::move(kept));
  return result;
}

std::vector<SplitWord> words_in_pieces(const scenes::Scene& scene, render::ModelPack& models) {
  std::vector<SplitWord> words;
  for (const auto& keyframe : scene.keyframes) {
    std::vector<std::string> texts = keyframe.optimize.extra;
    for (const auto* prompts : {&keyframe.prompts, &keyframe.optimize.exclude}) {
      for (const auto& prompt : *prompts) {
        if (prompt.kind == scenes::Prompt::Kind::text) texts.push_back(prompt.text);
      }
    }
    for (const auto& clip : models.clips(keyframe.optimize.precision)) {
      for (const auto& text : texts) {
        const auto pieces = clip.tokenizer->pieces(text);
        for (auto& word : split_words(pieces)) words.push_back(std::move(word));
      }
    }
  }
  return words;
}

std::vector<Finding> judge(const ReportInput& input, const std::vector<FilmText>& texts,
                           const FilmMeasures& film) {
  auto findings = film_findings(input.scene, input.timeline, texts, film);
  const auto add = [&](std::vector<Finding> more) {
    for (auto& finding : more) findings.push_back(std::move(finding));
  };
  add(optimization_findings(input.scene.keyframes, input.keyframes));
  add(word_findings(words_in_pieces(input.scene, input.models)));
  return findings;
}

// As many pictures as fill the strip without being cut much.
std::size_t strip_pictures(const scenes::VideoOptions& video) {
  const double shape = static_cast<double>(video.width) / std::max(1, video.height);
  return static_cast<std::size_t>(std::clamp(std::lround(kStripShape / shape), 3L, 16L));
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return;
  throw RenderError(RenderError::Kind::cannot_create,
                    fmt::format("making the report's folder {}: {}. Name another folder.",
                                folder.string(), error.message()));
}

}  // namespace

fs::path write_report(const ReportInput& input, const fs::path& folder, render::Progress& progress,
                      const render::StopToken& stop) {
  const auto& keyframes = input.scene.keyframes;
  if (input.keyframes.size() != keyframes.size()) {
    throw std::invalid_argument("a report needs a record for each keyframe of the scene");
  }
  stop.check();
  progress.report(render::TaskChanged{"report", render::TaskState::started});
  make_folder(folder);
  const auto file = folder / "index.html";
  files::AtomicFile out(file);  // opened first, so that what cannot be written is known at once

  const auto texts = film_texts(input.scene);
  const auto precision = keyframes.front().optimize.precision;  // as the film was decoded
  const auto film = measure_film(input.film, input.timeline, texts.size(),
                                 clip_compare(input.models, precision, texts, input.jobs),
                                 strip_pictures(input.scene.video), stop);
  std::vector<std::string> strip;
  for (const auto& image : film.strip) strip.push_back(jpeg_uri(image));

  const auto most =
      std::clamp<std::size_t>(kMostPicturesOfAll / keyframes.size(), 2, kMostPictures);
  std::vector<std::vector<Snapshot>> snapshots(keyframes.size());
  const auto shown = render::shown_size(input.scene.video);
  input.jobs.for_each(std::ssize(keyframes), stop, [&](int64_t piece, const auto& stop_piece) {
    const auto k = static_cast<std::size_t>(piece);
    snapshots[k] =
        make_snapshots(keyframes[k], input.keyframes[k], input.models, shown, most, stop_piece);
  });
  const auto shots = chain_shots(input.chain_frames);
  const auto findings = judge(input, texts, film);
  const auto html = page({.scene = input.scene,
                          .timeline = input.timeline,
                          .records = input.keyframes,
                          .snapshots = snapshots,
                          .film_name = input.film.filename().string(),
                          .texts = texts,
                          .film = film,
                          .strip = strip,
                          .graphs = input.graphs,
                          .losses = input.losses,
                          .chain_shots = shots,
                          .findings = findings,
                          .stages = input.stages,
                          .warnings = input.warnings});
  stop.check();
  out.write(html);
  out.publish();
  progress.report(render::TaskChanged{"report", render::TaskState::finished});
  return file;
}

}  // namespace latentreel::report
