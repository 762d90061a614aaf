#include "scenes/scene_template.h"

#include <algorithm>

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
// clang-format on

// Whether the title can stand between quotes as it is: UTF-8 without controls, quotes, backslashes.
bool is_plain(std::string_view title) {
  return std::none_of(title.begin(), title.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x7F || c == '"' || c == '\\';
  });
}

}  // namespace

std::string scene_template(std::string_view title, std::string_view schema) {
  std::string text(kTemplate);
  if (title.empty() || title.size() > 200 || !is_plain(title)) title = "First light";
  text.replace(text.find(kTitle), kTitle.size(), title);
  if (!schema.empty()) text.insert(0, "#:schema " + std::string(schema) + "\n");
  return text;
}

}  // namespace latentreel::scenes
