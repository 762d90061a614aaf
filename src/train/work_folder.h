#pragma once

#include <cstdint>
#include <filesystem>

#include "models/clip/clip.h"
#include "models/clip/tokenizer.h"
#include "models/vqgan/vqgan.h"
#include "src/train/stages/dataset.h"

namespace latentreel::train {

// Where the stages leave their results and find one another's: vqgan.safetensors, clip.safetensors,
// judge.safetensors, merges.txt, bank.*, selftest.json, and each stage's checkpoint and curve.
class WorkFolder {
 public:
  explicit WorkFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(const std::string& name) const { return path_ / name; }

  // Throw WeightsError (missing) that names the stage to run first.
  models::Vqgan vqgan(models::Placement placement = {}) const;
  models::Clip clip(const std::string& name, models::Placement placement = {}) const;

  // Throws WeightsError (missing) where a stage has no result yet, not even a preliminary one.
  void require(const std::string& name) const;

  // merges.txt is written where it is not there yet.
  training::Dataset dataset(uint64_t seed) const;

 private:
  models::StateDict weights(const std::string& name) const;
  std::filesystem::path path_;
};

}  // namespace latentreel::train
