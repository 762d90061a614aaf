#include "models/files/weights_file.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "models/files/mapped_file.h"
#include "models/files/tensor_types.h"
#include "models/files/torch_file.h"

namespace latentreel::models {

// One of the two is there.
struct WeightsFile::Opened {
  std::shared_ptr<const MappedFile> file;
  std::string container;
  std::optional<TorchFile> torch;
  StateDict safetensors;
  std::vector<std::string> names;  // sorted
};

namespace {

std::string words(TorchContainer container) {
  switch (container) {
    case TorchContainer::checkpoint:
      return "PyTorch checkpoint (zip)";
    case TorchContainer::torchscript:
      return "TorchScript archive";
    case TorchContainer::legacy:
      return "PyTorch checkpoint (legacy)";
  }
  return {};
}

// Tensors of one file. Those of one storage share its memory, as they did when they were saved.
class Views {
 public:
  explicit Views(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {}

  at::Tensor of(const TorchTensor& tensor, at::ScalarType type) {
    const auto* storage = tensor.bytes.data();
    const auto size = c10::elementSize(type);
    std::shared_ptr<const void> owner = file_;
    if (reinterpret_cast<std::uintptr_t>(storage) % size != 0) {  // as in legacy files
      auto& copy = copies_[tensor.storage];
      if (!copy) copy = aligned_copy(tensor.bytes);
      storage = copy.get();
      owner = copy;
    }
    if (tensor.bytes.empty()) return at::empty(tensor.shape, type);
    // Torch has no read-only tensors. Nothing writes to these (StateDict).
    auto* data = const_cast<std::byte*>(storage) + tensor.offset * size;
    return at::from_blob(
        data, tensor.shape, tensor.strides, [owner](void*) {}, type);
  }

 private:
  // new aligns to 16 bytes, enough for every type.
  static std::shared_ptr<std::byte[]> aligned_copy(std::span<const std::byte> bytes) {
    std::shared_ptr<std::byte[]> copy(new std::byte[bytes.size()]);
    std::memcpy(copy.get(), bytes.data(), bytes.size());
    return copy;
  }

  std::shared_ptr<const MappedFile> file_;
  std::map<std::string, std::shared_ptr<std::byte[]>> copies_;
};

}  // namespace

WeightsFile::WeightsFile(std::shared_ptr<const Opened> opened) : opened_(std::move(opened)) {}
WeightsFile::~WeightsFile() = default;
WeightsFile::WeightsFile(WeightsFile&&) noexcept = default;
WeightsFile& WeightsFile::operator=(WeightsFile&&) noexcept = default;

WeightsFile WeightsFile::open(const std::filesystem::path& path) {
  auto opened = std::make_shared<Opened>();
  opened->file = MappedFile::open(path);
  if (TorchFile::recognises(opened->file->bytes())) {
    opened->torch.emplace(opened->file->bytes(), path);
    opened->container = words(opened->torch->container());
    opened->names = opened->torch->names();
  } else {
    opened->safetensors = StateDict::load_safetensors(path, StateDict::Finite::later);
    opened->container = "safetensors";
    opened->names = opened->safetensors.names();
  }
  return WeightsFile(std::move(opened));
}

const std::string& WeightsFile::container() const {
  return opened_->container;
}

const std::filesystem::path& WeightsFile::path() const {
  return opened_->file->path();
}

std::vector<std::string> WeightsFile::names() const {
  return opened_->names;
}

bool WeightsFile::contains(std::string_view name) const {
  return std::binary_search(opened_->names.begin(), opened_->names.end(), name);
}

bool WeightsFile::has_below(std::string_view prefix) const {
  const auto& names = opened_->names;
  const auto first = std::lower_bound(names.begin(), names.end(), prefix);
  return first != names.end() && std::string_view(*first).starts_with(prefix);
}

StateDict WeightsFile::take(const Wanted& wanted) const {
  StateDict result;
  result.source_ = path();
  result.file_ = opened_->file;
  if (!opened_->torch) {
    result.file_ = opened_->safetensors.file_;
    result.metadata_ = opened_->safetensors.metadata_;
    for (const auto& [name, tensor] : opened_->safetensors.tensors()) {
      if (wanted(name)) result.tensors_.emplace(name, tensor);
    }
    return result;
  }
  Views views(opened_->file);
  std::set<std::string> storages;
  for (const auto& name : opened_->names) {
    if (!wanted(name)) continue;
    const auto tensor = opened_->torch->tensor(name);
    result.tensors_.emplace(name, views.of(tensor, torch_type(tensor.type).value()));
    storages.insert(tensor.storage);
  }
  result.check_bytes_ = [opened = opened_, storages = std::move(storages)] {
    for (const auto& storage : storages) {
      opened->torch->check(storage);
      opened->file->drop_pages();
    }
  };
  return result;
}

}  // namespace latentreel::models
