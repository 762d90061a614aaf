#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/pickle.h"
#include "models/files/safetensors.h"
#include "models/files/zip_archive.h"

// PyTorch's own files, without LibTorch: names, types, shapes and where the bytes are (models.md
// sections 4.1 to 4.6). Nothing in a file is executed or resolved; storages that nobody asks for
// are never read.

namespace latentreel::models {

enum class TorchContainer {
  checkpoint,   // torch.save since 1.6: a zip archive with a pickle and one member per storage
  torchscript,  // torch.jit.save: the same with the code of a module, which is left alone
  legacy,       // torch.save before 1.6: pickles, then the storages
};

// Where a tensor's numbers lie: element (i, j, …) at offset + i·strides[0] + j·strides[1] + …
struct TorchTensor {
  SafetensorsType type = SafetensorsType::f32;
  std::vector<std::int64_t> shape;    // [] is a scalar
  std::vector<std::int64_t> strides;  // elements, none negative
  std::uint64_t offset = 0;           // elements
  std::string storage;                // its key
  std::span<const std::byte> bytes;   // of the whole storage
};

class TorchFile {
 public:
  // Whether bytes begin like one of these containers.
  static bool recognises(std::span<const std::byte> bytes);

  // `bytes` is the whole file and has to outlive this; `file` is its name for messages. Throws
  // WeightsError (invalid).
  TorchFile(std::span<const std::byte> bytes, std::filesystem::path file);

  TorchContainer container() const { return container_; }

  // The names of the state dict, sorted: what lies under "state_dict" where there is such a key
  // (Lightning), else the dictionary itself, or the attributes of a TorchScript module joined by
  // dots. Values that are no tensors are among them.
  std::vector<std::string> names() const;

  // Whether the value of that name is a tensor of any kind.
  bool is_tensor(std::string_view name) const;

  // The tensor of that name, one of names(). It is checked to lie inside its storage; its numbers
  // are not read. Throws WeightsError (invalid) that names what is there instead.
  TorchTensor tensor(std::string_view name) const;

  // Throws WeightsError (invalid) where a storage's check sum does not match. Legacy files have
  // none, so nothing is checked there.
  void check(const std::string& storage) const;

 private:
  struct Storage {                            // what a pickle says about it
    const PickleValue* class_name = nullptr;  // FloatStorage, …
    std::uint64_t element = 0;                // bytes
    std::string_view key;
    std::uint64_t count = 0;  // elements
    std::uint64_t first = 0;  // legacy: where in the storage of `key` it begins, elements
  };
  [[noreturn]] void refuse(std::string_view name, const std::string& problem,
                           const std::string& advice) const;
  void read_archive(std::span<const std::byte> bytes);
  void read_legacy(std::span<const std::byte> bytes);
  void place_legacy_storages(std::span<const std::byte> bytes, const PickleValue& keys);
  void find_state_dict();
  void take_mapping(const PickleValue& mapping);
  void take_module(const PickleValue& module, const std::string& prefix, int depth);
  void add_name(const std::string& prefix, std::string_view name, const PickleValue& value);
  std::string joined(const std::string& prefix, std::string_view name) const;
  std::optional<Storage> storage_of(const PickleValue& value) const;
  std::span<const std::byte> bytes_of(const Storage& storage, std::string_view name) const;
  void check_place(const TorchTensor& tensor, std::uint64_t count, std::string_view name) const;
  std::vector<std::int64_t> sizes_of(const PickleValue& value, std::string_view name) const;

  std::filesystem::path file_;
  TorchContainer container_ = TorchContainer::checkpoint;
  std::unique_ptr<const ZipArchive> archive_;  // null for legacy files
  std::string root_;                           // the archive's folder, with its slash
  Pickle pickle_;
  std::map<std::string, const PickleValue*, std::less<>> names_;
  std::map<std::string, std::span<const std::byte>, std::less<>> legacy_;  // storages by key
  std::size_t attributes_ = 0;                                             // looked at so far
};

}  // namespace latentreel::models
