#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "ffmpeg/image.h"
#include "scenes/scene.h"
#include "src/optimize/cutouts.h"
#include "src/optimize/model_pack.h"
#include "src/optimize/objective.h"

namespace latentreel::render {

// A keyframe's prompts as one CLIP sees them: prompts with weight include_weight * w, excluded
// texts with -exclude_weight * w. Where the scene has extra texts, a text prompt becomes the sum of
// its raw encoding and extra_weight times theirs (a mix). A picture is scaled to fit the film's
// picture, cut like a frame (iteration 0 of a stream of its own), and every cutout is a row of its
// embedding. Throws WeightsError for a prompt that is too long, MediaError for a picture.
std::vector<Target> make_targets(const scenes::Keyframe& keyframe, const LoadedClip& clip,
                                 const Cutouts& cutouts, int width, int height);

// The sum of the raw encodings of a keyframe's extra texts, [1, E] as Target::embedding; undefined
// where it has none.
at::Tensor encode_extra(const scenes::Keyframe& keyframe, const LoadedClip& clip);

// Reads every picture and moment of a clip among a keyframe's prompts. Returns what a person should
// know of them, whole sentences. Throws MediaError for one that cannot be read.
std::vector<std::string> check_pictures(const scenes::Keyframe& keyframe);

// A sentence for each word of a keyframe's texts that a CLIP with a vocabulary of its own was never
// taught: the picture will hardly show it.
std::vector<std::string> unknown_words(const scenes::Keyframe& keyframe,
                                       const std::vector<ClipIdentity>& clips);

// SHA-256 of a file in 64 digits; who knows them already need not read clips of gigabytes again.
using DigestOf = std::function<std::string(const std::filesystem::path&)>;

// The number that a keyframe's random draws are keyed with: a hash of its prompts' tokens and
// pictures, so that neither its place nor any other keyframe matters.
std::uint64_t content_hash(const scenes::Keyframe& keyframe, const models::ClipTokenizer& tokenizer,
                           const DigestOf& digest_of);
// The same, reading every file.
std::uint64_t content_hash(const scenes::Keyframe& keyframe,
                           const models::ClipTokenizer& tokenizer);

// An 8-bit picture as [1, 3, H, W] float32 in [0, 1].
at::Tensor to_tensor(const ffmpeg::Image& image);
// The reverse: value * 255 rounded. image: [1, 3, H, W] in [0, 1].
ffmpeg::Image to_image(const at::Tensor& image);

}  // namespace latentreel::render
