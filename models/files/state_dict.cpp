#include "models/files/state_dict.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "models/files/error.h"
#include "models/files/mapped_file.h"
#include "models/files/safetensors.h"
#include "models/files/tensor_types.h"

namespace latentreel::models {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors holds little-endian values");

std::string shape_text(at::IntArrayRef shape) {
  return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), ", "));
}

// The name of a type as safetensors spells it, for our files and Torch's tensors alike.
std::string type_text(at::ScalarType type) {
  const auto known = file_type(type);
  return known ? std::string(name_of(*known)) : std::string(c10::toString(type));
}

WeightsError invalid(std::string doing, std::string_view tensor, std::string problem,
                     std::string advice) {
  return WeightsError(WeightsError::Kind::invalid, {.doing = std::move(doing),
                                                    .tensor = std::string(tensor),
                                                    .problem = std::move(problem),
                                                    .advice = std::move(advice)});
}

std::string source_text(const std::filesystem::path& source) {
  return source.empty() ? "a set of tensors in memory" : source.string();
}

// Note [Finding values that are not finite]
// A float is NaN or infinite where all bits of its exponent are set. Whole blocks are tested with
// plain integer arithmetic, which the compiler turns into vector instructions; only a block that
// holds one is looked at again to say where.
template <class Bits>
std::size_t find_masked(const std::byte* data, std::size_t count, Bits mask) {
  constexpr std::size_t kBlock = 4096;
  std::size_t start = 0;
  const auto* values = reinterpret_cast<const Bits*>(data);
  for (; start < count; start += kBlock) {
    const std::size_t end = std::min(count, start + kBlock);
    Bits found = 0;
    for (std::size_t i = start; i < end; ++i) {
      found = static_cast<Bits>(found | static_cast<Bits>((values[i] & mask) == mask));
    }
    if (found == 0) continue;
    for (std::size_t i = start; i < end; ++i) {
      if ((values[i] & mask) == mask) return i;
    }
  }
  return count;
}

// The one NaN of a format that has no infinities, as a whole byte.
std::size_t find_byte(const std::byte* data, std::size_t count, std::uint8_t value) {
  const auto* found = std::memchr(data, value, count);
  return found ? static_cast<std::size_t>(static_cast<const std::byte*>(found) - data) : count;
}

// Index of the first element of `tensor` (contiguous, on the CPU) that is not finite, or its count.
std::size_t find_not_finite(const at::Tensor& tensor) {
  const auto count = static_cast<std::size_t>(tensor.numel());
  if (count == 0) return 0;
  const auto* data = static_cast<const std::byte*>(tensor.const_data_ptr());
  switch (tensor.scalar_type()) {
    case at::kFloat:
      return find_masked<std::uint32_t>(data, count, 0x7f800000u);
    case at::kHalf:
      return find_masked<std::uint16_t>(data, count, 0x7c00);
    case at::kBFloat16:
      return find_masked<std::uint16_t>(data, count, 0x7f80);
    case at::kDouble:
      return find_masked<std::uint64_t>(data, count, 0x7ff0000000000000u);
    case at::kComplexFloat:
      return find_masked<std::uint32_t>(data, 2 * count, 0x7f800000u) / 2;
    case at::kFloat8_e5m2:
      return find_masked<std::uint8_t>(data, count, 0x7c);
    case at::kFloat8_e4m3fn:
      return find_masked<std::uint8_t>(data, count, 0x7f);
    case at::kFloat8_e8m0fnu:
      return find_byte(data, count, 0xff);
    case at::kFloat8_e4m3fnuz:
    case at::kFloat8_e5m2fnuz:
      return find_byte(data, count, 0x80);
    default:
      return count;
  }
}

// A mapped file's pages count as this process's memory once they are read. Whoever reads all of it
// gives them back now and then, so that they never stand beside a whole copy of the weights.
class PageDropper {
 public:
  explicit PageDropper(const StateDict& weights) : weights_(weights) {}
  ~PageDropper() { weights_.drop_pages(); }
  PageDropper(const PageDropper&) = delete;
  PageDropper& operator=(const PageDropper&) = delete;

  void before_reading(const at::Tensor& tensor) {
    if (read_ + tensor.nbytes() > kHeld) {
      weights_.drop_pages();
      read_ = 0;
    }
    read_ += tensor.nbytes();
  }

 private:
  static constexpr std::size_t kHeld = 32 << 20;  // bytes
  const StateDict& weights_;
  std::size_t read_ = 0;
};

