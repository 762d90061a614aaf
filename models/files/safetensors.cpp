#include "models/files/safetensors.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <system_error>
#include <tuple>
#include <utility>

#include "models/files/error.h"

namespace latentreel::models {
namespace {

struct TypeRow {
  SafetensorsType type;
  std::string_view name;
  unsigned bits;
};

constexpr std::array<TypeRow, 22> kTypes{{
    {SafetensorsType::boolean, "BOOL", 8},
    {SafetensorsType::u8, "U8", 8},
    {SafetensorsType::i8, "I8", 8},
    {SafetensorsType::f8_e5m2, "F8_E5M2", 8},
    {SafetensorsType::f8_e4m3, "F8_E4M3", 8},
    {SafetensorsType::f8_e8m0, "F8_E8M0", 8},
    {SafetensorsType::f8_e4m3fnuz, "F8_E4M3FNUZ", 8},
    {SafetensorsType::f8_e5m2fnuz, "F8_E5M2FNUZ", 8},
    {SafetensorsType::i16, "I16", 16},
    {SafetensorsType::u16, "U16", 16},
    {SafetensorsType::f16, "F16", 16},
    {SafetensorsType::bf16, "BF16", 16},
    {SafetensorsType::i32, "I32", 32},
    {SafetensorsType::u32, "U32", 32},
    {SafetensorsType::f32, "F32", 32},
    {SafetensorsType::c64, "C64", 64},
    {SafetensorsType::f64, "F64", 64},
    {SafetensorsType::i64, "I64", 64},
    {SafetensorsType::u64, "U64", 64},
    {SafetensorsType::f4, "F4", 4},
    {SafetensorsType::f6_e2m3, "F6_E2M3", 6},
    {SafetensorsType::f6_e3m2, "F6_E3M2", 6},
}};

const TypeRow& row_of(SafetensorsType type) {
  return kTypes[static_cast<std::size_t>(type)];
}

constexpr std::string_view kMetadata = "__metadata__";
constexpr std::string_view kFetchAgain =
    "The file is damaged or was not written as safetensors; fetch it again.";

// Throws for one file, so that every check below is a line.
class Refuse {
 public:
  explicit Refuse(const std::filesystem::path& file) : doing_("reading " + file.string()) {}

  [[noreturn]] void operator()(std::string_view tensor, std::string problem,
                               std::string_view advice = kFetchAgain) const {
    throw WeightsError(WeightsError::Kind::invalid, {.doing = doing_,
                                                     .tensor = std::string(tensor),
                                                     .problem = std::move(problem),
                                                     .advice = std::string(advice)});
  }

 private:
  std::string doing_;
};

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What a file is that is not safetensors, where its first bytes tell; a problem and what to try.
std::optional<std::pair<std::string, std::string>> other_container(std::string_view text) {
  using namespace std::string_view_literals;
  constexpr std::string_view kConvert =
      "latentreel reads safetensors files; use the model's .safetensors file, or convert this one.";
  const auto is = [](std::string what) { return "it is " + what + ", not a safetensors file"; };
  if (text.starts_with("PK\3\4"sv)) {
    return {{is("a PyTorch checkpoint (a zip archive)"), std::string(kConvert)}};
  }
  if (text.starts_with("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e"sv)) {
    return {{is("a PyTorch checkpoint of the old kind (a pickle stream)"), std::string(kConvert)}};
  }
  if (text.size() >= 2 && text[0] == '\x80' && text[1] >= 2 && text[1] <= 5) {
    return {{is("a Python pickle"), std::string(kConvert)}};
  }
  if (text.starts_with("PYTORCH1"sv) || (text.size() >= 262 && text.substr(257, 5) == "ustar")) {
    return {{is("a PyTorch checkpoint of a very old kind"), std::string(kConvert)}};
  }
  if (text.starts_with("version https://git-lfs"sv)) {
    return {{is("a Git LFS pointer"), "Fetch the file itself, with git lfs pull."}};
  }
  if (text.starts_with("\xEF\xBB\xBF"sv)) text.remove_prefix(3);
  if (const auto first = text.find_first_not_of(" \t\r\n"); first != text.npos) {
    if (text[first] == '<') {
      return {{is("a web page"), "The download failed; fetch it again from another address."}};
    }
  }
  return std::nullopt;
}

// Position of the first byte that is not UTF-8, or npos.
std::size_t find_invalid_utf8(std::string_view text) {
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    if (data[i] < 0x80) {
      ++i;
      continue;
    }
    utf8proc_int32_t c = -1;
    const auto length =
        utf8proc_iterate(data + i, static_cast<utf8proc_ssize_t>(text.size() - i), &c);
    if (length <= 0) return i;
    i += static_cast<std::size_t>(length);
  }
  return std::string_view::npos;
}

// Note [Header states]
// The header's shape is fixed, so its JSON is read as events by a machine of a few states that
// accepts exactly that shape: nesting cannot grow, and nothing is stored that is not an entry.
class HeaderReader {
 public:
  HeaderReader(SafetensorsHeader& header, const Refuse& refuse)
      : header_(header), refuse_(refuse) {}

