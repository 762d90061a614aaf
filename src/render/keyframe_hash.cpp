#include "src/render/keyframe_hash.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/files/digest.h"

namespace latentreel::render {
namespace {

using nlohmann::json;

json describe(const scenes::Augment& a) {
  return {{"kind", static_cast<int>(a.kind)},
          {"probability", a.probability},
          {"degrees", a.degrees},
          {"translate_x", a.translate_x},
          {"translate_y", a.translate_y},
          {"shear", a.shear},
          {"border", static_cast<int>(a.border)},
          {"nearest", a.nearest},
          {"scale", a.scale},
          {"brightness", a.brightness},
          {"contrast", a.contrast},
          {"saturation", a.saturation},
          {"hue", a.hue},
          {"area_min", a.area_min},
          {"area_max", a.area_max},
          {"ratio_min", a.ratio_min},
          {"ratio_max", a.ratio_max},
          {"amount", a.amount}};
}

// Texts count as the tokens that each CLIP makes of them.
json describe(const std::string& text, const std::vector<ClipIdentity>& clips) {
  json tokens = json::array();
  for (const auto& clip : clips) tokens.push_back(clip.tokenizer->encode(text));
  return tokens;
}

json describe(const std::vector<scenes::Prompt>& prompts, ModelPack& models) {
  json list = json::array();
  for (const auto& prompt : prompts) {
    const bool image = prompt.kind == scenes::Prompt::Kind::image;
    list.push_back({image ? json(models.digest_of(prompt.image))
                          : describe(prompt.text, models.clip_identities()),
                    prompt.weight, fmt::format("{}", prompt.stop)});
  }
  return list;
}

json describe(const scenes::OptimizeOptions& o) {
  json augment = json::array();
  for (const auto& step : o.augment) augment.push_back(describe(step));
  return {{"iterations", o.iterations},
          {"seed", o.seed},
          {"start", static_cast<int>(o.start)},
          {"start_weight", o.start_weight},
          {"coarse", o.coarse},
          {"coarse_iterations", o.coarse_iterations},
          {"restarts", o.restarts},
          {"collage", o.collage},
          {"match_weight", o.match_weight},
          {"contrast", o.contrast},
          {"smooth", o.smooth},
          {"mask", o.mask},
          {"cycle", o.cycle},
          {"cycle_every", o.cycle_every},
          {"quantize", o.quantize},
          {"image_clamp", static_cast<int>(o.image_clamp)},
          {"cutter", static_cast<int>(o.cutter)},
          {"cutouts", o.cutouts},
          {"cut_power", o.cut_power},
          {"cut_min", o.cut_min.value_or(-1)},
          {"cut_max", o.cut_max.value_or(-1)},
          {"augment", augment},
          {"noise", o.noise},
          {"loss", static_cast<int>(o.loss)},
          {"include_weight", o.include_weight},
          {"exclude_weight", o.exclude_weight},
          {"extra_weight", o.extra_weight},
          {"optimizer", static_cast<int>(o.optimizer)},
          {"learning_rate", o.learning_rate},
          {"learning_rate_end", o.learning_rate_end},
          {"weight_decay", o.weight_decay},
          {"clamp", o.clamp},
          {"keep", static_cast<int>(o.keep)},
          {"average", o.average},
          {"patience", o.patience}};
}

}  // namespace

std::string keyframe_hash(const scenes::Keyframe& keyframe, ModelPack& models, Grid grid,
                          const Machine& machine, int64_t chunk, const std::string& previous_hash) {
  const auto& options = keyframe.optimize;
  const auto& clips = models.clip_identities();
  json key = {{"numerics", kNumericsVersion},
              {"options", describe(options)},
              {"prompts", describe(keyframe.prompts, models)},
              {"exclude", describe(options.exclude, models)},
              {"grid", {grid.height, grid.width}},
              {"vqgan", models.vqgan_digest()},
              {"machine", machine.kind},
              {"threads", machine.threads},
              {"dtype", static_cast<int>(machine.dtype(options.precision))},
              {"chunk", chunk}};
  for (const auto& text : options.extra) key["extra"].push_back(describe(text, clips));
  for (const auto& clip : clips) key["clips"].push_back({clip.digest, clip.weight});
  if (options.start == scenes::StartKind::previous) key["previous"] = previous_hash;
  if (options.start == scenes::StartKind::image) {
    key["start_image"] = models.digest_of(options.start_image);
  }
  if (options.start == scenes::StartKind::nearest && models.bank() != nullptr) {
    key["bank"] = models.bank()->digest();  // its words count, not only the tokens
    for (const auto& prompt : keyframe.prompts) key["words"].push_back(prompt.text);
  }
  const auto text = key.dump();
  return models::sha256_of(std::as_bytes(std::span(text)));
}

}  // namespace latentreel::render
