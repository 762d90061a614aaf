#include "src/plan/debug_export.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>
#include <string_view>

#include "ffmpeg/image.h"
#include "models/files/state_dict.h"
#include "src/files/atomic_file.h"
#include "src/frames/output_folder.h"
#include "src/optimize/prompts.h"
#include "src/run/error.h"
#include "src/run/lap_timer.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using models::StateDict;

// How far a loss computed again may be from the one in the record, as a part of it.
constexpr double kLossTolerance = 1e-4;

at::Tensor plain(const at::Tensor& tensor) {
  return tensor.detach().to(at::kCPU, at::kFloat).contiguous();
}

std::string_view name_of(Target::Kind kind) {
  switch (kind) {
    case Target::Kind::text:
      return "text";
    case Target::Kind::image:
      return "image";
    case Target::Kind::mix:
      break;
  }
  return "mix";
}

// --- What the loss is made of --------------------------------------------------------------------

void describe_reading(Json& json, const Target& target) {
  const auto embedding = plain(target.embedding).flatten();
  const auto* numbers = embedding.const_data_ptr<float>();
  const auto& tokens = target.tokens;
  const auto last = std::max_element(tokens.begin(), tokens.end());  // the end; zeros fill the rest
  json["tokens"] = std::vector<int64_t>(tokens.begin(), last == tokens.end() ? last : last + 1);
  json["embedding"] = std::vector<float>(numbers, numbers + embedding.numel());
}

Json describe_prompt(size_t index, const std::vector<Guide>& guides,
                     const std::vector<ClipIdentity>& clips) {
  const auto& target = guides.front().objective.targets()[index];
  Json json = {{"kind", name_of(target.kind)}, {"text", target.text}, {"weight", target.weight}};
  json["stop"] = std::isfinite(target.stop) ? Json(target.stop) : Json();
  if (guides.size() == 1) {
    describe_reading(json, target);
    return json;
  }
  for (size_t i = 0; i < guides.size(); ++i) {
    Json reading = {{"name", clips[i].name}, {"weight", guides[i].weight}};
    describe_reading(reading, guides[i].objective.targets()[index]);
    json["clips"].push_back(std::move(reading));
  }
  return json;
}

std::string prompts_text(const scenes::OptimizeOptions& options, const std::vector<Guide>& guides,
                         const std::vector<ClipIdentity>& clips) {
  const bool plain_clamp = options.image_clamp == scenes::ImageClamp::plain;
  Json json = {{"quantize", options.quantize},
               {"image_clamp", plain_clamp ? "plain" : "descent"},
               {"loss", options.loss == scenes::LossKind::cosine ? "cosine" : "spherical"},
               {"start_weight", options.start_weight},
               {"prompts", Json::array()}};
  for (size_t i = 0; i < guides.front().objective.targets().size(); ++i) {
    json["prompts"].push_back(describe_prompt(i, guides, clips));
  }
  // A picture's file name need not be UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string losses_text(const std::vector<Iteration>& history, size_t prompts) {
  std::string text = "iteration,loss";
  for (size_t i = 0; i < prompts; ++i) text += fmt::format(",share-{}", i);
  text += '\n';
  for (const auto& iteration : history) {
    text += fmt::format("{},{:.9g}", iteration.number, iteration.loss);
    for (const double share : iteration.shares) text += fmt::format(",{:.9g}", share);
    text += '\n';
  }
  return text;
}

// --- One iteration -------------------------------------------------------------------------------

// cutouts: [N, 3, R, R] -> [1, 3, rows R, columns R], about square, black where none is left.
at::Tensor sheet_of(const at::Tensor& cutouts) {
  const auto count = cutouts.size(0), side = cutouts.size(2);
  const auto columns = static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(count))));
  const auto rows = (count + columns - 1) / columns;
  const auto tiles = at::constant_pad_nd(cutouts, {0, 0, 0, 0, 0, 0, 0, rows * columns - count});
  return tiles.view({rows, columns, 3, side, side})
      .permute({2, 0, 3, 1, 4})
      .reshape({1, 3, rows * side, columns * side});
}

at::Tensor sheet_of(const std::vector<Evaluation::Seen>& seen) {
  std::vector<at::Tensor> sheets;
  int64_t width = 0;
  for (const auto& one : seen) {
    sheets.push_back(sheet_of(plain(one.cutouts)));
    width = std::max(width, sheets.back().size(3));
  }
  for (auto& sheet : sheets) sheet = at::constant_pad_nd(sheet, {0, width - sheet.size(3)});
  return at::cat(sheets, 2);
}

void write_tensors(const fs::path& folder, const std::string& name, StateDict::Tensors tensors) {
  for (auto& [key, tensor] : tensors) tensor = plain(tensor);
  const StateDict all(std::move(tensors));
  files::write_file_by(folder / (name + ".safetensors"),
                       [&](const fs::path& file) { all.save_safetensors(file); });
}

