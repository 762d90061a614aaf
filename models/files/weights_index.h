#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// Models in several files ("shards"), as Hugging Face's libraries save large ones:
//
//   model-00001-of-00002.safetensors, model-00002-of-00002.safetensors
//   model.safetensors.index.json   {"metadata": {…}, "weight_map": {"TENSOR": "SHARD", …}}
//
// An index is hostile input as much as the shards are.

namespace latentreel::models {

// The index's limits: of its own size, and of what it may say.
inline constexpr std::size_t kIndexSizeLimit = 32'000'000;  // bytes
inline constexpr std::size_t kIndexTensorLimit = 100'000;
inline constexpr std::size_t kIndexShardLimit = 1000;

struct WeightsIndex {
  std::map<std::string, std::string, std::less<>> shards;  // by tensor; names without folders
};

// Whether a path is called as an index is: "….index.json".
bool is_weights_index(const std::filesystem::path& file);

// Reads a whole index; `file` is its name for messages. Throws WeightsError (invalid) where it is
// not exactly such JSON, names a tensor twice, or names a shard that is not a plain name of a file
// in the same folder.
WeightsIndex read_weights_index(std::span<const std::byte> bytes,
                                const std::filesystem::path& file);

// What the name of one shard says: "model-00001-of-00002.safetensors".
struct ShardName {
  int number = 0;  // counted from 1
  int count = 0;
  std::string index;  // the name of its index: "model.safetensors.index.json"
};
std::optional<ShardName> shard_name(const std::filesystem::path& file);

// What is to be read for `path`: of a folder, the index or the file of weights in it, under the
// names that makers of such folders give it, or the only one that ends as weights do; of a shard,
// its index; otherwise `path` itself, whether or not it is there. Throws WeightsError (invalid)
// where a folder holds nothing of this, or a shard's index is not beside it.
std::filesystem::path resolve_weights(const std::filesystem::path& path);

}  // namespace latentreel::models
