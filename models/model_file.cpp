#include "models/model_file.h"

#include <fmt/format.h>

#include "models/clip/clip.h"
#include "models/clip/names.h"
#include "models/clip/published_config.h"
#include "models/files/error.h"
#include "models/files/weights_file.h"
#include "models/vqgan/config.h"
#include "models/vqgan/names.h"
#include "models/vqgan/vqgan.h"
#include "models/vqgan/yaml_config.h"

namespace latentreel::models {
namespace {

constexpr std::string_view kArchive = "TorchScript archive";

[[noreturn]] void refuse(const WeightsFile& file, const std::string& problem,
                         const std::string& advice) {
  throw WeightsError(WeightsError::Kind::invalid,
                     {.doing = "opening the model " + file.path().string(),
                      .tensor = {},
                      .problem = problem,
                      .advice = advice});
}

// "model.bin holds 302 names, such as "a" and "b"": a hint for a person who took the wrong file.
std::string what_it_holds(const WeightsFile& file) {
  const auto names = file.names();
  if (names.empty()) return "it holds no tensors";
  return fmt::format("it holds {} names, from {} to {}", names.size(), shown(names.front()),
                     shown(names.back()));
}

void add_left_out(std::size_t count, ModelFile& model) {
  if (count > 0) {
    model.notes.push_back(
        count == 1 ? std::string("One tensor that rendering does not need was left out.")
                   : fmt::format("{} tensors that rendering does not need were left out.", count));
  }
}

// Only OpenAI publishes its CLIPs as such archives; one activation and normalisation serve them
// all.
bool is_openai_archive(const WeightsFile& file, ClipNaming naming) {
  return naming == ClipNaming::openai && file.container() == kArchive;
}

void say_openai_facts(ModelFile& model) {
  model.weights.set_metadata("activation", "quick_gelu");
  model.weights.set_metadata("image_mean", "0.48145466 0.4578275 0.40821073");
  model.weights.set_metadata("image_std", "0.26862954 0.26130258 0.27577711");
  model.notes.emplace_back(
      "An archive like this is OpenAI's own: its activation and normalisation "
      "are known.");
}

// What files beside a CLIP say, where the file itself does not say it.
void take_published_config(const WeightsFile& file, ClipNaming naming, ModelFile& model) {
  const auto said = read_published_clip_config(file.path().parent_path(), naming, model.weights);
  if (said.is_open_clip) model.naming = words(ClipNaming::open_clip);
  for (const auto& [key, value] : said.metadata) {
    if (model.weights.metadata(key)) continue;
    model.weights.set_metadata(key, value);
    model.sidecar_metadata +=
        fmt::format("{}{}={}", model.sidecar_metadata.empty() ? "" : " ", key, value);
  }
  model.notes.insert(model.notes.end(), said.notes.begin(), said.notes.end());
}

ModelFile open_clip(const WeightsFile& file) {
  const auto naming = clip_naming(file);
  if (!naming) {
    refuse(file, "it is not a CLIP model: " + what_it_holds(file),
           "Name a CLIP in OpenAI's, open_clip's or Hugging Face's form.");
  }
  ModelFile model;
  model.container = file.container();
  auto taken = take_clip(file, *naming);
  model.weights = std::move(taken.weights);
  add_left_out(taken.left_out, model);
  model.naming = words(*naming);
  if (is_openai_archive(file, *naming)) {
    say_openai_facts(model);
  } else {
    take_published_config(file, *naming, model);
  }
  Clip::check(model.weights);
  return model;
}

ModelFile open_vqgan(const WeightsFile& file) {
  const auto prefix = vqgan_prefix(file);
  if (!prefix) {
    refuse(file, "it is not a VQGAN: " + what_it_holds(file),
           "Name a VQGAN of taming-transformers (last.ckpt), or a pack made of one.");
  }
  ModelFile model;
  model.container = file.container();
  model.naming = "taming-transformers";
  auto taken = take_vqgan(file, *prefix);
  model.weights = std::move(taken.weights);
  if (!prefix->empty()) {
    model.notes.push_back(fmt::format("The network is the one under \"{}\".", *prefix));
  }
  add_left_out(taken.left_out, model);

  const auto config = infer_vqgan_config(model.weights);
  if (config.in_channels != 3 || config.out_channels != 3) {
    refuse(file,
           fmt::format("it makes pictures of {} channels from {}, not of three colours",
                       config.out_channels, config.in_channels),
           "Segmentation and depth models cannot render films; name an RGB model.");
  }
  Vqgan::check(model.weights);
  if (const auto yaml = yaml_beside(file.path())) {
    check_against_yaml(config, *yaml, file.path());
    model.notes.push_back(fmt::format("{} agrees with its shapes.", yaml->filename().string()));
  }
  return model;
}

}  // namespace

Network network_of(const std::filesystem::path& file) {
  const auto opened = WeightsFile::open(file);
  if (clip_naming(opened)) return Network::clip;
  if (vqgan_prefix(opened)) return Network::vqgan;
  refuse(opened, "it is neither a CLIP nor a VQGAN: " + what_it_holds(opened),
         "Name the file of one of them.");
}

ModelFile open_model(const std::filesystem::path& file, Network network, StateDict::Finite finite) {
  const auto opened = WeightsFile::open(file);
  auto model = network == Network::clip ? open_clip(opened) : open_vqgan(opened);
  if (finite == StateDict::Finite::check) model.weights.check_finite();
  return model;
}

}  // namespace latentreel::models
