#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torch::nn {
class Module;
}

namespace latentreel::models {

class MappedFile;

// The weights of a checkpoint: name -> tensor, with the file's metadata (text by key). A value:
// copies share the tensors, which may lie in a read-only mapping of the file. They are never to be
// written to; convert or copy them instead, as load_strictly does.
class StateDict {
 public:
  using Tensors = std::map<std::string, at::Tensor, std::less<>>;
  using Metadata = std::map<std::string, std::string, std::less<>>;

  StateDict() = default;

  // `source` names where the tensors come from in messages; by default a set made in memory.
  explicit StateDict(Tensors tensors, Metadata metadata = {}, std::filesystem::path source = {});

  // Reads a safetensors file. The tensors are views of the mapped file (copies where it is not
  // aligned), which lives as long as any of them. Every one is checked to be finite, which reads it
  // all: with Finite::later the caller calls check_finite before anything is computed. Throws
  // WeightsError; other containers (PyTorch's, a web page) are named in its text.
  enum class Finite { check, later };
  static StateDict load_safetensors(const std::filesystem::path& path,
                                    Finite finite = Finite::check);

  // Writes everything into a safetensors file, always as the same bytes. Throws WeightsError.
  void save_safetensors(const std::filesystem::path& path) const;
  // The same bytes in memory.
  std::vector<std::byte> to_safetensors() const;

  std::size_t size() const noexcept { return tensors_.size(); }
  bool contains(std::string_view name) const { return tensors_.find(name) != tensors_.end(); }

  // The tensor of that name. Throws WeightsError (invalid) that names file and tensor.
  const at::Tensor& at(std::string_view name) const;
  // The tensor of that name, or nullptr.
  const at::Tensor* find(std::string_view name) const;

  const Tensors& tensors() const noexcept { return tensors_; }
  std::vector<std::string> names() const;  // sorted

  // Names that begin with `prefix`, sorted; whether there is one; and their tensors, named without
  // the prefix, with the same metadata and source.
  std::vector<std::string> names_below(std::string_view prefix) const;
  bool has_below(std::string_view prefix) const;
  StateDict below(std::string_view prefix) const;

  // A set of other tensors that were made from these, with the same metadata, source and check
  // sums.
  StateDict with_tensors(Tensors tensors) const;

  const Metadata& metadata() const noexcept { return metadata_; }
  std::optional<std::string> metadata(std::string_view key) const;
  void set_metadata(std::string key, std::string value);

  // Gives back the memory of the file's pages until they are read again. Does nothing for a set
  // made in memory.
  void drop_pages() const noexcept;

  // The file (of several, their index), or empty for a set made in memory.
  const std::filesystem::path& source() const noexcept { return source_; }

  // Reads everything. Throws WeightsError (invalid) where a check sum does not match (in containers
  // that have them), or for a NaN or an infinity, naming the first tensor with one and where it is.
  // Finite::check has done this already.
  void check_finite() const;

 private:
  template <class Use>
  void with_rows(const std::string& doing, const Use& use) const;

  Tensors tensors_;
  Metadata metadata_;
  std::filesystem::path source_;
  friend class WeightsFile;

  std::vector<std::shared_ptr<const MappedFile>> files_;  // none where made in memory
  std::function<void()> check_bytes_ = {};  // throws; empty where there are no check sums
};

struct LoadOptions {
  // What the weights are for, in messages: "the text encoder".
  std::string network = "the network";
  // Names that are ignored, whether in the file or in the module; `*` stands for any run of
  // characters: "input_resolution", "*.num_batches_tracked", "loss.*".
  std::vector<std::string> ignored;
};

// Checks that names, shapes and kinds of numbers agree as load_strictly requires: throws what it
// throws, without reading any values.
void check_strictly(const torch::nn::Module& module, const StateDict& weights,
                    const LoadOptions& options = {});

// Copies `weights` into every parameter and buffer of `module`, converted to its type and device.
// Names and shapes have to agree exactly: otherwise nothing is copied, and one WeightsError
// (invalid) lists every missing, unexpected and misshapen name, sorted.
void load_strictly(torch::nn::Module& module, const StateDict& weights,
                   const LoadOptions& options = {});

}  // namespace latentreel::models
