#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenes/curve.h"
#include "scenes/easing.h"
#include "scenes/rational_time.h"
#include "scenes/signal.h"
#include "scenes/still.h"

// What the person asked for. Every value here is complete and valid once `read_scene` returned it:
// recipes are resolved, defaults filled in, times exact, paths made relative to the scene's folder.

namespace latentreel::scenes {

// --- Optimization --------------------------------------------------------------------------------

// descent: ClampWithGrad, which outside the range passes only gradients that lead back into it.
enum class ImageClamp { plain, descent };
enum class Cutter { padded, crops, pooled };  // the article's, Crowson's, nerdyrodent's
enum class LossKind { cosine, spherical };    // spherical: squared great-circle distance
// normalized: Adam with one second moment for the whole latent, so that cells move in proportion to
// their gradients.
enum class OptimizerKind { adam, adamw, adagrad, adamax, radam, rmsprop, normalized };
enum class StartKind { random, sine, previous, nearest, image };
enum class Keep { best, last };
enum class Precision { float32, bfloat16, automatic };  // "auto" in a scene

// What lies outside a warped picture.
enum class PaddingMode { zeros, border, reflection };

// One step of the cutouts' augmentation, applied in the order written. Only the fields named after
// each kind matter to it; defaults are the notebook's (kornia 0.5.4 meanings).
struct Augment {
  enum class Kind {
    flip,         // probability: mirror left and right
    affine,       // degrees, translate, shear, border, nearest
    perspective,  // scale: how far corners move inwards, as a part of half the side
    jitter,       // brightness, contrast, saturation, hue
    erase,        // area, ratio: one rectangle for all cutouts, filled with 0
    sharpness,    // amount: factor drawn from [0, amount]
    rotate,       // degrees
  };
  Kind kind = Kind::flip;
  double probability = 1.0;  // drawn for each cutout on its own (erase: once for all)
  double degrees = 0.0;      // angle drawn from [-degrees, degrees]
  double translate_x = 0.0;  // part of the width, drawn from [-x, x]
  double translate_y = 0.0;  // part of the height
  double shear = 0.0;        // degrees of x-shear, drawn from [-shear, shear]
  PaddingMode border = PaddingMode::zeros;
  bool nearest = false;     // nearest-neighbour sampling in place of bilinear
  double scale = 0.0;       // perspective
  double brightness = 0.0;  // jitter: factor drawn from 1 +- this, likewise the next two
  double contrast = 0.0;
  double saturation = 0.0;
  double hue = 0.0;  // part of the colour circle, drawn from +- this (at most 0.5)
  double area_min = 0.1, area_max = 0.4;        // erase: part of the picture
  double ratio_min = 0.3, ratio_max = 1 / 0.3;  // erase: height over width
  double amount = 0.3;                          // sharpness

  friend bool operator==(const Augment&, const Augment&) = default;
};

// A text or picture that CLIP compares the cutouts with.
struct Prompt {
  enum class Kind { text, image };
  Kind kind = Kind::text;
  std::string text{};  // UTF-8
  Still image{};       // for Kind::image
  // As written; below zero pushes away. One that changes over the film (only where every frame is
  // optimized) is what settle_weights() found at the keyframe.
  double weight = 1.0;
  std::optional<Curve> weight_curve{};                     // where it changes
  double stop = -std::numeric_limits<double>::infinity();  // no gradient below this signed distance
  int line = 0;  // where the scene file has it, for messages; 0: from elsewhere

  // Wherever they come from.
  friend bool operator==(const Prompt& a, const Prompt& b) {
    return a.kind == b.kind && a.text == b.text && a.image == b.image && a.weight == b.weight &&
           a.weight_curve == b.weight_curve && a.stop == b.stop;
  }
};

// Where the scene file has each of some things, for messages; what they are does not depend on it.
struct Lines {
  std::vector<int> numbers;  // as Prompt::line