// `*` stands for any run of characters.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = pattern.npos;
  std::size_t retry = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != pattern.npos) {
      p = star + 1;
      n = ++retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

at::Tensor view_of(const std::shared_ptr<const MappedFile>& file, const SafetensorsEntry& entry,
                   std::size_t data_start, at::ScalarType type) {
  const auto* data = file->bytes().data() + data_start + entry.begin;
  const std::size_t size = entry.end - entry.begin;
  const auto alignment = c10::elementSize(type);
  if (size == 0 || reinterpret_cast<std::uintptr_t>(data) % alignment != 0) {
    auto copy = at::empty(entry.shape, type);
    if (size > 0) std::memcpy(copy.mutable_data_ptr(), data, size);
    return copy;
  }
  // Torch has no read-only tensors; the pages are read-only, so a write through this would fault.
  return at::from_blob(
      const_cast<std::byte*>(data), entry.shape, [file](void*) {}, type);
}

}  // namespace

StateDict::StateDict(Tensors tensors, Metadata metadata, std::filesystem::path source)
    : tensors_(std::move(tensors)), metadata_(std::move(metadata)), source_(std::move(source)) {}

StateDict StateDict::load_safetensors(const std::filesystem::path& path, Finite finite) {
  const auto file = MappedFile::open(path);
  auto header = read_safetensors_header(file->bytes(), path);
  StateDict result;
  result.source_ = path;
  result.files_ = {file};
  result.metadata_.insert(header.metadata.begin(), header.metadata.end());
  for (auto& entry : header.entries) {
    const auto type = torch_type(entry.type);
    if (!type) {
      throw invalid("reading " + path.string(), entry.name,
                    fmt::format("its type {} takes less than a byte per element, which latentreel "
                                "cannot compute with",
                                name_of(entry.type)),
                    "Use the model's F16, BF16 or F32 file.");
    }
    auto tensor = view_of(file, entry, header.data_start, *type);
    result.tensors_.emplace(std::move(entry.name), std::move(tensor));
  }
  if (finite == Finite::check) result.check_finite();
  return result;
}

template <class Use>
void StateDict::with_rows(const std::string& doing, const Use& use) const {
  std::vector<at::Tensor> kept;  // owns what the spans below point into
  std::vector<SafetensorsTensor> rows;
  for (const auto& [name, tensor] : tensors_) {
    const auto type = file_type(tensor.scalar_type());
    if (!type) {
      throw invalid(doing, name,
                    "safetensors has no type " + std::string(c10::toString(tensor.scalar_type())),
                    "");
    }
    kept.push_back(tensor.detach().to(at::kCPU).contiguous());
    const auto& bytes = kept.back();
    rows.push_back({.name = name,
                    .type = *type,
                    .shape = bytes.sizes().vec(),
                    .bytes = {static_cast<const std::byte*>(bytes.const_data_ptr()),
                              static_cast<std::size_t>(bytes.nbytes())}});
  }
  use(std::move(rows), std::map<std::string, std::string>(metadata_.begin(), metadata_.end()));
}

void StateDict::save_safetensors(const std::filesystem::path& path) const {
  with_rows("writing " + path.string(), [&](auto&& rows, const auto& metadata) {
    write_safetensors(path, std::move(rows), metadata);
  });
}

std::vector<std::byte> StateDict::to_safetensors() const {
  std::vector<std::byte> bytes;
  with_rows("writing tensors", [&](auto&& rows, const auto& metadata) {
    bytes = safetensors_bytes(std::move(rows), metadata);
  });
  return bytes;
}

void StateDict::drop_pages() const noexcept {
  for (const auto& file : files_) file->drop_pages();
}

const at::Tensor* StateDict::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

const at::Tensor& StateDict::at(std::string_view name) const {
  if (const auto* tensor = find(name)) return *tensor;
  throw invalid("reading " + source_text(source_), name, "it is not there",
                "Check that this is the kind of model that is wanted.");
}

std::vector<std::string> StateDict::names() const {
  return names_below("");
}

std::vector<std::string> StateDict::names_below(std::string_view prefix) const {
  std::vector<std::string> result;
  for (auto i = tensors_.lower_bound(prefix);
       i != tensors_.end() && std::string_view(i->first).starts_with(prefix); ++i) {
    result.push_back(i->first);
  }
  return result;
}

bool StateDict::has_below(std::string_view prefix) const {
  const auto first = tensors_.lower_bound(prefix);
  return first != tensors_.end() && std::string_view(first->first).starts_with(prefix);
}

StateDict StateDict::with_tensors(Tensors tensors) const {
  auto result = *this;
  result.tensors_ = std::move(tensors);
  return result;
}

void StateDict::set_metadata(std::string key, std::string value) {
  metadata_.insert_or_assign(std::move(key), std::move(value));
}

StateDict StateDict::below(std::string_view prefix) const {
  Tensors below;
  for (auto i = tensors_.lower_bound(prefix);
       i != tensors_.end() && std::string_view(i->first).starts_with(prefix); ++i) {
    below.emplace(i->first.substr(prefix.size()), i->second);
  }
  return with_tensors(std::move(below));
}