  bool null() { return unexpected("null"); }
  bool boolean(bool) { return unexpected("a boolean"); }
  bool binary(nlohmann::json::binary_t&) { return unexpected("binary data"); }
  bool number_integer(std::int64_t) { return unexpected("a negative number"); }
  bool number_float(double, const std::string& text) {
    return unexpected("the number " + shown(text, 30) + ", not a whole one below 2^64,");
  }

  bool number_unsigned(std::uint64_t value) {
    if (state_ == State::shape) {
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        refuse_(name_, fmt::format("its shape has a dimension of {}", value));
      }
      if (entry_.shape.size() == kSafetensorsRankLimit) {
        refuse_(name_, fmt::format("its shape has more than {} dimensions", kSafetensorsRankLimit));
      }
      entry_.shape.push_back(static_cast<std::int64_t>(value));
      return true;
    }
    if (state_ == State::offsets) {
      if (offsets_ == 2) refuse_(name_, "its data_offsets are more than two");
      (offsets_++ == 0 ? entry_.begin : entry_.end) = value;
      return true;
    }
    return unexpected("a number");
  }

  bool string(std::string& text) {
    if (state_ == State::metadata_value) {
      if (!header_.metadata.emplace(name_, text).second) {
        refuse_("", "its metadata holds the key " + shown(name_) + " twice");
      }
      state_ = State::metadata;
      return true;
    }
    if (state_ == State::type) {
      const auto type = safetensors_type(text);
      if (!type) refuse_(name_, "its dtype " + shown(text, 30) + " is not known");
      entry_.type = *type;
      state_ = State::entry;
      return true;
    }
    return unexpected("text");
  }

  bool start_object(std::size_t) {
    switch (state_) {
      case State::before:
        state_ = State::top;
        return true;
      case State::top_value:
        if (name_ == kMetadata) {
          if (seen_metadata_) refuse_("", "its header holds __metadata__ twice");
          seen_metadata_ = true;
          state_ = State::metadata;
        } else {
          entry_ = {};
          entry_.name = name_;
          seen_ = 0;
          state_ = State::entry;
        }
        return true;
      default:
        return unexpected("an object");
    }
  }

  bool key(std::string& text) {
    switch (state_) {
      case State::top:
        name_ = text;
        state_ = State::top_value;
        return true;
      case State::metadata:
        name_ = text;
        state_ = State::metadata_value;
        return true;
      default:
        break;
    }
    constexpr std::array<std::string_view, 3> kKeys{"dtype", "shape", "data_offsets"};
    constexpr std::array<State, 3> kStates{State::type, State::before_shape, State::before_offsets};
    for (unsigned i = 0; i < kKeys.size(); ++i) {
      if (text != kKeys[i]) continue;
      if ((seen_ & (1u << i)) != 0) refuse_(name_, fmt::format("it holds {} twice", text));
      seen_ |= 1u << i;
      state_ = kStates[i];
      return true;
    }
    refuse_(name_, "it holds the unknown key " + shown(text, 60));
  }

  bool end_object() {
    switch (state_) {
      case State::entry:
        if (seen_ != 7) {
          refuse_(name_, fmt::format("it lacks {}", (seen_ & 1) == 0   ? "dtype"
                                                    : (seen_ & 2) == 0 ? "shape"
                                                                       : "data_offsets"));
        }
        header_.entries.push_back(std::move(entry_));
        state_ = State::top;
        return true;
      case State::metadata:
        state_ = State::top;
        return true;
      default:
        state_ = State::after;
        return true;
    }
  }

