#include "src/train/work_folder.h"

#include <fmt/format.h>

#include "models/files/error.h"
#include "models/files/state_dict.h"
#include "src/files/atomic_file.h"
#include "src/train/stages/clip_stage.h"

namespace latentreel::train {

namespace fs = std::filesystem;

void WorkFolder::require(const std::string& name) const {
  const auto path = file(name + ".safetensors");
  std::error_code ignored;
  if (fs::exists(path, ignored)) return;
  throw models::WeightsError(
      models::WeightsError::Kind::missing,
      {.doing = "opening " + path.string(),
       .tensor = {},
       .problem = "it is not there yet",
       .advice =
           fmt::format("Train it first: latentreel-train {} --folder {}", name, path_.string())});
}

models::StateDict WorkFolder::weights(const std::string& name) const {
  require(name);
  return models::StateDict::load_safetensors(file(name + ".safetensors"));
}

models::Vqgan WorkFolder::vqgan(models::Placement placement) const {
  return models::Vqgan(weights("vqgan"), placement);
}

models::Clip WorkFolder::clip(const std::string& name, models::Placement placement) const {
  return models::Clip(weights(name), placement);
}

training::Dataset WorkFolder::dataset(uint64_t seed) const {
  const auto path = file("merges.txt");
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    fs::create_directories(path_, ignored);
    files::write_file(path, training::world_merges());
  }
  constexpr int64_t kVocabulary = 0;  // the configuration's context does not depend on it
  return {seed, models::ClipTokenizer::load(path), training::ClipStage::tiny(kVocabulary).context};
}

}  // namespace latentreel::train
