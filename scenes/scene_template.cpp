#include "scenes/scene_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "scenes/toml_text.h"

namespace latentreel::scenes {
namespace {

constexpr std::string_view kTitle = "@TITLE@";

// clang-format off
constexpr std::string_view kTemplate = R"TOML(# A scene for latentreel. Render it with
#   latentreel render THIS-FILE
# Lines that begin with # are comments: remove the # to use them.

title = "@TITLE@"

[video]
size = "256x256"          # of the pictures that are made, in pixels
output = "512x512"        # of the film: the pictures are enlarged to it
fps = 24                  # or "30000/1001"
codec = "h264"            # h264, hevc, av1: .mp4; prores: .mov; ffv1: .mkv
# quality = 17            # 0 is best and largest, 51 worst
duration = "10s"          # without it the film ends with the song, or with the last keyframe

# [music]
# file = "song.flac"      # beside this file; its sound is not changed
# bpm = 118.0             # then keyframes can sit on "beat 33" or "bar 9 beat 3"
# offset = "0.37s"        # when the first beat sounds

[models]
vqgan = "tiny"            # draws the pictures
clip = ["tiny"]           # judges them; several can, as in ["ViT-B/32", "ViT-B/16"]

[optimize]                # how each picture is made; a keyframe may set any of these for itself
recipe = "picture-book"   # a set of values for all that is not written here; "clean", "notebook"
                          #   or "article" for larger models
iterations = 20           # steps at most; more steps follow the prompt further
learning_rate = 0.15
seed = 7                  # another number gives other steps
start = "nearest"         # from a picture that fits; or "random", "sine", "previous", "photo.png"
collage = true            # a colour that it lacks comes from other pictures
contrast = 1.0            # ask only for what it does not show yet; 0: for all of the prompt
start_weight = 0.03       # how strongly to stay close to the start
cutter = "crops"          # CLIP looks at pieces of the picture:
cutouts = 16              #   this many,
cut_min = 0.6             #   the smallest of them this fraction of the picture
augment = [
  { name = "flip", probability = 0.5 },
  { name = "rotate", degrees = 7 },
]
# extra = "watercolor"    # is joined to every prompt
# exclude = ["blurry"]    # pushes away from these

[interpolate]             # the way from picture to picture
path = "rise"             # from below upwards; or "bloom" (from the middle outwards), "spherical",
                          #   "linear", "spline" (the whole picture at once)
easing = "ease-in-out"    # or "linear", "ease-in", "ease-out", "smoothstep"
pacing = "even"           # the same visible change in every frame; "clock": even steps in the latent
loop = false              # true: back to the first picture at the end

# The keyframes: at each of these times the film shows what its prompt says. The bundled models know
# a picture-book world: sun, moon, rainbow, tree, house, castle, lighthouse, sailboat, hot air
# balloon, rocket, heart, star, flower, mushroom, apple, fish, butterfly, cat, snowman and more, in
# eleven colours, on a plain background or at sea, in the desert, at sunset, in a night sky.

[[keyframe]]
at = "0s"                 # also "frame 96", "00:01:12.500", and with [music] "bar 9"
prompt = "a red apple on a blue background"

[[keyframe]]
at = "4s"
hold = "1s"               # stay on this picture
prompt = "a lighthouse in the sea at sunset"

[[keyframe]]
at = "9s"
prompts = [               # several at once, each with its weight; below 0 pushes away
  { text = "a rocket in a night sky", weight = 1.0 },
  { text = "clouds", weight = -0.2 },
]
)TOML";

constexpr std::string_view kZoomTemplate = R"TOML(# A scene for latentreel: an endless zoom. Render it with
#   latentreel render THIS-FILE
# Lines that begin with # are comments: remove the # to use them.

title = "@TITLE@"

[video]
size = "128x128"          # of the pictures that are made; larger ones take longer
output = "512x512"        # of the film: the pictures are enlarged to it
fps = 12
duration = "16s"

# [music]
# file = "song.flac"      # beside this file; its sound is not changed
# bpm = 118.0             # then times can be "bar 9", and the camera can follow "bar_phase"

[optimize]                # how pictures follow their prompts
recipe = "picture-book"   # for the bundled models; "clean" or "notebook" for larger ones
seed = 7

[motion]                  # how fast the camera moves: numbers, points in time or expressions
zoom = "1.3 + 0.3 * sin(t)"     # a factor a second
rotate = 5                # degrees a second
edge = "mirror"           # what lies beyond the picture: or "border", "wrap", "black"

[feedback]                # each frame begins with the one before it, moved, and follows the prompts
recipe = "steady"         # or "zoom", "story"
iterations = 4            # steps of every frame; more follow the prompts further
hold = 0.3                # how strongly a frame is held to what it begins with

# The keyframes say which prompts rule, and when; between two of them one takes the place of the
# other. Only the first has a picture of its own.

[[keyframe]]
prompt = "a sailboat in the sea under a blue sky"

[[keyframe]]
at = "5s"                 # also "frame 96", and with [music] "bar 9"
prompt = "a lighthouse in the sea at sunset"

[[keyframe]]
at = "10s"
# cut = true              # the film cuts to it, with a picture of its own
prompt = "a red flower in a meadow"
)TOML";

