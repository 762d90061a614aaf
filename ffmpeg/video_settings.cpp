#include "ffmpeg/video_settings.h"

#include <fmt/format.h>

#include <array>

#include "ffmpeg/error.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

struct CodecRules {
  VideoCodec codec;
  std::string_view name;
  std::string_view extension;
  int bit_depth;
  bool even_sides;    // 4:2:0 halves both
  int smallest_side;  // below it the encoder refuses
  bool has_quality;
};

// x265 3.5 would take smaller pictures, and then write behind its own memory.
constexpr std::array<CodecRules, 5> kRules = {{
    {VideoCodec::h264, "h264", ".mp4", 8, true, 16, true},
    {VideoCodec::hevc, "hevc", ".mp4", 10, true, 64, true},
    {VideoCodec::av1, "av1", ".mp4", 10, true, 64, true},
    {VideoCodec::prores, "prores", ".mov", 10, false, 16, false},
    {VideoCodec::ffv1, "ffv1", ".mkv", 8, false, 16, false},
}};

const CodecRules& rules_of(VideoCodec codec) {
  for (const auto& rules : kRules) {
    if (rules.codec == codec) return rules;
  }
  throw MediaError(Kind::internal, "a codec without rules");
}

[[noreturn]] void refuse(const std::string& message) {
  throw MediaError(Kind::usage, message);
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

void check_size(const VideoSettings& settings, const CodecRules& rules) {
  if (settings.width < 1 || settings.height < 1) {
    throw MediaError(Kind::internal, "a film needs the size of its frames");
  }
  if ((settings.output_width == 0) != (settings.output_height == 0) || settings.output_width < 0 ||
      settings.output_height < 0) {
    refuse("the film's output size needs a width and a height");
  }
  const int width = output_width(settings);
  const int height = output_height(settings);
  if (width > 16384 || height > 16384) {
    refuse(fmt::format("a film of {}x{} is too large: at most 16384 pixels a side", width, height));
  }
  if (width < rules.smallest_side || height < rules.smallest_side) {
    refuse(
        fmt::format("{} cannot store {}x{}: at least {} pixels a side; choose a larger output size",
                    rules.name, width, height, rules.smallest_side));
  }
  if (rules.even_sides && (width % 2 != 0 || height % 2 != 0)) {
    refuse(
        fmt::format("{} cannot store {}x{}: both sides must be even; set the output size to {}x{}, "
                    "or use prores or ffv1",
                    rules.name, width, height, width + width % 2, height + height % 2));
  }
}

}  // namespace

std::string_view codec_name(VideoCodec codec) {
  return rules_of(codec).name;
}

std::optional<VideoCodec> codec_named(std::string_view name) {
  for (const auto& rules : kRules) {
    if (rules.name == name) return rules.codec;
  }
  return std::nullopt;
}

std::string_view file_extension(VideoCodec codec) {
  return rules_of(codec).extension;
}

int bit_depth(VideoCodec codec) {
  return rules_of(codec).bit_depth;
}

int output_width(const VideoSettings& settings) {
  return settings.output_width == 0 ? settings.width : settings.output_width;
}

int output_height(const VideoSettings& settings) {
  return settings.output_height == 0 ? settings.height : settings.output_height;
}

void check_settings(const VideoSettings& settings) {
  const CodecRules& rules = rules_of(settings.codec);
  check_size(settings, rules);
  const Ratio fps = settings.fps;
  if (fps.num < 1 || fps.den < 1 || fps.num > 1'000'000 || fps.den > 1'000'000 ||
      fps.num > fps.den * 1000) {
    refuse(fmt::format("a frame rate of {}/{} is out of range: above 0, at most 1000", fps.num,
                       fps.den));
  }
  if (settings.quality && !rules.has_quality) {
    refuse(fmt::format("{} has no quality setting; remove it", rules.name));
  }
  if (settings.quality && !(*settings.quality >= 0 && *settings.quality <= 51)) {
    refuse(fmt::format("a quality of {} is out of range: 0 (best) to 51", *settings.quality));
  }
  if (settings.threads < 1 || settings.threads > 64) {
    refuse(fmt::format("{} encoder threads are out of range: 1 to 64", settings.threads));
  }
  if (settings.gop < 1 || settings.gop > 10'000) {
    refuse(fmt::format("a keyframe every {} frames is out of range: 1 to 10000", settings.gop));
  }
  if (settings.song) {
    const Ratio from = settings.song->from;
    const Ratio to = settings.song->to.value_or(Ratio{1, 0});
    if (from.num < 0 || from.den < 1) refuse("the song's \"from\" must not be negative");
    if (settings.song->to && (to.den < 1 || to.value() <= from.value())) {
      refuse("the song's \"to\" must come after its \"from\"");
    }
    const Ratio skip = settings.song->skip;
    if (skip.num < 0 || skip.den < 1) refuse("a film cannot begin before its part of the song");
    const double gain = settings.song->gain.value_or(0);
    if (!(gain >= kMinGain && gain <= kMaxGain)) {
      refuse(fmt::format("a gain of {} dB is out of range: {} to {}", gain, kMinGain, kMaxGain));
    }
  }
  // QuickTime's text fields count their bytes with 16 bits.
  if (settings.codec == VideoCodec::prores && settings.scene_text.size() > 65'000) {
    refuse("the scene is too long to be stored in a .mov film; use --no-embed-scene");
  }
}

void check_settings(const VideoSettings& settings, const std::filesystem::path& file) {
  const CodecRules& rules = rules_of(settings.codec);
  if (lower(file.extension().string()) != rules.extension) {
    refuse(fmt::format(
        "{} goes into a {} file, not into \"{}\"; name the film \"{}\"", rules.name,
        rules.extension, file.filename().string(),
        std::filesystem::path(file.filename()).replace_extension(rules.extension).string()));
  }
  check_settings(settings);
}

}  // namespace latentreel::ffmpeg