std::optional<std::string> StateDict::metadata(std::string_view key) const {
  const auto found = metadata_.find(key);
  if (found == metadata_.end()) return std::nullopt;
  return found->second;
}

void StateDict::check_finite() const {
  if (check_bytes_) check_bytes_();
  PageDropper dropper(*this);
  for (const auto& [name, tensor] : tensors_) {
    dropper.before_reading(tensor);
    const auto plain = tensor.detach().to(at::kCPU).contiguous();
    const auto where = find_not_finite(plain);
    if (where < static_cast<std::size_t>(plain.numel())) {
      throw invalid(
          "reading " + source_text(source_), name,
          fmt::format("element {} of its {} is not a finite number", where, plain.numel()),
          "The file is damaged or its training failed; fetch it again or use another.");
    }
  }
}

namespace {

constexpr std::size_t kListed = 20;

// "  2 missing:" and a line for each name, the first ones only where there are many.
void list(std::string& text, std::vector<std::string> lines, std::string_view title) {
  if (lines.empty()) return;
  std::sort(lines.begin(), lines.end());
  text += fmt::format("\n  {} {}:", lines.size(), title);
  for (std::size_t i = 0; i < std::min(lines.size(), kListed); ++i) text += "\n    " + lines[i];
  if (lines.size() > kListed) text += fmt::format("\n    and {} more", lines.size() - kListed);
}

// What a name may be printed as: itself, unless it holds what a terminal should not be sent.
std::string plain_name(const std::string& name) {
  const auto text = shown(name, 200);
  return text.size() == name.size() + 2 ? name : text;
}

bool is_ignored(std::string_view name, const LoadOptions& options) {
  return std::any_of(options.ignored.begin(), options.ignored.end(),
                     [name](const auto& pattern) { return matches(pattern, name); });
}

// Every parameter and buffer of a module that weights are wanted for.
std::map<std::string, at::Tensor> wanted_by(const torch::nn::Module& module,
                                            const LoadOptions& options) {
  std::map<std::string, at::Tensor> wanted;
  for (const auto& item : module.named_parameters()) wanted.emplace(item.key(), item.value());
  for (const auto& item : module.named_buffers()) wanted.emplace(item.key(), item.value());
  std::erase_if(wanted, [&](const auto& item) {
    return !item.second.defined() || is_ignored(item.first, options);
  });
  return wanted;
}

void check(const std::map<std::string, at::Tensor>& wanted, const StateDict& weights,
           const LoadOptions& options) {
  std::vector<std::string> missing;
  std::vector<std::string> unexpected;
  std::vector<std::string> misshapen;
  for (const auto& [name, tensor] : wanted) {
    const auto* given = weights.find(name);
    if (!given) {
      missing.push_back(plain_name(name) + " " + shape_text(tensor.sizes()));
    } else if (given->sizes() != tensor.sizes()) {
      misshapen.push_back(fmt::format("{} {}, wanted {}", plain_name(name),
                                      shape_text(given->sizes()), shape_text(tensor.sizes())));
    } else if (given->is_floating_point() != tensor.is_floating_point() ||
               given->is_complex() != tensor.is_complex()) {
      misshapen.push_back(fmt::format("{} of {}, wanted {}", plain_name(name),
                                      type_text(given->scalar_type()),
                                      type_text(tensor.scalar_type())));
    }
  }
  for (const auto& [name, tensor] : weights.tensors()) {
    if (!wanted.contains(name) && !is_ignored(name, options)) {
      unexpected.push_back(plain_name(name) + " " + shape_text(tensor.sizes()));
    }
  }
  if (!missing.empty() || !unexpected.empty() || !misshapen.empty()) {
    std::string problem = "its tensors are not those of this network";
    list(problem, std::move(missing), "missing");
    list(problem, std::move(unexpected), "unexpected");
    list(problem, std::move(misshapen), "of another shape or type");
    problem += "\nCheck that this is the kind of model that is wanted";
    throw invalid(fmt::format("loading {} from {}", options.network, source_text(weights.source())),
                  "", std::move(problem), "");
  }
}

}  // namespace

void check_strictly(const torch::nn::Module& module, const StateDict& weights,
                    const LoadOptions& options) {
  check(wanted_by(module, options), weights, options);
}

void load_strictly(torch::nn::Module& module, const StateDict& weights,
                   const LoadOptions& options) {
  auto wanted = wanted_by(module, options);
  check(wanted, weights, options);
  const at::NoGradGuard no_gradient;
  PageDropper dropper(weights);
  for (auto& [name, tensor] : wanted) {
    const auto& given = weights.at(name);
    dropper.before_reading(given);
    tensor.copy_(given);
  }
}

}  // namespace latentreel::models