  bool start_array(std::size_t) {
    if (state_ == State::before_shape) {
      state_ = State::shape;
      return true;
    }
    if (state_ == State::before_offsets) {
      state_ = State::offsets;
      offsets_ = 0;
      return true;
    }
    return unexpected("a list");
  }

  bool end_array() {
    if (state_ == State::offsets && offsets_ != 2) {
      refuse_(name_, "its data_offsets are fewer than two");
    }
    state_ = State::entry;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
    refuse_("", fmt::format("its header is not valid JSON, at byte {} of it", position));
  }

 private:
  enum class State {
    before,
    top,
    top_value,
    metadata,
    metadata_value,
    entry,
    type,
    before_shape,
    shape,
    before_offsets,
    offsets,
    after,
  };

  bool unexpected(const std::string& found) const {
    switch (state_) {
      case State::metadata_value:
        refuse_("", fmt::format("its metadata holds {} under {}, where only text may stand", found,
                                shown(name_)));
      case State::top_value:
        if (name_ == kMetadata) refuse_("", fmt::format("its __metadata__ is {}", found));
        refuse_(name_, fmt::format("it is described by {}", found));
      case State::type:
        refuse_(name_, fmt::format("its dtype is {}", found));
      case State::before_shape:
        refuse_(name_, fmt::format("its shape is {}", found));
      case State::shape:
        refuse_(name_, fmt::format("its shape holds {}", found));
      case State::before_offsets:
        refuse_(name_, fmt::format("its data_offsets are {}", found));
      case State::offsets:
        refuse_(name_, fmt::format("its data_offsets hold {}", found));
      default:
        refuse_("", fmt::format("its header holds {} where a tensor should stand", found));
    }
  }

  SafetensorsHeader& header_;
  const Refuse& refuse_;
  State state_ = State::before;
  std::string name_;  // of the entry, or the metadata's key
  SafetensorsEntry entry_;
  unsigned seen_ = 0;  // bits: dtype, shape, data_offsets
  int offsets_ = 0;
  bool seen_metadata_ = false;
};

// Bytes that `type` and `shape` need, or nothing where that is beyond 63 bits (zero-sized
// dimensions count as one in that check, so that strides fit too) or not whole.
std::optional<std::uint64_t> bytes_needed(SafetensorsType type,
                                          const std::vector<std::int64_t>& shape) {
  std::int64_t product = bits_of(type);
  bool empty = false;
  for (const auto dimension : shape) {
    if (dimension < 0) return std::nullopt;
    if (dimension == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(product, dimension, &product)) {
      return std::nullopt;
    }
  }
  if (empty) return 0;
  if (product % 8 != 0) return std::nullopt;
  return static_cast<std::uint64_t>(product / 8);
}

void check_names(const std::vector<SafetensorsEntry>& entries, const Refuse& refuse) {
  std::vector<std::string_view> names;
  names.reserve(entries.size());
  for (const auto& entry : entries) names.emplace_back(entry.name);
  std::sort(names.begin(), names.end());
  const auto twin = std::adjacent_find(names.begin(), names.end());
  if (twin != names.end()) refuse(*twin, "its name stands in the header twice");
}

// Sorted by their offsets, the entries must tile the data exactly.
void check_layout(std::vector<SafetensorsEntry>& entries, std::size_t data_size,
                  const Refuse& refuse) {
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  std::size_t expected = 0;
  for (const auto& entry : entries) {
    const auto& name = entry.name;
    if (entry.end < entry.begin) {
      refuse(name, fmt::format("its data_offsets [{}, {}] run backwards", entry.begin, entry.end));
    }
    if (entry.end > data_size) {
      refuse(name,
             fmt::format("it ends at byte {} of the data, of which there are {}", entry.end,
                         data_size),
             "The file is incomplete; fetch it again.");
    }
    const auto needed = bytes_needed(entry.type, entry.shape);
    if (!needed) {
      refuse(name, fmt::format("its shape [{}] of {} is no whole number of bytes below 2^60",
                               fmt::join(entry.shape, ", "), name_of(entry.type)));
    }
    if (*needed != entry.end - entry.begin) {
      refuse(name, fmt::format("its shape [{}] of {} needs {} bytes, its data_offsets hold {}",
                               fmt::join(entry.shape, ", "), name_of(entry.type), *needed,
                               entry.end - entry.begin));
    }
    if (entry.begin < expected) {
      refuse(name, fmt::format("it begins at byte {} of the data, inside another tensor that ends "
                               "at {}",
                               entry.begin, expected));
    }
    if (entry.begin > expected) {
      refuse(name, fmt::format("before it lie bytes that belong to no tensor: {}",
                               entry.begin - expected));
    }
    expected = entry.end;
  }
  if (expected < data_size) {
    refuse("", fmt::format("after its last tensor lie bytes that belong to none: {}",
                           data_size - expected));
  }
}

}  // namespace