constexpr std::string_view kFootageTemplate = R"TOML(# A scene for latentreel: a clip that is repainted. Render it with
#   latentreel render THIS-FILE
# Lines that begin with # are comments: remove the # to use them.

title = "@TITLE@"

[video]
size = @SIZE@  # of the pictures that are made: the clip is cut to this shape
output = @OUTPUT@  # of the film: the pictures are enlarged to it
fps = 12                  # as many moments of the clip a second

[source]
video = "@CLIP@"
# from = "12s"            # where in the clip the film begins
# loop = true             # a clip that is shorter than the film begins again
blend = 0.9               # how much of a frame's beginning is the frame before: less is nearer to
                          #   the clip, more is calmer

# [music]
# file = "@CLIP@"         # the clip's own sound, or a song

[optimize]                # how pictures follow their prompts
recipe = "picture-book"   # for the bundled models; "clean" or "notebook" for larger ones
seed = 7

[feedback]
iterations = 4            # steps of every frame; more, or a larger learning_rate, change more
learning_rate = 0.05
hold = 0                  # above 0: held to what the frame begins with

# The keyframes say which prompts rule, and when; between two of them one takes the place of the
# other.

[[keyframe]]
prompt = "a red hot air balloon in a sunset"

# [[keyframe]]
# at = "4s"
# prompt = "a yellow hot air balloon over snow at night"
)TOML";
// clang-format on

// Whether the title can stand between quotes as it is: UTF-8 without controls, quotes, backslashes.
bool is_plain(std::string_view title) {
  return std::none_of(title.begin(), title.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x7F || c == '"' || c == '\\';
  });
}

// About as many pixels as 192x128 in the clip's shape, in whole cells of 8 pixels a side.
std::pair<int, int> footage_size(int width, int height) {
  constexpr double kPixels = 192 * 128;
  constexpr int kCell = 8, kFewest = 8, kMost = 64;  // cells a side
  const double shape = static_cast<double>(width) / height;
  const auto cells = [&](double pixels) {
    return kCell * std::clamp(static_cast<int>(std::lround(pixels / kCell)), kFewest, kMost);
  };
  return {cells(std::sqrt(kPixels * shape)), cells(std::sqrt(kPixels / shape))};
}

// As part of a comment a line's end would end it.
bool is_printable(std::string_view name) {
  return std::none_of(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

}  // namespace

std::string scene_template(std::string_view title, std::string_view schema, TemplateKind kind) {
  std::string text(kind == TemplateKind::film   ? kTemplate
                   : kind == TemplateKind::zoom ? kZoomTemplate
                                                : kFootageTemplate);
  if (title.empty() || title.size() > 200 || !is_plain(title)) title = "First light";
  text.replace(text.find(kTitle), kTitle.size(), title);
  if (!schema.empty()) text.insert(0, "#:schema " + std::string(schema) + "\n");
  return text;
}

std::string footage_template(std::string_view title, std::string_view schema, std::string_view clip,
                             int width, int height) {
  if (!is_printable(clip)) throw std::invalid_argument("a clip's name that is not printable");
  auto text = scene_template(title, schema, TemplateKind::footage);
  const auto cells = footage_size(width, height);
  // `room`: up to its comment.
  const auto put_size = [&](std::string_view place, int factor, int room) {
    const auto size = fmt::format("\"{}x{}\"", cells.first * factor, cells.second * factor);
    text.replace(text.find(place), place.size(), fmt::format("{:<{}}", size, room));
  };
  put_size("@SIZE@", 1, 17);
  put_size("@OUTPUT@", 4, 15);
  const auto name = toml_text(clip);
  constexpr std::string_view kQuoted = "\"@CLIP@\"";
  for (auto at = text.find(kQuoted); at != std::string::npos; at = text.find(kQuoted, at)) {
    text.replace(at, kQuoted.size(), name);
    at += name.size();
  }
  return text;
}

}  // namespace latentreel::scenes
