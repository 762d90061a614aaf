#include "tests/benchmarks/full_size.h"

#include <unistd.h>

#include <filesystem>
#include <string>

#include "models/clip/towers.h"
#include "models/vqgan/modules.h"
#include "tests/models/synthetic.h"

namespace latentreel::benchmarks {
namespace {

namespace fs = std::filesystem;

// Weights in a temporary file that goes with the program.
class WeightsFile {
 public:
  WeightsFile(const std::string& name, const torch::nn::Module& module)
      : path_(fs::temp_directory_path() /
              ("latentreel-benchmark-" + std::to_string(getpid()) + "-" + name)) {
    models::testing::synthetic_weights(module).save_safetensors(path_);
  }
  ~WeightsFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  WeightsFile(const WeightsFile&) = delete;
  WeightsFile& operator=(const WeightsFile&) = delete;

  models::StateDict load() const { return models::StateDict::load_safetensors(path_); }

 private:
  fs::path path_;
};

models::VqModel vqgan_module() {
  models::VqganConfig config;
  config.codes = 16384;
  config.attention = {false, false, false, false, true};
  return models::VqModel(config);
}

models::ClipModelImpl clip_module() {
  models::ClipConfig config;
  config.vision = {.width = 768, .layers = 12, .heads = 12};
  config.text = {.width = 512, .layers = 12, .heads = 8};
  return models::ClipModelImpl(config);
}

}  // namespace

models::Vqgan full_vqgan(models::Placement placement) {
  static const WeightsFile weights("vqgan.safetensors", *vqgan_module());
  return models::Vqgan(weights.load(), placement);
}

models::Clip full_clip(models::Placement placement) {
  static const WeightsFile weights("clip.safetensors", clip_module());
  return models::Clip(weights.load(), placement);
}

}  // namespace latentreel::benchmarks
