#include "models/files/torch_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "models/files/error.h"
#include "models/files/mapped_file.h"

namespace latentreel::models {
namespace {

using Kind = PickleValue::Kind;
using namespace std::string_view_literals;

constexpr auto kZip = "PK\3\4"sv;
constexpr auto kLegacy = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e"sv;
constexpr std::size_t kMostNames = 100'000;
constexpr std::size_t kMostAttributes = 1'000'000;  // looked at in a TorchScript module
constexpr std::size_t kLongestTensorName = 1024;    // bytes
constexpr int kDeepestModule = 64;
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 56;  // of an empty tensor's other sizes
constexpr std::size_t kHighestRank = kSafetensorsRankLimit;
constexpr const char* kCheckpointDamaged = "The file is damaged; fetch it again.";

std::uint64_t size_of(SafetensorsType type) {
  return bits_of(type) / 8;
}

// By the name of a storage's class, in torch or torch.storage.
std::optional<SafetensorsType> storage_type(const PickleValue& name) {
  static const std::map<std::string_view, SafetensorsType> types{
      {"FloatStorage", SafetensorsType::f32},        {"HalfStorage", SafetensorsType::f16},
      {"BFloat16Storage", SafetensorsType::bf16},    {"DoubleStorage", SafetensorsType::f64},
      {"LongStorage", SafetensorsType::i64},         {"IntStorage", SafetensorsType::i32},
      {"ShortStorage", SafetensorsType::i16},        {"CharStorage", SafetensorsType::i8},
      {"ByteStorage", SafetensorsType::u8},          {"BoolStorage", SafetensorsType::boolean},
      {"ComplexFloatStorage", SafetensorsType::c64}, {"UntypedStorage", SafetensorsType::u8},
  };
  if (!name.is(Kind::global) || (name.module != "torch" && name.module != "torch.storage")) {
    return std::nullopt;
  }
  const auto found = types.find(name.text);
  if (found == types.end()) return std::nullopt;
  return found->second;
}

// By the name of a dtype: _rebuild_tensor_v3 gives an untyped storage one.
std::optional<SafetensorsType> dtype(const PickleValue& name) {
  static const std::map<std::string_view, SafetensorsType> types{
      {"float32", SafetensorsType::f32},
      {"float16", SafetensorsType::f16},
      {"bfloat16", SafetensorsType::bf16},
      {"float64", SafetensorsType::f64},
      {"int64", SafetensorsType::i64},
      {"int32", SafetensorsType::i32},
      {"int16", SafetensorsType::i16},
      {"int8", SafetensorsType::i8},
      {"uint8", SafetensorsType::u8},
      {"uint16", SafetensorsType::u16},
      {"uint32", SafetensorsType::u32},
      {"uint64", SafetensorsType::u64},
      {"bool", SafetensorsType::boolean},
      {"complex64", SafetensorsType::c64},
      {"float8_e4m3fn", SafetensorsType::f8_e4m3},
      {"float8_e5m2", SafetensorsType::f8_e5m2},
  };
  if (!name.is(Kind::global) || name.module != "torch") return std::nullopt;
  const auto found = types.find(name.text);
  if (found == types.end()) return std::nullopt;
  return found->second;
}

// Bytes of an element of a storage, also of the types that no tensor is read of: in a legacy file
// they lie before others.
std::optional<std::uint64_t> element_size(const PickleValue& name) {
  static const std::map<std::string_view, std::uint64_t> others{
      {"ComplexDoubleStorage", 16}, {"QUInt8Storage", 1},   {"QInt8Storage", 1},
      {"QInt32Storage", 4},         {"QUInt4x2Storage", 1}, {"QUInt2x4Storage", 1},
  };
  if (const auto type = storage_type(name)) return size_of(*type);
  if (!name.is(Kind::global) || (name.module != "torch" && name.module != "torch.storage")) {
    return std::nullopt;
  }
  const auto found = others.find(name.text);
  if (found == others.end()) return std::nullopt;
  return found->second;
}

std::optional<std::uint64_t> count_of(const PickleValue& value) {
  if (!value.is(Kind::integer) || value.integer < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value.integer);
}

// The call that rebuilds a tensor, without what is wrapped around it: parameters and subclasses.
const PickleValue* rebuilding(const PickleValue* value) {
  for (int depth = 0; depth < 8; ++depth) {
    if (!value->is(Kind::call) || !value->arguments->is(Kind::tuple)) return nullptr;
    const auto& callee = *value->callee;
    const auto& arguments = value->arguments->items;
    const bool wraps = callee.is_global("torch._utils", "_rebuild_parameter") ||
                       callee.is_global("torch._utils", "_rebuild_parameter_with_state") ||
                       callee.is_global("torch.nn.parameter", "Parameter");
    if (wraps && !arguments.empty()) {
      value = arguments[0];
    } else if (callee.is_global("torch._tensor", "_rebuild_from_type_v2")) {
      // (function, type, arguments, state): the same call, spelt out
      const bool spells_one =
          arguments.size() >= 3 && arguments[0]->is_global("torch._utils", "_rebuild_tensor_v2");
      return spells_one ? value : nullptr;
    } else {
      return value;
    }
  }
  return nullptr;
}

bool rebuilds_tensor(const PickleValue& callee) {
  return callee.is_global("torch._utils", "_rebuild_tensor") ||
         callee.is_global("torch._utils", "_rebuild_tensor_v2") ||
         callee.is_global("torch._utils", "_rebuild_tensor_v3");
}

bool looks_like_tensor(const PickleValue& value) {
  const auto* call = rebuilding(&value);
  if (call == nullptr || !call->callee->is(Kind::global)) return false;
  return call->callee->module == "torch._utils" || call->callee->module == "torch._tensor";
}

}  // namespace

void TorchFile::refuse(std::string_view name, const std::string& problem,
                       const std::string& advice) const {
  throw WeightsError(WeightsError::Kind::invalid,
                     {.doing = "reading weights from " + file_.string(),
                      .tensor = std::string(name),
                      .problem = problem,
                      .advice = advice});
}

bool TorchFile::recognises(std::span<const std::byte> bytes) {
  return text_of(bytes).starts_with(kZip) || text_of(bytes).starts_with(kLegacy);
}

TorchFile::TorchFile(std::span<const std::byte> bytes, std::filesystem::path file)
    : file_(std::move(file)) {
  if (text_of(bytes).starts_with(kLegacy)) {
    read_legacy(bytes);
  } else {
    read_archive(bytes);
  }
  find_state_dict();
}

// ---- The two kinds of files ---------------------------------------------------------------------

void TorchFile::read_archive(std::span<const std::byte> bytes) {
  archive_ = std::make_unique<const ZipArchive>(bytes, file_);
  root_ = archive_->first().substr(0, archive_->first().find('/') + 1);
  const auto* pickle = archive_->find(root_ + "data.pkl");
  if (root_.empty() || pickle == nullptr) {
    refuse("", "it is a zip archive, but not one that PyTorch wrote: it has no data.pkl",
           "If the model was packed for download, unpack it first.");
  }
  if (const auto* order = archive_->find(root_ + "byteorder")) {
    archive_->check(*order);
    if (text_of(archive_->bytes_of(*order)).starts_with("big")) {
      refuse("", "its numbers are big-endian",
             "Save the model again on an ordinary (little-endian) machine.");
    }
  }
  if (archive_->find(root_ + "constants.pkl") != nullptr) container_ = TorchContainer::torchscript;
  if (pickle->size > kPickleSizeLimit) {
    refuse("",
           fmt::format("its data.pkl has {} bytes; {} are read at most", pickle->size,
                       kPickleSizeLimit),
           "No checkpoint of these networks looks like that.");
  }
  archive_->check(*pickle);
  pickle_ = read_pickle(archive_->bytes_of(*pickle),
                        fmt::format("reading data.pkl of {}", file_.string()));
}

// Five pickles: a magic number, the version 1001, facts about the writer's machine, the object, the
// storages' keys; then in the order of those, each storage's count and bytes.
void TorchFile::read_legacy(std::span<const std::byte> bytes) {
  container_ = TorchContainer::legacy;
  const auto doing = fmt::format("reading the pickles of {}", file_.string());
  auto rest = bytes.subspan(kLegacy.size());
  const auto next = [&] {
    auto pickle = read_pickle(rest, doing);
    rest = rest.subspan(pickle.size);
    return pickle;
  };
  const auto version = next();
  if (count_of(*version.root) != 1001) {
    refuse("", "it is a PyTorch file of an unknown version",
           "Save the model again with torch.save.");
  }
  const auto machine = next();
  const auto* little = machine.root->find("little_endian");
  if (little != nullptr && little->is(Kind::boolean) && little->integer == 0) {
    refuse("", "its numbers are big-endian",
           "Save the model again on an ordinary (little-endian) machine.");
  }
  pickle_ = next();
  const auto keys = next();
  place_legacy_storages(rest, *keys.root);
}

void TorchFile::place_legacy_storages(std::span<const std::byte> bytes, const PickleValue& keys) {
  std::map<std::string_view, Storage> said;
  for (const auto& value : pickle_.values) {
    const auto storage = storage_of(value);
    if (!storage) continue;
    const auto [known, is_new] = said.emplace(storage->key, *storage);
    if (!is_new && known->second.class_name->text != storage->class_name->text) {
      refuse("", fmt::format("its storage {} is said to be of two types", shown(storage->key)),
             kCheckpointDamaged);
    }
  }
  for (const auto* key : keys.items) {
    const auto known = said.find(key->text);
    // Without its type its size cannot be known, nor where the next one begins.
    if (!key->is(Kind::text) || known == said.end()) {
      refuse("", "it lists a storage that no tensor has: " + shown(key->text), kCheckpointDamaged);
    }
    std::uint64_t count = 0;
    if (bytes.size() < sizeof count)
      refuse("", "it ends before its tensors do", kCheckpointDamaged);
    std::memcpy(&count, bytes.data(), sizeof count);
    bytes = bytes.subspan(sizeof count);
    const auto size = known->second.element;
    if (count > bytes.size() / size) {
      refuse("", fmt::format("it ends inside its storage {}", shown(key->text)),
             "The file is incomplete; fetch it again.");
    }
    if (!legacy_.emplace(key->text, bytes.first(count * size)).second) {
      refuse("", fmt::format("it holds its storage {} twice", shown(key->text)),
             kCheckpointDamaged);
    }
    bytes = bytes.subspan(count * size);
  }
}

// ---- The state dict -----------------------------------------------------------------------------

void TorchFile::find_state_dict() {
  const auto& root = *pickle_.root;
  if (container_ == TorchContainer::torchscript) {
    take_module(root, "", 0);
    return;
  }
  for (const auto* key : {"state_dict", "model_state_dict", "model"}) {
    const auto* inner = root.find(key);
    if (inner != nullptr && inner->is_mapping()) {
      take_mapping(*inner);
      return;
    }
  }
  if (!root.is_mapping()) {
    refuse("",
           fmt::format("it holds {}, where a dictionary of tensors is wanted", root.described()),
           "Save the model's state_dict() and name that file.");
  }
  take_mapping(root);
}

void TorchFile::take_mapping(const PickleValue& mapping) {
  mapping.for_each_item([this](const PickleValue& key, const PickleValue& value) {
    if (key.is(Kind::text)) add_name("", key.text, value);
  });
}

// A module is an object whose state is the dictionary of its attributes. One module may stand in
// several places, so what is looked at is bounded, not only how deep.
void TorchFile::take_module(const PickleValue& module, const std::string& prefix, int depth) {
  if (!module.is(Kind::call) || module.state == nullptr || !module.state->is_mapping()) {
    if (depth > 0) return;
    refuse("", fmt::format("it holds {}, where a module is wanted", module.described()),
           "Save the model again with torch.jit.save, or its state_dict() with torch.save.");
  }
  if (depth > kDeepestModule) {
    refuse("", fmt::format("its modules are nested more than {} deep", kDeepestModule),
           kCheckpointDamaged);
  }
  attributes_ += module.state->extent();
  if (attributes_ > kMostAttributes) {
    refuse("", fmt::format("its modules hold more than {} attributes", kMostAttributes),
           kCheckpointDamaged);
  }
  module.state->for_each_item([&](const PickleValue& key, const PickleValue& value) {
    if (!key.is(Kind::text)) return;
    if (looks_like_tensor(value)) {
      add_name(prefix, key.text, value);
    } else if (value.is(Kind::call)) {
      take_module(value, joined(prefix, key.text).append("."), depth + 1);
    }
  });
}

std::string TorchFile::joined(const std::string& prefix, std::string_view name) const {
  if (prefix.size() + name.size() > kLongestTensorName) {
    refuse(name, fmt::format("its name has more than {} bytes", kLongestTensorName),
           kCheckpointDamaged);
  }
  return std::string(prefix).append(name);
}

void TorchFile::add_name(const std::string& prefix, std::string_view name,
                         const PickleValue& value) {
  names_.insert_or_assign(joined(prefix, name), &value);
  if (names_.size() > kMostNames) {
    refuse("", fmt::format("it holds more than {} names", kMostNames), kCheckpointDamaged);
  }
}

std::vector<std::string> TorchFile::names() const {
  std::vector<std::string> result;
  for (const auto& [name, value] : names_) result.push_back(name);
  return result;
}

bool TorchFile::is_tensor(std::string_view name) const {
  const auto found = names_.find(name);
  return found != names_.end() && looks_like_tensor(*found->second);
}

// ---- Tensors ------------------------------------------------------------------------------------

TorchTensor TorchFile::tensor(std::string_view name) const {
  const auto found = names_.find(name);
  if (found == names_.end()) refuse(name, "it is not there", kCheckpointDamaged);
  const auto* call = rebuilding(found->second);
  const auto* function = call == nullptr ? nullptr : call->callee;
  const auto* arguments = call == nullptr ? nullptr : call->arguments;
  if (call != nullptr && function->is_global("torch._tensor", "_rebuild_from_type_v2")) {
    function = arguments->items[0];
    arguments = arguments->items[2];
  }
  if (call == nullptr || !rebuilds_tensor(*function) || !arguments->is(Kind::tuple) ||
      arguments->items.size() < 4) {
    refuse(name,
           fmt::format("a plain tensor should be there, but it is {}", found->second->described()),
           "Sparse, quantized and wrapped tensors cannot be read; save the model without them.");
  }
  const auto& items = arguments->items;
  const auto storage = storage_of(*items[0]);
  if (!storage) {
    refuse(name,
           fmt::format("its storage is {}, a type that cannot be read",
                       items[0]->is(Kind::persistent) ? "another kind" : items[0]->described()),
           "Save the model as float32 or float16.");
  }
  const auto stored = storage_type(*storage->class_name);
  if (!stored) {
    refuse(name,
           fmt::format("its storage is {}, a type that cannot be read",
                       storage->class_name->described()),
           "Save the model as float32 or float16.");
  }
  TorchTensor tensor;
  tensor.type = *stored;
  tensor.storage = std::string(storage->key);
  tensor.bytes = bytes_of(*storage, name);
  if (function->text == "_rebuild_tensor_v3") {
    const auto type = items.size() > 6 ? dtype(*items[6]) : std::nullopt;
    if (!type) refuse(name, "its type cannot be read", "Save the model as float32 or float16.");
    tensor.type = *type;
  }
  const auto offset = count_of(*items[1]);
  if (!offset) refuse(name, "its offset is not a count", kCheckpointDamaged);
  tensor.offset = *offset;
  tensor.shape = sizes_of(*items[2], name);
  tensor.strides = sizes_of(*items[3], name);
  // A part of a legacy storage is counted in elements of the storage's type.
  const auto size = size_of(tensor.type);
  check_place(tensor, storage->count * storage->element / size, name);
  const auto skipped = storage->first * storage->element;
  if (skipped % size != 0) refuse(name, "it begins inside a number", kCheckpointDamaged);
  tensor.offset += skipped / size;
  return tensor;
}

// ("storage", class, key, location, count), in legacy files with what part of another one it is:
// None or (key, offset, count). The location is where it once was, which does not matter.
std::optional<TorchFile::Storage> TorchFile::storage_of(const PickleValue& value) const {
  if (!value.is(Kind::persistent) || !value.arguments->is(Kind::tuple)) return std::nullopt;
  const auto& id = value.arguments->items;
  if (id.size() < 5 || !id[0]->is(Kind::text) || id[0]->text != "storage") return std::nullopt;
  const auto element = element_size(*id[1]);
  const auto count = count_of(*id[4]);
  if (!element || !count || !id[2]->is(Kind::text) || id[2]->text.size() > kLongestTensorName) {
    return std::nullopt;
  }
  Storage storage{
      .class_name = id[1], .element = *element, .key = id[2]->text, .count = *count, .first = 0};
  if (container_ == TorchContainer::legacy && id.size() > 5 && id[5]->is(Kind::tuple)) {
    const auto& part = id[5]->items;
    const auto first = part.size() == 3 ? count_of(*part[1]) : std::nullopt;
    const auto size = part.size() == 3 ? count_of(*part[2]) : std::nullopt;
    if (!first || !size) return std::nullopt;
    storage.first = *first;
    storage.count = *size;
  }
  return storage;
}

std::span<const std::byte> TorchFile::bytes_of(const Storage& storage,
                                               std::string_view name) const {
  const auto size = storage.element;
  std::span<const std::byte> bytes;
  const auto refuse_absent = [&] {
    refuse(name, fmt::format("its storage {} is not in the file", shown(storage.key)),
           kCheckpointDamaged);
  };
  if (archive_ != nullptr) {
    const auto* member = archive_->find(fmt::format("{}data/{}", root_, storage.key));
    if (member == nullptr) refuse_absent();
    bytes = archive_->bytes_of(*member);
    if (bytes.size() / size != storage.count || bytes.size() % size != 0) {
      refuse(name,
             fmt::format("its storage {} has {} bytes, where {} numbers of {} are said to be",
                         shown(storage.key), bytes.size(), storage.count,
                         name_of(storage_type(*storage.class_name).value())),
             kCheckpointDamaged);
    }
    return bytes;
  }
  const auto found = legacy_.find(storage.key);
  if (found == legacy_.end()) refuse_absent();
  bytes = found->second;
  if (storage.first > bytes.size() / size || storage.count > bytes.size() / size - storage.first) {
    refuse(name, fmt::format("it wants more of its storage {} than there is", shown(storage.key)),
           kCheckpointDamaged);
  }
  return bytes;
}

std::vector<std::int64_t> TorchFile::sizes_of(const PickleValue& value,
                                              std::string_view name) const {
  // torch.Size is a call of its class with the tuple.
  const auto* sizes = &value;
  if (value.is(Kind::call) && value.callee->is_global("torch", "Size") &&
      value.arguments->is(Kind::tuple) && value.arguments->items.size() == 1) {
    sizes = value.arguments->items[0];
  }
  if (!sizes->is(Kind::tuple) && !sizes->is(Kind::list)) {
    refuse(name, fmt::format("its shape or its strides are {}", value.described()),
           kCheckpointDamaged);
  }
  if (sizes->items.size() > kHighestRank) {
    refuse(
        name,
        fmt::format("it has {} dimensions; {} are read at most", sizes->items.size(), kHighestRank),
        kCheckpointDamaged);
  }
  std::vector<std::int64_t> result;
  for (const auto* item : sizes->items) {
    if (!item->is(Kind::integer) || item->integer < 0) {
      refuse(name, "its shape or its strides hold something that is not a count",
             kCheckpointDamaged);
    }
    result.push_back(item->integer);
  }
  return result;
}

// No element may lie outside the storage, nor may there be more of them than the storage has: a
// tensor of a billion times the same number would fill the memory once it is copied.
void TorchFile::check_place(const TorchTensor& tensor, std::uint64_t count,
                            std::string_view name) const {
  if (tensor.shape.size() != tensor.strides.size()) {
    refuse(name, "its number of strides differs from its number of dimensions", kCheckpointDamaged);
  }
  const bool is_empty =
      std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end();
  std::uint64_t elements = 1;
  std::uint64_t last = tensor.offset;  // the furthest element
  bool fits = true;
  for (std::size_t i = 0; i < tensor.shape.size() && fits; ++i) {
    const auto size = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(tensor.shape[i]));
    const auto stride = static_cast<std::uint64_t>(tensor.strides[i]);
    std::uint64_t step = 0;
    fits = !__builtin_mul_overflow(elements, size, &elements) &&
           !__builtin_mul_overflow(size - 1, stride, &step) &&
           !__builtin_add_overflow(last, step, &last) && elements <= kMostElements;
  }
  fits = fits && (is_empty ? tensor.offset <= count : elements <= count && last < count);
  if (!fits) {
    refuse(name,
           fmt::format("its shape [{}] with strides [{}] from {} on does not fit in its "
                       "storage of {}",
                       fmt::join(tensor.shape, ", "), fmt::join(tensor.strides, ", "),
                       tensor.offset, count),
           kCheckpointDamaged);
  }
}

void TorchFile::check(const std::string& storage) const {
  if (archive_ == nullptr) return;
  if (const auto* member = archive_->find(fmt::format("{}data/{}", root_, storage))) {
    archive_->check(*member);
  }
}

}  // namespace latentreel::models