  friend bool operator==(const Lines&, const Lines&) { return true; }
};

// How one keyframe is optimized. The recipes (`scenes/recipes.h`) are sets of these.
struct OptimizeOptions {
  std::string recipe = "notebook";
  int iterations = 200;            // steps
  std::vector<std::string> extra;  // joined to every prompt, as raw text encodings
  Lines extra_lines;
  std::vector<Prompt> exclude;  // pushed away from, with weight -exclude_weight * weight
  std::uint64_t seed = 0;
  StartKind start = StartKind::random;
  Still start_image;          // for StartKind::image
  double start_weight = 0.0;  // w: loss gains w * mean((z - z0)^2) / s^2
  // From coarse to fine: coarse_iterations steps on a picture whose sides are halved `coarse`
  // times, as many again after each doubling of the sides, then `iterations` steps at full size.
  // The coarsest stage is run `restarts` times, each with its own random draws; only the result of
  // least loss is continued.
  int coarse = 0;
  int coarse_iterations = 50;
  int restarts = 1;
  // For start = "nearest" alone:
  bool collage = false;       // what the nearest picture lacks comes from others of the bank
  double match_weight = 0.0;  // added to start_weight, times how much of the prompt the start shows
  double contrast = 0.0;      // weight of pushing away from what the start already shows
  double smooth = 0.0;  // standard deviation of the Gaussian that evens out the gradient, cells
  double mask = 1.0;    // part of the cells that change freely: where the gradient is largest
  // Every cycle_every steps z moves this part of the way to encode(decode(z)).
  double cycle = 0.0;
  int cycle_every = 5;
  bool quantize = true;  // straight-through to the codebook
  ImageClamp image_clamp = ImageClamp::descent;
  Cutter cutter = Cutter::pooled;
  int cutouts = 32;
  double cut_power = 1.0;  // crops: size = U^cut_power between its bounds
  // crops: the smallest and largest crop as parts of the shorter side; unset: Crowson's bounds,
  // min(W, H, R) to min(W, H).
  std::optional<double> cut_min, cut_max;
  std::vector<Augment> augment;
  double noise = 0.1;  // factor of the normal noise, drawn from [0, noise] per cutout
  LossKind loss = LossKind::spherical;
  double include_weight = 1.0;  // alpha
  double exclude_weight = 0.5;  // beta
  double extra_weight = 1.0;    // w
  // Where they change over the film, as Prompt::weight_curve.
  std::optional<Curve> include_weight_curve, exclude_weight_curve, extra_weight_curve;
  OptimizerKind optimizer = OptimizerKind::adam;
  double learning_rate = 0.1;
  double learning_rate_end = 1.0;  // of the last step, relative to the first; a cosine between
  double weight_decay = 0.0;
  bool clamp = true;  // latent to the codebook's range after each step
  Keep keep = Keep::best;
  double average = 0.0;  // weight of the past, below 1, in the moving average of z that is kept
  int patience = 0;      // stop after this many steps without improvement; 0: never
  Precision precision = Precision::automatic;

  friend bool operator==(const OptimizeOptions&, const OptimizeOptions&) = default;
};

// --- The film ------------------------------------------------------------------------------------

inline constexpr std::size_t kMaxTitleBytes = 500;  // of title and artist

enum class Codec { h264, hevc, av1, prores, ffv1 };

struct VideoOptions {
  int width = 256, height = 256;            // of the generated picture, pixels, as written
  int output_width = 0, output_height = 0;  // delivery size; 0: the generated size
  FrameRate fps;
  Codec codec = Codec::h264;
  std::optional<double> quality;  // x264's scale, 0 best to 51; unset: 17 (none for prores, ffv1)
  std::optional<RationalTime> duration;
};

// How a film's song is stored: "auto" copies its packets where the container can carry them and
// takes ALAC elsewhere.
enum class SongCodec { automatic, copy, alac, aac };
enum class SongChannels { keep, stereo };

struct SongMap;

struct MusicOptions {
  std::filesystem::path file;       // empty: no song
  RationalTime from;                // a part of the song begins here ...
  std::optional<RationalTime> to;   // ... and ends here
  std::optional<RationalTime> bpm;  // beats a minute, exact
  RationalTime offset;              // when beat 1 sounds
  int beats_per_bar = 4;
  // Files with times of the song, empty: none. See song_map.h.
  std::filesystem::path beats;     // beats, bars, and sections where `sections` is empty
  std::filesystem::path sections;  // sections and other named places
  std::filesystem::path lyrics;
  std::shared_ptr<const SongMap> map;  // what these say, once the scene was read
  SongCodec codec = SongCodec::automatic;
  SongChannels channels = SongChannels::keep;
  std::optional<double> gain = 0.0;  // in dB; none: "auto", which lowers peaks to full scale
  bool chapters = true;              // of the film, by the song's sections, if there are any
  bool subtitles = true;             // by the lyrics
};

struct ClipChoice {
  std::string name;  // of the model library, or a path
  double weight = 1.0;
};

struct ModelOptions {
  std::string vqgan = "tiny";
  std::vector<ClipChoice> clip = {{"tiny", 1.0}};
};

enum class PathKind { linear, spherical, spline, rise, bloom };
enum class Pacing { even, clock };

struct InterpolateOptions {
  PathKind path = PathKind::spherical;
  Easing easing = Easing::ease_in_out;
  Pacing pacing = Pacing::even;
  bool loop = false;
  // How far a frame goes towards the next keyframe, beside the others of its interval; not below 0.
  Curve speed{1.0};
};

enum class PulseTarget { noise, next, previous, keyframe };

// Every frame's latent leaves its way for something else.
struct PulseOptions {
  Curve amount{0.0};  // of the way there, [0, 1]
  PulseTarget towards = PulseTarget::noise;
  int keyframe = 0;  // for PulseTarget::keyframe: counted from 0, in order of time
  int seed = 0;      // for PulseTarget::noise
};

// What lies beyond the picture's edges: the picture mirrored, its outermost pixels, the picture
// again, or nothing.
enum class Edge { mirror, border, wrap, black };
// Since when the camera moves: the film's beginning, or the last keyframe.
enum class MotionFrom { film, keyframe };

// How the camera moves over the pictures (camera_path.h): speeds, so that what they are now changes
// all that comes later.
struct MotionOptions {
  Curve zoom{1.0};               // factor a second
  Curve pan_x{0.0}, pan_y{0.0};  // frame widths a second, to the right and down
  Curve rotate{0.0};             // degrees a second; what is seen turns clockwise
  Curve shear{0.0};              // of rows against each other, frame widths a second and width
  Curve center_x{0.5}, center_y{0.5};  // of zoom, rotate and shear, as a part of the frame
  Edge edge = Edge::mirror;
  MotionFrom from = MotionFrom::film;