std::string_view name_of(SafetensorsType type) {
  return row_of(type).name;
}

unsigned bits_of(SafetensorsType type) {
  return row_of(type).bits;
}

std::optional<SafetensorsType> safetensors_type(std::string_view name) {
  for (const auto& row : kTypes) {
    if (row.name == name) return row.type;
  }
  return std::nullopt;
}

SafetensorsHeader read_safetensors_header(std::span<const std::byte> bytes,
                                          const std::filesystem::path& file) {
  const Refuse refuse(file);
  const auto text = text_of(bytes);
  const auto refuse_container = [&](std::string problem, std::string_view advice = kFetchAgain) {
    if (const auto other = other_container(text)) refuse("", other->first, other->second);
    refuse("", std::move(problem), advice);
  };
  if (text.empty()) refuse("", "it is empty", "Fetch it again.");
  if (text.size() < 8) {
    refuse_container(
        fmt::format("it has {} bytes, fewer than the 8 that a safetensors file begins "
                    "with",
                    text.size()));
  }
  std::uint64_t length = 0;
  for (int i = 7; i >= 0; --i) {
    length = length << 8 | std::to_integer<std::uint64_t>(bytes[static_cast<std::size_t>(i)]);
  }
  if (length > kSafetensorsHeaderLimit) {
    refuse_container(
        fmt::format("its header would have {} bytes, more than the {} that are allowed", length,
                    kSafetensorsHeaderLimit));
  }
  if (length > text.size() - 8) {
    refuse_container(
        fmt::format("its header would have {} bytes, but only {} follow", length, text.size() - 8),
        "The file is incomplete; fetch it again.");
  }
  const auto json = text.substr(8, length);
  if (!json.starts_with('{')) refuse_container("its header does not begin with '{'");
  if (const auto at = find_invalid_utf8(json); at != json.npos) {
    refuse("", fmt::format("its header is not UTF-8, at byte {} of it", at));
  }
  // The JSON reader takes a zero byte for the end of its input.
  if (const auto at = json.find('\0'); at != json.npos) {
    refuse("", fmt::format("its header is not valid JSON, at byte {} of it", at + 1));
  }

  SafetensorsHeader header;
  header.data_start = 8 + length;
  HeaderReader reader(header, refuse);
  if (!nlohmann::json::sax_parse(json.begin(), json.end(), &reader)) {
    refuse("", "its header is not valid JSON");
  }
  check_names(header.entries, refuse);
  check_layout(header.entries, text.size() - header.data_start, refuse);
  return header;
}

namespace {

// Note [Publishing a file]
// The bytes go to a temporary name in the same folder, are synced, and take the final name by one
// rename; then the folder is synced. A reader sees the old file or the new one. What fails half-way
// removes the temporary name.
class FileInTheMaking {
 public:
  explicit FileInTheMaking(const std::filesystem::path& path) : path_(path) {
    static std::atomic<unsigned> counter{0};
    do {
      temporary_ = path;
      temporary_ += fmt::format(".{}-{}.part", ::getpid(), counter++);
      fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (fd_ < 0 && errno == EEXIST);
    if (fd_ < 0) fail(WeightsError::Kind::uncreatable, errno);
  }

  ~FileInTheMaking() {
    if (fd_ >= 0) ::close(fd_);
    if (!published_) ::unlink(temporary_.c_str());
  }
  FileInTheMaking(const FileInTheMaking&) = delete;
  FileInTheMaking& operator=(const FileInTheMaking&) = delete;

  void write(const void* data, std::size_t size) {
    constexpr std::size_t kPiece = std::size_t{1} << 30;
    const auto* at = static_cast<const char*>(data);
    while (size > 0) {
      const auto written = ::write(fd_, at, std::min(size, kPiece));
      if (written < 0) {
        if (errno == EINTR) continue;
        fail(WeightsError::Kind::write_failed, errno);
      }
      at += written;
      size -= static_cast<std::size_t>(written);
    }
  }

  void publish() {
    if (::fsync(fd_) != 0) fail(WeightsError::Kind::write_failed, errno);
    const int closed = ::close(std::exchange(fd_, -1));
    if (closed != 0) fail(WeightsError::Kind::write_failed, errno);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
      fail(WeightsError::Kind::uncreatable, errno);
    }
    published_ = true;
    auto folder = path_.parent_path();
    if (folder.empty()) folder = ".";
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;  // a folder that may be written but not read
    const int synced = ::fsync(fd);
    const int error = errno;
    ::close(fd);
    if (synced != 0 && error != EINVAL) fail(WeightsError::Kind::write_failed, error);
  }

