#include <string>

#include "models/files/mapped_file.h"
#include "models/files/weights_index.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {
namespace {

void use_as_name(std::string name) {
  const auto shard = shard_name(name);
  if (!shard) return;
  expect(shard->number >= 1 && shard->number <= shard->count, "a shard is one of those there are");
  expect(shard->count <= 99'999, "numbers have five digits");
  expect(is_weights_index(shard->index), "an index is called so");
  expect(shard->index.find('/') == std::string::npos, "an index lies beside its shards");
}

}  // namespace

void fuzz_index(FuzzBytes bytes) {
  use_as_name(std::string(text_of(bytes)));
  may_refuse("x.index.json", [bytes] {
    const auto index = read_weights_index(bytes, "x.index.json");
    expect(!index.shards.empty() && index.shards.size() <= kIndexTensorLimit, "tensors are named");
    for (const auto& [tensor, shard] : index.shards) {
      expect(!shard.empty() && shard.size() <= 255, "a shard has a name");
      expect(shard != "." && shard != ".." && shard.find('/') == shard.npos &&
                 shard.find('\0') == shard.npos,
             "a shard lies beside its index");
      use_as_name(shard);
    }
  });
}

}  // namespace latentreel::models
