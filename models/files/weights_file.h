#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/state_dict.h"

namespace latentreel::models {

// A file of weights in any container that is read: safetensors, PyTorch's checkpoints (zip and
// legacy) and TorchScript archives. Opening it reads names and shapes; the numbers of a tensor are
// first touched when they are used, and two thirds of a training checkpoint never are.
class WeightsFile {
 public:
  // Throws WeightsError: missing, or invalid, with an explanation, for any other kind of file.
  static WeightsFile open(const std::filesystem::path& path);

  ~WeightsFile();
  WeightsFile(WeightsFile&&) noexcept;
  WeightsFile& operator=(WeightsFile&&) noexcept;

  // "safetensors", "PyTorch checkpoint (zip)", "PyTorch checkpoint (legacy)", "TorchScript archive"
  const std::string& container() const;
  const std::filesystem::path& path() const;

  // All names, sorted, including those of values that are no tensors; whether a name is among them;
  // whether one begins with `prefix`.
  std::vector<std::string> names() const;
  bool contains(std::string_view name) const;
  bool has_below(std::string_view prefix) const;

  // The tensors whose names are `wanted`, mapped. Their check sums and numbers are checked by
  // StateDict::check_finite. Throws WeightsError (invalid) where one of them is no plain tensor.
  using Wanted = std::function<bool(std::string_view)>;
  StateDict take(const Wanted& wanted) const;

 private:
  struct Opened;
  explicit WeightsFile(std::shared_ptr<const Opened> opened);
  std::shared_ptr<const Opened> opened_;
};

}  // namespace latentreel::models