void write_iteration(const fs::path& folder, int number, const at::Tensor& z,
                     const Evaluation& found) {
  const auto digits = fmt::format("{:04}", number);
  StateDict::Tensors cutouts;
  StateDict::Tensors gradients = {{"image", found.image_gradient}, {"z", found.z_gradient}};
  for (size_t i = 0; i < found.seen.size(); ++i) {
    const auto name = i == 0 ? std::string("cutouts") : fmt::format("cutouts.{}", i);
    cutouts[name] = found.seen[i].cutouts;
    gradients[name] = found.seen[i].gradient;
  }
  files::write_file(folder / (digits + ".png"), ffmpeg::encode_png(to_image(found.image)));
  write_tensors(folder, "latent-" + digits, {{"z", z}});
  write_tensors(folder, "cutouts-" + digits, std::move(cutouts));
  files::write_file(folder / ("cutouts-" + digits + ".png"),
                    ffmpeg::encode_png(to_image(sheet_of(found.seen))));
  write_tensors(folder, "gradient-" + digits, std::move(gradients));
}

// --- The folder ----------------------------------------------------------------------------------

// Iterations of an earlier export, maybe of another scene, would pass for this one's.
void clear_iterations(const fs::path& folder) {
  static const std::regex ours(
      R"((cutouts-)?\d{4,}\.png|(latent|cutouts|gradient)-\d{4,}\.safetensors)");
  std::error_code ignored;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (std::regex_match(entry.path().filename().string(), ours)) files.push_back(entry.path());
  }
  for (const auto& file : files) fs::remove(file, ignored);
}

void check_last(int index, int last, const std::set<int>& iterations) {
  if (iterations.empty() || *iterations.rbegin() <= last) return;
  throw RenderError(
      RenderError::Kind::scene,
      fmt::format("exporting iteration {} of keyframe {}: its last is iteration {}. Iterations are "
                  "counted from 0, at full size only.",
                  *iterations.rbegin(), index, last));
}

}  // namespace

void check_iterations(const scenes::Scene& scene, int index, const std::set<int>& iterations) {
  check_last(index, scene.keyframes[static_cast<size_t>(index)].optimize.iterations - 1,
             iterations);
}

DebugExport::DebugExport(const RenderJob& job, ModelPack& models, Progress& progress,
                         const StopToken& stop, Jobs& jobs)
    : job_(job),
      models_(models),
      progress_(progress),
      stop_(stop),
      jobs_(jobs),
      maker_(job.scene, models, job.machine, nullptr, progress, stop) {}

void DebugExport::write(int index, const KeyframeRecord& record, std::set<int> iterations,
                        const fs::path& folder) {
  check_last(index, static_cast<int>(record.history.size()) - 1, iterations);
  iterations.insert({0, record.best_iteration});
  const auto task = fmt::format("debug:{}", index);
  progress_.report(TaskChanged{task, TaskState::started});

  // The start is all that an evaluation needs to know of what came before it.
  auto optimizer = maker_.begin_at(maker_.passes(index).back(), Latent(record.snapshots.at(0)));
  optimizer.work_in(&jobs_);
  const auto found = latents(index, record, iterations, optimizer);
  prepare_folder(folder);
  clear_iterations(folder);
  const auto prompts = optimizer.guides().front().objective.targets().size();
  files::write_file(folder / "prompts.json", prompts_text(optimizer.options(), optimizer.guides(),
                                                          models_.clip_identities()));
  files::write_file(folder / "losses.csv", losses_text(record.history, prompts));
  for (const auto& [number, z] : found) {
    const auto evaluation = optimizer.evaluate(z, number, stop_);
    const double known = record.history[static_cast<size_t>(number)].loss;
    if (!(std::abs(evaluation.loss - known) <= kLossTolerance * std::abs(known))) {
      progress_.report(
          Warning{fmt::format("keyframe {}: the loss of iteration {} is {:.9g} now and was "
                              "{:.9g} when it was optimized",
                              index, number, evaluation.loss, known)});
    }
    write_iteration(folder, number, z, evaluation);
  }
  progress_.report(TaskChanged{task, TaskState::finished});
}

// Runs `optimizer` from its start where the record holds too little.
DebugExport::Latents DebugExport::latents(int index, const KeyframeRecord& record,
                                          const std::set<int>& iterations,
                                          KeyframeOptimizer& optimizer) {
  Latents found;
  std::set<int> missing;
  for (const int number : iterations) {
    if (const auto kept = record.snapshots.find(number); kept != record.snapshots.end()) {
      found[number] = kept->second;
    } else if (number == record.best_iteration && record.best_z.defined()) {
      found[number] = record.best_z;
    } else {
      missing.insert(number);
    }
  }
  if (missing.empty()) return found;
  // Seen twice where it rolled back: the latter is where its step began.
  optimizer.observe([&](const GradientView& view) {
    if (missing.contains(view.iteration)) found[view.iteration] = view.z.cpu().clone();
  });
  for (int number = 0; number <= *missing.rbegin(); ++number) {
    const LapTimer one;
    const auto iteration = optimizer.step(stop_);
    progress_.report(IterationReport{.keyframe = index,
                                     .iteration = number,
                                     .iterations = *missing.rbegin() + 1,
                                     .loss = iteration.loss,
                                     .seconds = one.seconds()});
  }
  optimizer.observe({});
  return found;
}

}  // namespace latentreel::render
