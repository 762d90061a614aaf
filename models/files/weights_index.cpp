#include "models/files/weights_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "models/files/error.h"
#include "models/files/mapped_file.h"
#include "models/files/other_files.h"

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepestIndex = 16;  // brackets; a true index has two

[[noreturn]] void refuse_index(const fs::path& file, std::string_view tensor, std::string problem,
                               const std::string& advice =
                                   "The index is damaged or was made to do "
                                   "harm; fetch it again.") {
  throw WeightsError(WeightsError::Kind::invalid,
                     {.doing = "reading the index of a model in several files, " + file.string(),
                      .tensor = std::string(tensor),
                      .problem = std::move(problem),
                      .advice = advice});
}

// A name that cannot leave the index's folder.
bool is_plain_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
         std::none_of(name.begin(), name.end(), [](char c) {
           return c == '/' || c == '\\' || static_cast<unsigned char>(c) < ' ' || c == '\x7f';
         });
}

// Reads the index as events: whatever is beside "weight_map" is passed over without being kept.
class IndexReader {
 public:
  IndexReader(WeightsIndex& index, const fs::path& file) : index_(index), file_(file) {}

  bool has_map() const { return has_map_; }

  bool null() { return other_value(); }
  bool boolean(bool) { return other_value(); }
  bool binary(nlohmann::json::binary_t&) { return other_value(); }
  bool number_integer(std::int64_t) { return other_value(); }
  bool number_unsigned(std::uint64_t) { return other_value(); }
  bool number_float(double, const std::string&) { return other_value(); }

  bool string(std::string& text) {
    if (!in_map()) return other_value();
    if (!is_plain_file_name(text)) {
      refuse_index(file_, tensor_, "its shard " + shown(text) + " is not the plain name of a file");
    }
    shards_.insert(text);
    if (shards_.size() > kIndexShardLimit) {
      refuse_index(file_, {}, fmt::format("it names more than {} files", kIndexShardLimit));
    }
    if (!index_.shards.emplace(tensor_, text).second) {
      refuse_index(file_, tensor_, "it is in the index twice");
    }
    if (index_.shards.size() > kIndexTensorLimit) {
      refuse_index(file_, {}, fmt::format("it names more than {} tensors", kIndexTensorLimit));
    }
    return true;
  }

  bool key(std::string& text) {
    if (depth_ == 1) {
      if (text == "weight_map" && std::exchange(has_map_, true)) {
        refuse_index(file_, {}, "it holds weight_map twice");
      }
      is_map_ = text == "weight_map";
    } else if (in_map()) {
      tensor_ = text;
    }
    return true;
  }

  bool start_object(std::size_t) {
    if (in_map()) other_value();
    return deeper();
  }
  bool start_array(std::size_t) {
    if (depth_ == 0) refuse_index(file_, {}, "it is a list, not an object");
    if (is_map_) refuse_index(file_, {}, "its weight_map holds a list");
    return deeper();
  }
  bool end_object() { return shallower(); }
  bool end_array() { return shallower(); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
    refuse_index(file_, {}, fmt::format("it is not valid JSON, at byte {}", position));
  }

 private:
  bool in_map() const { return is_map_ && depth_ == 2; }

  bool deeper() {
    if (++depth_ > kDeepestIndex) refuse_index(file_, {}, "it is nested too deeply");
    return true;
  }
  bool shallower() {
    --depth_;
    return true;
  }

  // A value that is not text.
  bool other_value() const {
    if (in_map()) refuse_index(file_, tensor_, "its shard is not the name of a file");
    if (is_map_ && depth_ == 1) refuse_index(file_, {}, "its weight_map is not an object");
    if (depth_ == 0) refuse_index(file_, {}, "it is not an object");
    return true;
  }

  WeightsIndex& index_;
  const fs::path& file_;
  std::set<std::string> shards_;
  std::string tensor_;
  int depth_ = 0;
  bool has_map_ = false;
  bool is_map_ = false;  // within the value of "weight_map"
};

std::optional<int> five_digits(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.size() != 5) {
    return std::nullopt;
  }
  return number;
}

