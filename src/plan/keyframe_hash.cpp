#include "src/plan/keyframe_hash.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ffmpeg/video_encoder.h"
#include "scenes/enum_names.h"
#include "scenes/option_values.h"
#include "src/files/digest.h"

namespace latentreel::render {
namespace {

using nlohmann::json;

// Texts count as the tokens that each CLIP makes of them.
json describe(const std::string& text, const std::vector<ClipIdentity>& clips) {
  json tokens = json::array();
  for (const auto& clip : clips) tokens.push_back(clip.tokenizer->encode(text));
  return tokens;
}

// Raised by hand whenever the same file is read as another picture (ffmpeg::read_picture).
constexpr int kPictureVersion = 2;

// A picture counts by its content, and by how that is read.
json picture(const scenes::Still& still, ModelPack& models) {
  const auto digest = models.digest_of(still.file);
  if (!still.is_moment()) return {digest, kPictureVersion};
  return {digest, kClipVersion, ffmpeg::encoder_version(), still.at->numerator(),
          still.at->denominator()};
}

json describe(const std::vector<scenes::Prompt>& prompts, ModelPack& models) {
  json list = json::array();
  for (const auto& prompt : prompts) {
    const bool image = prompt.kind == scenes::Prompt::Kind::image;
    list.push_back(
        {image ? picture(prompt.image, models) : describe(prompt.text, models.clip_identities()),
         prompt.weight, fmt::format("{}", prompt.stop)});
  }
  return list;
}

json describe(const std::vector<scenes::OptionValue>& values) {
  json described;
  for (const auto& value : values) described[std::string(value.key)] = value.text;
  return described;
}

// Every option by its key and value, and those that name something by what they name: prompts and
// texts as tokens, pictures by their content; the precision as what it comes to on this machine.
json describe(const scenes::Keyframe& keyframe, ModelPack& models) {
  auto options = keyframe.optimize;
  // Weights that change count as what they are for this picture.
  options.include_weight_curve.reset();
  options.exclude_weight_curve.reset();
  options.extra_weight_curve.reset();
  json described = describe(scenes::option_values(options));
  for (const char* key : {"extra", "exclude", "start", "augment", "precision"}) {
    described.erase(key);
  }
  for (const auto& text : options.extra) {
    described["extra"].push_back(describe(text, models.clip_identities()));
  }
  described["exclude"] = describe(options.exclude, models);
  described["start"] = options.start == scenes::StartKind::image
                           ? picture(options.start_image, models)
                           : json(scenes::name_of(options.start));
  for (const auto& step : options.augment) {
    described["augment"].push_back(describe(scenes::option_values(step)));
  }
  return described;
}

}  // namespace

std::string keyframe_hash(const scenes::Keyframe& keyframe, ModelPack& models, Grid grid,
                          const Machine& machine, int64_t chunk, const std::string& previous_hash,
                          const std::optional<PictureSize>& shown) {
  const auto& options = keyframe.optimize;
  const auto& clips = models.clip_identities();
  json key = {{"numerics", kNumericsVersion},
              {"options", describe(keyframe, models)},
              {"prompts", describe(keyframe.prompts, models)},
              {"grid", {grid.height, grid.width}},
              {"vqgan", models.vqgan_digest()},
              {"machine", machine.kind},
              {"threads", machine.threads},
              {"dtype", c10::toString(machine.dtype(options.precision))},
              {"chunk", chunk}};
  for (const auto& clip : clips) key["clips"].push_back({clip.digest, clip.weight});
  if (options.start == scenes::StartKind::previous) key["previous"] = previous_hash;
  if (options.start == scenes::StartKind::image && shown) {
    key["shown"] = {shown->height, shown->width};
  }
  if (options.start == scenes::StartKind::nearest && models.bank() != nullptr) {
    key["bank"] = models.bank()->digest();  // its words count, not only the tokens
    for (const auto& prompt : keyframe.prompts) key["words"].push_back(prompt.text);
  }
  return files::sha256_of_text(key.dump());
}

}  // namespace latentreel::render
