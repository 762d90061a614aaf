#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/files/state_dict.h"

namespace latentreel::models {

// Reads sizes off a checkpoint's tensors while its configuration is inferred. Each call throws
// WeightsError (invalid) that names the network, the file and the tensor.
class ShapeReader {
 public:
  ShapeReader(const StateDict& weights, std::string network)
      : weights_(weights), network_(std::move(network)) {}

  // The size of `name` along `axis`; the tensor must have `rank` axes.
  int64_t size(std::string_view name, int64_t rank, int64_t axis) const;
  // How many different numbers follow `prefix` ("encoder.down." -> levels); they must be 0, 1, ...
  int64_t count_numbered(std::string_view prefix) const;
  // A positive whole number of the file's metadata, or nothing where it has no such key.
  std::optional<int64_t> metadata_count(std::string_view key) const;
  // Fails with `problem` about `name` unless `fits`.
  void require(bool fits, std::string_view name, const std::string& problem) const;

 private:
  const StateDict& weights_;
  std::string network_;
};

}  // namespace latentreel::models
