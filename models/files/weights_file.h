#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/state_dict.h"

namespace latentreel::models {

// Weights in any container that is read: safetensors, PyTorch's checkpoints (zip and legacy) and
// TorchScript archives, one file or several with an index (weights_index.h). Opening them reads
// names and shapes; the numbers of a tensor are first touched when they are used, and two thirds of
// a training checkpoint never are.
class WeightsFile {
 public:
  // `path` is a file of weights, the index of several, one of those beside their index, or a folder
  // that holds one of these under a name that their makers give it. Throws WeightsError: missing,
  // or invalid, with an explanation, for any other kind of file, for a shard without its index, and
  // where index and shards disagree or several of them hold a tensor.
  static WeightsFile open(const std::filesystem::path& path);

  ~WeightsFile();
  WeightsFile(WeightsFile&&) noexcept;
  WeightsFile& operator=(WeightsFile&&) noexcept;

  // "safetensors", "PyTorch checkpoint (zip)", "PyTorch checkpoint (legacy)", "TorchScript
  // archive"; of several files followed by ", 2 files".
  const std::string& container() const;
  // The file, or the index of several.
  const std::filesystem::path& path() const;
  // Every file that was read: path(), and after an index its shards, sorted.
  const std::vector<std::filesystem::path>& files() const;
  // Of all files with weights.
  std::size_t bytes() const;

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
  struct Part;
  struct Opened;
  static const Part& open_part(const std::filesystem::path& path, Opened& opened);
  static void open_single(Opened& opened);
  static void open_shards(Opened& opened);
  explicit WeightsFile(std::shared_ptr<const Opened> opened);
  std::shared_ptr<const Opened> opened_;
};

}  // namespace latentreel::models
