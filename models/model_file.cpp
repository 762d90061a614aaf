#include "models/model_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "models/clip/clip.h"
#include "models/clip/names.h"
#include "models/clip/published_config.h"
#include "models/files/error.h"
#include "models/files/weights_file.h"
#include "models/vqgan/config.h"
#include "models/vqgan/diffusers_config.h"
#include "models/vqgan/names.h"
#include "models/vqgan/vqgan.h"
#include "models/vqgan/yaml_config.h"

namespace latentreel::models {
namespace {

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

void add_prefix(const std::string& prefix, ModelFile& model) {
  if (prefix.empty()) return;
  model.notes.push_back(fmt::format("The network is the one under {}.", shown(prefix)));
}

// ---- Which network of a file --------------------------------------------------------------------

// "model" and "model." are the same prefix.
std::string with_dot(std::string prefix) {
  if (!prefix.empty() && prefix.back() != '.') prefix += '.';
  return prefix;
}

template <class Place>
std::string listed_prefixes(const std::vector<Place>& places) {
  constexpr std::size_t kMostListed = 8;
  std::vector<std::string> texts;
  for (const auto& place : places) {
    if (texts.size() == kMostListed) break;
    texts.push_back(place.prefix.empty() ? "none" : shown(place.prefix));
  }
  return fmt::format("{}{}", fmt::join(texts, ", "), places.size() > kMostListed ? ", …" : "");
}

// Those of `places` that a person means: the ones with that prefix.
template <class Place>
std::vector<Place> with_prefix(const WeightsFile& file, std::vector<Place> places,
                               const std::optional<std::string>& given) {
  if (!given || places.empty()) return places;
  const auto prefix = with_dot(*given);
  auto chosen = places;
  std::erase_if(chosen, [&](const auto& place) { return place.prefix != prefix; });
  if (!chosen.empty()) return chosen;
  refuse(file, fmt::format("no network in it has the prefix {}", shown(prefix)),
         fmt::format("Prefixes of those that it holds: {}.", listed_prefixes(places)));
}

// Those whose tensors are exactly a network's.
template <class Place>
std::vector<Place> fitting(const std::vector<Place>& places,
                           const std::function<void(const Place&)>& check) {
  std::vector<Place> result;
  for (const auto& place : places) {
    try {
      check(place);
      result.push_back(place);
    } catch (const WeightsError&) {
      continue;  // it is another network, or a part of one
    }
  }
  return result;
}

template <class Place>
[[noreturn]] void ask_which(const WeightsFile& file, const std::vector<Place>& places) {
  refuse(
      file, fmt::format("it holds {} networks of that kind", places.size()),
      fmt::format("Say which, by what stands before its tensors' names: latentreel models import "
                  "FILE --prefix PREFIX. There are {}.",
                  listed_prefixes(places)));
}

// The place that is meant: the only one, else the only one that fits, else of those that fit the
// one whose names have no prefix. None of these: an error asks.
template <class Place>
Place choose(const WeightsFile& file, const std::vector<Place>& places,
             const std::function<void(const Place&)>& check) {
  constexpr std::size_t kMostTried = 16;  // each try builds a network
  if (places.size() == 1) return places.front();
  if (places.size() > kMostTried) ask_which(file, places);
  const auto fit = fitting(places, check);
  if (fit.empty()) return places.front();  // whose error tells what is wrong
  if (fit.size() == 1 || fit.front().prefix.empty()) return fit.front();
  ask_which(file, fit);
}

// ---- CLIP ---------------------------------------------------------------------------------------

// One activation and normalisation serve all of OpenAI's CLIPs.
void say_openai_facts(ModelFile& model) {
  const std::pair<const char*, const char*> facts[] = {
      {"activation", "quick_gelu"},
      {"image_mean", "0.48145466 0.4578275 0.40821073"},
      {"image_std", "0.26862954 0.26130258 0.27577711"},
  };
  for (const auto& [key, value] : facts) {
    if (!model.weights.metadata(key)) model.weights.set_metadata(key, value);
  }
  model.notes.emplace_back(
      "It holds the numbers that describe OpenAI's own files (input_resolution, …): its activation "
      "and normalisation are known.");
}

// Adds metadata that came from a file beside the model, where the model does not say it itself.
void add_sidecar_metadata(const StateDict::Metadata& metadata, ModelFile& model) {
  for (const auto& [key, value] : metadata) {
    if (model.weights.metadata(key)) continue;
    model.weights.set_metadata(key, value);
    model.sidecar_metadata +=
        fmt::format("{}{}={}", model.sidecar_metadata.empty() ? "" : " ", key, value);
  }
}

// What files beside a CLIP say, where the file itself does not say it.
void take_published_config(const WeightsFile& file, ClipNaming naming, ModelFile& model) {
  const auto said = read_published_clip_config(file.path().parent_path(), naming, model.weights);
  if (said.is_open_clip) model.naming = words(ClipNaming::open_clip);
  add_sidecar_metadata(said.metadata, model);
  model.notes.insert(model.notes.end(), said.notes.begin(), said.notes.end());
}

void warn_of_unknown_activation(const WeightsFile& file, ClipNaming naming, ModelFile& model) {
  if (model.weights.metadata("activation")) return;
  model.warnings.push_back(fmt::format(
      "Nothing says which activation the CLIP {} was trained with, and its tensors cannot show it. "
      "That of OpenAI's, quick_gelu, is assumed; LAION's and most others of open_clip have gelu, "
      "and with the wrong one it sees badly. Put its {} beside it, or import it and say which: "
      "latentreel models import FILE --activation gelu (or quick_gelu).",
      file.path().string(),
      naming == ClipNaming::hugging_face ? "config.json" : "open_clip_config.json"));
}

ClipPlace clip_in(const WeightsFile& file, const std::optional<std::string>& prefix) {
  const auto places = with_prefix(file, find_clips(file), prefix);
  if (places.empty()) {
    refuse(file, "it is not a CLIP model: " + what_it_holds(file),
           "Name a CLIP in OpenAI's, open_clip's or Hugging Face's form.");
  }
  return choose<ClipPlace>(file, places,
                           [&](const auto& place) { Clip::check(take_clip(file, place).weights); });
}

ModelFile open_clip(const WeightsFile& file, const OpenOptions& options) {
  const auto place = clip_in(file, options.prefix);
  ModelFile model;
  auto taken = take_clip(file, place);
  model.weights = std::move(taken.weights);
  for (const auto& [key, value] : options.metadata) model.weights.set_metadata(key, value);
  add_prefix(place.prefix, model);
  add_left_out(taken.left_out, model);
  model.naming = words(place.naming);
  if (has_openai_numbers(file, place)) {
    say_openai_facts(model);
  } else {
    take_published_config(file, place.naming, model);
  }
  Clip::check(model.weights);
  warn_of_unknown_activation(file, place.naming, model);
  return model;
}

// ---- VQGAN --------------------------------------------------------------------------------------

bool makes_colours(const VqganConfig& config) {
  return config.in_channels == 3 && config.out_channels == 3;
}

VqganPlace vqgan_in(const WeightsFile& file, const std::optional<std::string>& prefix) {
  const auto places = with_prefix(file, find_vqgans(file), prefix);
  if (places.empty()) {
    refuse(file, near_vqgan(file).value_or("it is not a VQGAN: " + what_it_holds(file)),
           "Name a VQGAN of taming-transformers (last.ckpt), latent-diffusion or diffusers "
           "(VQModel), or a pack made of one.");
  }
  return choose<VqganPlace>(file, places, [&](const auto& place) {
    const auto weights = take_vqgan(file, place).weights;
    Vqgan::check(weights);
    if (!makes_colours(infer_vqgan_config(weights))) refuse(file, "it has other channels", "");
  });
}

void check_colours(const WeightsFile& file, const VqganConfig& config) {
  if (makes_colours(config)) return;
  refuse(file,
         fmt::format("it makes pictures of {} channels from {}, not of three colours",
                     config.out_channels, config.in_channels),
         "Segmentation and depth models cannot render films; name an RGB model.");
}

ModelFile open_vqgan(const WeightsFile& file, const OpenOptions& options) {
  const auto place = vqgan_in(file, options.prefix);
  ModelFile model;
  model.naming = words(place.naming);
  auto taken = take_vqgan(file, place);
  model.weights = std::move(taken.weights);
  for (const auto& [key, value] : options.metadata) model.weights.set_metadata(key, value);
  add_prefix(place.prefix, model);
  add_left_out(taken.left_out, model);
  if (place.naming == VqganNaming::diffusers) {
    const auto said = read_diffusers_config(file.path().parent_path(), model.weights);
    add_sidecar_metadata(said.metadata, model);
    model.notes.insert(model.notes.end(), said.notes.begin(), said.notes.end());
  }
  const auto config = infer_vqgan_config(model.weights);
  check_colours(file, config);
  Vqgan::check(model.weights);
  if (const auto yaml = yaml_beside(file.path())) {
    check_against_yaml(config, *yaml, file.path());
    model.notes.push_back(fmt::format("{} agrees with its shapes.", yaml->filename().string()));
  }
  return model;
}

}  // namespace

Network network_of(const std::filesystem::path& file, const std::optional<std::string>& prefix) {
  const auto opened = WeightsFile::open(file);
  auto clips = find_clips(opened);
  auto vqgans = find_vqgans(opened);
  if (prefix) {
    const auto is_other = [&](const auto& place) { return place.prefix != with_dot(*prefix); };
    const bool is_one_of_them = !std::all_of(clips.begin(), clips.end(), is_other) ||
                                !std::all_of(vqgans.begin(), vqgans.end(), is_other);
    if (is_one_of_them) {
      std::erase_if(clips, is_other);
      std::erase_if(vqgans, is_other);
    }
  }
  if (!clips.empty() && !vqgans.empty()) {
    refuse(opened, "it holds both a CLIP and a VQGAN", "Say which with --clip or --vqgan.");
  }
  if (!clips.empty()) return Network::clip;
  if (!vqgans.empty()) return Network::vqgan;
  refuse(opened,
         near_vqgan(opened).value_or("it is neither a CLIP nor a VQGAN: " + what_it_holds(opened)),
         "Name the file of a CLIP or of a VQGAN.");
}

ModelFile open_model(const std::filesystem::path& file, Network network,
                     const OpenOptions& options) {
  const auto opened = WeightsFile::open(file);
  auto model = network == Network::clip ? open_clip(opened, options) : open_vqgan(opened, options);
  model.files = opened.files();
  model.container = opened.container();
  if (options.finite == StateDict::Finite::check) model.weights.check_finite();
  return model;
}

}  // namespace latentreel::models
