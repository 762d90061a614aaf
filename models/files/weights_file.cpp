#include "models/files/weights_file.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <fmt/format.h>

#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "models/files/error.h"
#include "models/files/mapped_file.h"
#include "models/files/tensor_types.h"
#include "models/files/torch_file.h"
#include "models/files/weights_index.h"

namespace latentreel::models {

namespace fs = std::filesystem;

// One file. One of the two is there.
struct WeightsFile::Part {
  std::shared_ptr<const MappedFile> file;
  std::string container;
  std::optional<TorchFile> torch;
  StateDict safetensors;

  std::vector<std::string> names() const { return torch ? torch->names() : safetensors.names(); }
};

struct WeightsFile::Opened {
  fs::path path;
  std::vector<fs::path> files;
  std::string container;
  std::deque<Part> parts;  // which stay where they are
  std::map<std::string, const Part*, std::less<>> names;
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

[[noreturn]] void refuse_shard(const fs::path& index, const std::string& tensor,
                               const std::string& problem) {
  throw WeightsError(WeightsError::Kind::invalid,
                     {.doing = "reading the model of " + index.string(),
                      .tensor = tensor,
                      .problem = problem,
                      .advice = "Fetch the index and its files again, all from the same place."});
}

}  // namespace

WeightsFile::WeightsFile(std::shared_ptr<const Opened> opened) : opened_(std::move(opened)) {}
WeightsFile::~WeightsFile() = default;
WeightsFile::WeightsFile(WeightsFile&&) noexcept = default;
WeightsFile& WeightsFile::operator=(WeightsFile&&) noexcept = default;

const WeightsFile::Part& WeightsFile::open_part(const fs::path& path, Opened& opened) {
  auto& part = opened.parts.emplace_back();
  part.file = MappedFile::open(path);
  if (TorchFile::recognises(part.file->bytes())) {
    part.torch.emplace(part.file->bytes(), path);
    part.container = words(part.torch->container());
  } else {
    part.safetensors = StateDict::load_safetensors(path, StateDict::Finite::later);
    part.container = "safetensors";
  }
  return part;
}

void WeightsFile::open_single(Opened& opened) {
  const auto& part = open_part(opened.path, opened);
  opened.container = part.container;
  for (auto& name : part.names()) opened.names.emplace(std::move(name), &part);
}

// All shards, each of which has to hold exactly the tensors that the index says.
void WeightsFile::open_shards(Opened& opened) {
  const auto index = read_weights_index(MappedFile::open(opened.path)->bytes(), opened.path);
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : index.shards) shards.insert(shard);
  for (const auto& shard : shards) {
    const auto file = opened.path.parent_path() / shard;
    const auto& part = open_part(file, opened);
    opened.files.push_back(file);
    for (auto& name : part.names()) {
      const auto place = index.shards.find(name);
      if (place == index.shards.end() || place->second != shard) {
        refuse_shard(opened.path, name,
                     fmt::format("it is in {}, where the index does not have it", shown(shard)));
      }
      opened.names.emplace(std::move(name), &part);
    }
  }
  for (const auto& [tensor, shard] : index.shards) {
    if (opened.names.contains(tensor)) continue;
    refuse_shard(opened.path, tensor, fmt::format("it is not in {}", shown(shard)));
  }
  opened.container =
      fmt::format("{}, {} files", opened.parts.front().container, opened.parts.size());
}

WeightsFile WeightsFile::open(const fs::path& path) {
  auto opened = std::make_shared<Opened>();
  opened->path = resolve_weights(path);
  opened->files = {opened->path};
  if (is_weights_index(opened->path)) {
    open_shards(*opened);
  } else {
    open_single(*opened);
  }
  return WeightsFile(std::move(opened));
}

const std::string& WeightsFile::container() const {
  return opened_->container;
}

const fs::path& WeightsFile::path() const {
  return opened_->path;
}

const std::vector<fs::path>& WeightsFile::files() const {
  return opened_->files;
}

std::size_t WeightsFile::bytes() const {
  std::size_t bytes = 0;
  for (const auto& part : opened_->parts) bytes += part.file->size();
  return bytes;
}

std::vector<std::string> WeightsFile::names() const {
  std::vector<std::string> names;
  names.reserve(opened_->names.size());
  for (const auto& [name, part] : opened_->names) names.push_back(name);
  return names;
}

bool WeightsFile::contains(std::string_view name) const {
  return opened_->names.contains(name);
}

bool WeightsFile::has_below(std::string_view prefix) const {
  const auto first = opened_->names.lower_bound(prefix);
  return first != opened_->names.end() && std::string_view(first->first).starts_with(prefix);
}

StateDict WeightsFile::take(const Wanted& wanted) const {
  StateDict result;
  result.source_ = path();
  std::map<const Part*, std::set<std::string>> storages;
  for (const auto& part : opened_->parts) {
    result.files_.push_back(part.torch ? part.file : part.safetensors.files_.front());
    result.metadata_.insert(part.safetensors.metadata().begin(), part.safetensors.metadata().end());
    Views views(part.file);
    for (const auto& name : part.names()) {
      if (!wanted(name)) continue;
      if (!part.torch) {
        result.tensors_.emplace(name, part.safetensors.at(name));
        continue;
      }
      const auto tensor = part.torch->tensor(name);
      result.tensors_.emplace(name, views.of(tensor, torch_type(tensor.type).value()));
      storages[&part].insert(tensor.storage);
    }
  }
  if (storages.empty()) return result;
  result.check_bytes_ = [opened = opened_, storages = std::move(storages)] {
    for (const auto& [part, keys] : storages) {
      for (const auto& key : keys) {
        part->torch->check(key);
        part->file->drop_pages();
      }
    }
  };
  return result;
}

}  // namespace latentreel::models