 private:
  [[noreturn]] void fail(WeightsError::Kind kind, int error) const {
    const bool full = error == ENOSPC || error == EDQUOT;
    throw WeightsError(kind, {.doing = "writing " + path_.string(),
                              .tensor = {},
                              .problem = std::generic_category().message(error),
                              .advice = full ? "Free some space." : ""});
  }

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int fd_ = -1;
  bool published_ = false;
};

std::string json_text(std::string_view text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    throw std::invalid_argument("write_safetensors: " + shown(text) + " is not UTF-8");
  }
}

std::string header_text(const std::vector<SafetensorsTensor>& tensors,
                        const std::map<std::string, std::string>& metadata) {
  std::string json = "{";
  if (!metadata.empty()) {
    json += "\"__metadata__\":{";
    for (bool first = true; const auto& [key, value] : metadata) {
      if (!std::exchange(first, false)) json += ',';
      json += json_text(key) + ':' + json_text(value);
    }
    json += '}';
  }
  std::size_t offset = 0;
  for (const auto& tensor : tensors) {
    if (json.size() > 1) json += ',';
    json += fmt::format(R"({}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                        json_text(tensor.name), name_of(tensor.type), fmt::join(tensor.shape, ","),
                        offset, offset + tensor.bytes.size());
    offset += tensor.bytes.size();
  }
  json += '}';
  json.resize((json.size() + 7) / 8 * 8, ' ');
  return json;
}

// Gives the file's bytes to `sink`, piece by piece.
template <class Sink>
void emit_safetensors(std::vector<SafetensorsTensor> tensors,
                      const std::map<std::string, std::string>& metadata, const Sink& sink) {
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    const auto wide_a = bits_of(a.type);
    const auto wide_b = bits_of(b.type);
    return wide_a != wide_b ? wide_a > wide_b : a.name < b.name;
  });
  std::set<std::string_view> names;
  for (const auto& tensor : tensors) {
    if (tensor.name == kMetadata || !names.insert(tensor.name).second) {
      throw std::invalid_argument("write_safetensors: a second tensor " + shown(tensor.name));
    }
    if (bytes_needed(tensor.type, tensor.shape) != tensor.bytes.size()) {
      throw std::invalid_argument("write_safetensors: bytes of " + shown(tensor.name) +
                                  " do not fit its type and shape");
    }
    if (tensor.shape.size() > kSafetensorsRankLimit) {
      throw std::invalid_argument("write_safetensors: too many dimensions: " + shown(tensor.name));
    }
  }
  const auto json = header_text(tensors, metadata);
  if (json.size() > kSafetensorsHeaderLimit) {
    throw std::invalid_argument("write_safetensors: the header is too large");
  }
  std::array<char, 8> length{};
  for (std::size_t i = 0; i < length.size(); ++i) {
    length[i] = static_cast<char>(json.size() >> (8 * i) & 0xff);
  }

  sink(length.data(), length.size());
  sink(json.data(), json.size());
  for (const auto& tensor : tensors) sink(tensor.bytes.data(), tensor.bytes.size());
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::vector<SafetensorsTensor> tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::optional<FileInTheMaking> file;  // not before the content is known to be good
  emit_safetensors(std::move(tensors), metadata, [&](const void* data, std::size_t size) {
    if (!file) file.emplace(path);
    file->write(data, size);
  });
  file->publish();
}

std::vector<std::byte> safetensors_bytes(std::vector<SafetensorsTensor> tensors,
                                         const std::map<std::string, std::string>& metadata) {
  std::vector<std::byte> bytes;
  emit_safetensors(std::move(tensors), metadata, [&](const void* data, std::size_t size) {
    const auto* from = static_cast<const std::byte*>(data);
    bytes.insert(bytes.end(), from, from + size);
  });
  return bytes;
}

}  // namespace latentreel::models