  friend bool operator==(const MotionOptions&, const MotionOptions&) = default;
};

enum class FeedbackRecipe { steady, zoom, story, footage };
// Whether the optimizer knows, of each frame, what it learned in the one before.
enum class FeedbackLearning { fresh, carried };
// Whether brightness and contrast are held against what moving and encoding pictures does to them.
enum class FeedbackColor { keyframe, free };

// Frames that grow out of one another (frame_chains.h). The defaults are those of
// FeedbackRecipe::steady.
struct FeedbackOptions {
  bool on = false;  // the scene has a table [feedback], or footage
  FeedbackRecipe recipe = FeedbackRecipe::steady;
  int iterations = 12;                    // steps of every frame
  double hold = 0.3;                      // start_weight of every frame
  std::optional<double> learning_rate{};  // unset: the keyframe's
  FeedbackLearning learning = FeedbackLearning::fresh;
  FeedbackColor color = FeedbackColor::keyframe;
  // What a frame shows is the mean of so many latents, its own and those before it; each has
  // average_weight times the weight of the one after it.
  int average = 1;
  double average_weight = 0.5;

  friend bool operator==(const FeedbackOptions&, const FeedbackOptions&) = default;
};

// Footage that is repainted: every frame begins with what a clip shows at its time.
struct SourceOptions {
  std::filesystem::path video;  // empty: no footage
  RationalTime from;            // of the clip, counted from its first frame: where the film begins
  bool loop = false;            // it begins again at its end; else its last frame stands
  // How much of a frame's beginning is the picture made for the frame before, carried on by the
  // motion between the clip's frames; the rest is the clip's own.
  double blend = 0.9;

  bool on() const { return !video.empty(); }
};

// What is done to every decoded picture, in this order; 1: nothing.
struct PictureOptions {
  Curve brightness{1.0};  // factor of RGB
  Curve contrast{1.0};    // factor of the distance to middle gray
  Curve saturation{1.0};  // factor of the distance to gray of the same luma
};

struct Keyframe {
  RationalTime at;
  RationalTime hold;            // stay on this picture
  bool cut = false;             // nothing leads to it: what was before stands until its frame
  std::vector<Prompt> prompts;  // at least one
  OptimizeOptions optimize;     // defaults, recipe, [optimize], keyframe and overrides resolved
  int line = 0;                 // where the scene file has it, for messages
};

struct Scene {
  std::filesystem::path file;  // as given on the command line
  std::string title;           // default: the file's stem, but see complete_names (film_tracks.h)
  bool titled = false;         // the title is the scene's own
  std::string artist;          // empty: none, but see complete_names
  VideoOptions video;
  MusicOptions music;
  ModelOptions models;
  InterpolateOptions interpolate;
  PulseOptions pulse;
  MotionOptions motion;
  FeedbackOptions feedback;
  SourceOptions source;
  PictureOptions picture;
  // Those that the scene defines; others exist by themselves (song_signals.h).
  std::vector<SignalOptions> signals;
  std::vector<Keyframe> keyframes;  // at least one, in order of time, all on different frames
  // Frames say where they are and flash on beats. No scene file can ask for it: preview_of does.
  bool captions = false;
  // What is allowed and probably not meant, for the person who renders it: a line each.
  std::vector<std::string> notes;
};

}  // namespace latentreel::scenes
