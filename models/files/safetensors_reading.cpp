#include <fmt/core.h>
#include <fmt/ranges.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "models/files/error.h"
#include "models/files/mapped_file.h"
#include "models/files/other_files.h"
#include "models/files/safetensors.h"
#include "models/files/safetensors_layout.h"

namespace latentreel::models {
namespace {

constexpr std::string_view kSafetensorsDamaged =
    "The file is damaged or was not written as safetensors; fetch it again.";

// Throws for one file, so that every check below is a line.
class Refuse {
 public:
  explicit Refuse(const std::filesystem::path& file) : doing_("reading " + file.string()) {}

  [[noreturn]] void operator()(std::string_view tensor, std::string problem,
                               std::string_view advice = kSafetensorsDamaged) const {
    throw WeightsError(WeightsError::Kind::invalid, {.doing = doing_,
                                                     .tensor = std::string(tensor),
                                                     .problem = std::move(problem),
                                                     .advice = std::string(advice)});
  }

 private:
  std::string doing_;
};

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
        if (name_ == kSafetensorsMetadata) {
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
        if (name_ == kSafetensorsMetadata)
          refuse_("", fmt::format("its __metadata__ is {}", found));
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
        refuse_("", fmt::format("its header holds {} where a tensor should be", found));
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

void check_names(const std::vector<SafetensorsEntry>& entries, const Refuse& refuse) {
  std::vector<std::string_view> names;
  names.reserve(entries.size());
  for (const auto& entry : entries) names.emplace_back(entry.name);
  std::sort(names.begin(), names.end());
  const auto twin = std::adjacent_find(names.begin(), names.end());
  if (twin != names.end()) refuse(*twin, "its name is in the header twice");
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
      refuse(name, fmt::format("its shape [{}] of {} is not a whole number of bytes below 2^60",
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
      refuse(name, fmt::format("bytes before it belong to no tensor: {}", entry.begin - expected));
    }
    expected = entry.end;
  }
  if (expected < data_size) {
    refuse("", fmt::format("bytes after its last tensor belong to none: {}", data_size - expected));
  }
}

}  // namespace

SafetensorsHeader read_safetensors_header(std::span<const std::byte> bytes,
                                          const std::filesystem::path& file) {
  const Refuse refuse(file);
  const auto text = text_of(bytes);
  std::uint64_t length = 0;
  const auto refuse_container = [&](std::string problem,
                                    std::string_view advice = kSafetensorsDamaged) {
    // A true header that is damaged is named as such, whatever its length happens to look like.
    const bool has_header = text.size() > 8 && length <= kSafetensorsHeaderLimit && text[8] == '{';
    if (const auto other = other_file(text); other && !has_header) {
      refuse("", other->problem, other->advice);
    }
    refuse("", std::move(problem), advice);
  };
  if (text.empty()) refuse("", "it is empty", "Fetch it again.");
  if (text.size() < 8) {
    refuse_container(
        fmt::format("it has {} bytes, fewer than the 8 that a safetensors file begins "
                    "with",
                    text.size()));
  }
  for (int i = 7; i >= 0; --i) {
    length = length << 8 | std::to_integer<std::uint64_t>(bytes[static_cast<std::size_t>(i)]);
  }
  if (length > kSafetensorsHeaderLimit) {
    if (text.size() > 8 && text[8] != '{') {
      refuse_container("it is no safetensors file, no PyTorch checkpoint, and nothing else known",
                       "Name the model's file; if this is it, it is damaged: fetch it again.");
    }
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

}  // namespace latentreel::models
