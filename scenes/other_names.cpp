#include "scenes/other_names.h"

#include <array>

#include "scenes/mistakes.h"

namespace latentreel::scenes {
namespace {

struct OtherName {
  std::string_view theirs;  // in small letters, with '_'
  std::string_view hint;
};

constexpr std::string_view kSayStart =
    "it is called start here: start = \"moon.png\" in [optimize]";
constexpr std::string_view kSayIterations = "it is called iterations here, in [optimize]";
constexpr std::string_view kSayCutouts = "it is called cutouts here, in [optimize]";
constexpr std::string_view kSayRate = "it is called learning_rate here, in [optimize]";
constexpr std::string_view kSayClip = "it is called clip here, in [models]";
constexpr std::string_view kSayVqgan = "it is called vqgan here, in [models]";
constexpr std::string_view kSaySize = "a size is written size = \"480x480\" here, in [video]";
constexpr std::string_view kSayFps = "it is called fps here, in [video]";
constexpr std::string_view kSayDuration =
    "a film's length is written duration = \"12s\" in [video]";
constexpr std::string_view kSayExclude = "it is called exclude here: exclude = [\"blurry\"]";
constexpr std::string_view kSayPrompt = "it is called prompt here, in [[keyframe]]";
constexpr std::string_view kSayPictures =
    "a picture is one of the prompts: prompts = [{ image = \"moon.png\" }]";
constexpr std::string_view kSayQuality = "it is called quality here, in [video]: 0 is the best";
constexpr std::string_view kSaySong = "a song is written file = \"song.flac\" in [music]";
constexpr std::string_view kSayMotion = "the camera's motion is written in [motion] here";
constexpr std::string_view kSayZoom = "it is called zoom here, in [motion]: a factor a second";
constexpr std::string_view kSayRotate = "it is called rotate here, in [motion]: degrees a second";
constexpr std::string_view kSayPan =
    "it is called pan here, in [motion]: pan = [0.1, 0], in frame widths a second";
constexpr std::string_view kSayFlatCamera =
    "the camera moves over flat pictures here: zoom, pan, rotate and shear in [motion]";
constexpr std::string_view kSayDiffusion =
    "it belongs to diffusion models, which latentreel has none of";
constexpr std::string_view kSayNoise =
    "latentreel has no prompts of noise; another seed gives another picture";
constexpr std::string_view kSaySteps =
    "pictures of single steps come from: latentreel frames SCENE -o DIR --debug --snapshots 0,50";
constexpr std::string_view kSayUpscale =
    "latentreel makes no details anew; output = \"512x512\" in [video] scales the film";
constexpr std::string_view kSayCommandDevice = "it belongs to the command: --device cuda";
constexpr std::string_view kSayCommandOutput = "it belongs to the command: -o film.mp4";

constexpr std::array kOtherNames = {
    OtherName{"init_image", kSayStart},
    OtherName{"initial_image", kSayStart},
    OtherName{"start_image", kSayStart},
    OtherName{"image", kSayStart},
    OtherName{"init", kSayStart},
    OtherName{"init_weight", "it is called start_weight here, in [optimize]"},
    OtherName{"target_images", kSayPictures},
    OtherName{"target_image", kSayPictures},
    OtherName{"image_prompts", kSayPictures},
    OtherName{"image_prompt", kSayPictures},
    OtherName{"text_prompts", kSayPrompt},
    OtherName{"text_prompt", kSayPrompt},
    OtherName{"texts", kSayPrompt},
    OtherName{"text", kSayPrompt},
    OtherName{"caption", kSayPrompt},
    OtherName{"negative_prompt", kSayExclude},
    OtherName{"negative_prompts", kSayExclude},
    OtherName{"negative", kSayExclude},
    OtherName{"neg", kSayExclude},
    OtherName{"style", "a text that joins every prompt is called extra here, in [optimize]"},
    OtherName{"cutn", kSayCutouts},
    OtherName{"cut_n", kSayCutouts},
    OtherName{"num_cuts", kSayCutouts},
    OtherName{"num_cutouts", kSayCutouts},
    OtherName{"cut_pow", "it is called cut_power here, in [optimize]"},
    OtherName{"cutpow", "it is called cut_power here, in [optimize]"},
    OtherName{"cut_method", "it is called cutter here, in [optimize]"},
    OtherName{"augments", "it is called augment here, in [optimize]"},
    OtherName{"augs", "it is called augment here, in [optimize]"},
    OtherName{"step_size", kSayRate},
    OtherName{"stepsize", kSayRate},
    OtherName{"lr", kSayRate},
    OtherName{"optimiser", "it is called optimizer here, in [optimize]"},
    OtherName{"max_iterations", kSayIterations},
    OtherName{"max_iteration", kSayIterations},
    OtherName{"num_iterations", kSayIterations},
    OtherName{"iterations_per_frame", kSayIterations},
    OtherName{"max_steps", kSayIterations},
    OtherName{"steps", kSayIterations},
    OtherName{"epochs", kSayIterations},
    OtherName{"random_seed", "it is called seed here, in [optimize]"},
    OtherName{"manual_seed", "it is called seed here, in [optimize]"},
    OtherName{"clip_model", kSayClip},
    OtherName{"clip_models", kSayClip},
    OtherName{"perceptor", kSayClip},
    OtherName{"vqgan_model", kSayVqgan},
    OtherName{"vqgan_checkpoint", kSayVqgan},
    OtherName{"checkpoint", kSayVqgan},
    OtherName{"model", kSayVqgan},
    OtherName{"model_name", kSayVqgan},
    OtherName{
        "vqgan_config",
        "leave it out: the architecture is known from the weights named by vqgan in [models]"},
    OtherName{"width", kSaySize},
    OtherName{"height", kSaySize},
    OtherName{"resolution", kSaySize},
    OtherName{"image_size", kSaySize},
    OtherName{"sizex", kSaySize},
    OtherName{"sizey", kSaySize},
    OtherName{"framerate", kSayFps},
    OtherName{"frame_rate", kSayFps},
    OtherName{"initial_fps", kSayFps},
    OtherName{"output_fps", kSayFps},
    OtherName{"input_fps", kSayFps},
    OtherName{"video_fps", kSayFps},
    OtherName{"max_frames", kSayDuration},
    OtherName{"num_frames", kSayDuration},
    OtherName{"frames", kSayDuration},
    OtherName{"length", kSayDuration},
    OtherName{"crf", kSayQuality},
    OtherName{"bitrate", kSayQuality},
    OtherName{"audio", kSaySong},
    OtherName{"song", kSaySong},
    OtherName{"sound", kSaySong},
    OtherName{"tempo", "it is called bpm here, in [music]"},
    OtherName{"time", "it is called at here: at = \"4s\" in [[keyframe]]"},
    OtherName{"frame", "write at = \"frame 96\" in [[keyframe]]"},
    OtherName{"key_frames", "each keyframe is a table of its own: [[keyframe]]"},
    OtherName{"zoom_speed", kSayZoom},
    OtherName{"angle", kSayRotate},
    OtherName{"rotation", kSayRotate},
    OtherName{"rotation_x", kSayFlatCamera},
    OtherName{"rotation_y", kSayFlatCamera},
    OtherName{"rotation_z", kSayRotate},
    OtherName{"rotation_3d_x", kSayFlatCamera},
    OtherName{"rotation_3d_y", kSayFlatCamera},
    OtherName{"rotation_3d_z", kSayRotate},
    OtherName{"translation_x", kSayPan},
    OtherName{"translation_y", kSayPan},
    OtherName{"translation_z", kSayZoom},
    OtherName{"zoom_frequency", kSayZoom},
    OtherName{"zoom_start", kSayMotion},
    OtherName{"zoom_scale", kSayZoom},
    OtherName{"zoom_shift_x", kSayPan},
    OtherName{"zoom_shift_y", kSayPan},
    OtherName{"animation_mode", kSayMotion},
    OtherName{"near_plane", kSayFlatCamera},
    OtherName{"far_plane", kSayFlatCamera},
    OtherName{"noise_prompt_seeds", kSayNoise},
    OtherName{"noise_prompt_weights", kSayNoise},
    OtherName{"init_noise", "what a picture begins as is called start here, in [optimize]"},
    OtherName{"cfg_scale", kSayDiffusion},
    OtherName{"guidance_scale", kSayDiffusion},
    OtherName{"clip_guidance_scale", kSayDiffusion},
    OtherName{"sampler", kSayDiffusion},
    OtherName{"scheduler", kSayDiffusion},
    OtherName{"strength", kSayDiffusion},
    OtherName{"eta", kSayDiffusion},
    OtherName{"display_freq", kSaySteps},
    OtherName{"display_frequency", kSaySteps},
    OtherName{"save_freq", kSaySteps},
    OtherName{"save_every", kSaySteps},
    OtherName{"images_interval", kSaySteps},
    OtherName{"upscale", kSayUpscale},
    OtherName{"super_resolution", kSayUpscale},
    OtherName{"device", kSayCommandDevice},
    OtherName{"cuda_device", kSayCommandDevice},
    OtherName{"output_file", kSayCommandOutput},
    OtherName{"outdir", kSayCommandOutput},
    OtherName{"batch_name", kSayCommandOutput},
};

}  // namespace

std::string called_here(std::string_view key) {
  for (const auto& [theirs, hint] : kOtherNames) {
    if (same_key(theirs, key)) return std::string(hint);
  }
  return {};
}

}  // namespace latentreel::scenes