// What a folder's weights are called by those who make such folders, the best first: an index
// stands for the same weights as the single file of its name.
constexpr std::array kUsualNames = {
    "model.safetensors.index.json",
    "model.safetensors",
    "open_clip_model.safetensors",
    "diffusion_pytorch_model.safetensors.index.json",
    "diffusion_pytorch_model.safetensors",
    "pytorch_model.bin.index.json",
    "pytorch_model.bin",
    "open_clip_pytorch_model.bin",
    "diffusion_pytorch_model.bin",
};

bool has_weights_extension(const fs::path& file) {
  constexpr std::array<std::string_view, 5> kExtensions = {".safetensors", ".pt", ".pth", ".ckpt",
                                                           ".bin"};
  const auto extension = file.extension().string();
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

// The only file of a folder whose name ends as weights' names do.
std::optional<fs::path> only_weights_in(const fs::path& folder) {
  std::optional<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (!has_weights_extension(entry.path())) continue;
    if (found) return std::nullopt;
    found = entry.path();
  }
  return found;
}

// A folder's file of weights; anything else is one itself, or no weights at all.
fs::path file_of_weights(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return path;
  for (const auto* name : kUsualNames) {
    if (fs::exists(path / name, ignored)) return path / name;
  }
  if (const auto only = only_weights_in(path)) return *only;
  throw WeightsError(
      WeightsError::Kind::invalid,
      {.doing = "opening " + path.string(),
       .tensor = {},
       .problem = "it is a folder, and none or several of its files could be the model",
       .advice = "Name the file in it, or the .index.json of those that belong together."});
}

// The index of the model that `path` is a part of, else `path` itself.
fs::path with_all_shards(const fs::path& path) {
  const auto shard = shard_name(path);
  if (!shard || shard->count == 1) return path;
  auto index = path.parent_path() / shard->index;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return path;  // which says so when it is opened
  if (fs::exists(index, ignored)) return index;
  throw WeightsError(
      WeightsError::Kind::invalid,
      {.doing = "opening " + path.string(),
       .tensor = {},
       .problem = fmt::format("it is part {} of {} of a model", shard->number, shard->count),
       .advice = fmt::format("Put the other parts and their index, {}, beside it.",
                             shown(shard->index))});
}

}  // namespace

bool is_weights_index(const fs::path& file) {
  return file.filename().string().ends_with(".index.json");
}

WeightsIndex read_weights_index(std::span<const std::byte> bytes, const fs::path& file) {
  const auto text = text_of(bytes);
  if (text.size() > kIndexSizeLimit) {
    refuse_index(file, {}, fmt::format("it has {} bytes, more than any index", text.size()));
  }
  if (!text.starts_with('{')) {
    if (const auto other = other_file(text)) refuse_index(file, {}, other->problem, other->advice);
  }
  // The JSON reader takes a zero byte for the end of its input.
  if (const auto at = text.find('\0'); at != text.npos) {
    refuse_index(file, {}, fmt::format("it is not valid JSON, at byte {}", at + 1));
  }
  WeightsIndex index;
  IndexReader reader(index, file);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &reader)) {
    refuse_index(file, {}, "it is not valid JSON");
  }
  if (!reader.has_map() || index.shards.empty()) {
    refuse_index(file, {}, "it names no tensors under weight_map",
                 "Name the index that belongs to the model's files.");
  }
  return index;
}

std::optional<ShardName> shard_name(const fs::path& file) {
  constexpr std::size_t kNumbers = 15;  // "-00001-of-00002"
  const auto stem = file.stem().string();
  if (stem.size() <= kNumbers) return std::nullopt;
  const auto numbers = std::string_view(stem).substr(stem.size() - kNumbers);
  const auto number = five_digits(numbers.substr(1, 5));
  const auto count = five_digits(numbers.substr(10));
  if (numbers[0] != '-' || numbers.substr(6, 4) != "-of-" || !number || !count) return std::nullopt;
  if (*number < 1 || *number > *count) return std::nullopt;
  return ShardName{.number = *number,
                   .count = *count,
                   .index = fmt::format("{}{}.index.json", stem.substr(0, stem.size() - kNumbers),
                                        file.extension().string())};
}

fs::path resolve_weights(const fs::path& path) {
  return with_all_shards(file_of_weights(path));
}

}  // namespace latentreel::models
