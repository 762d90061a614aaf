#include "models/files/safetensors.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {

void fuzz_safetensors(FuzzBytes bytes) {
  may_refuse("x.safetensors", [bytes] {
    const auto header = read_safetensors_header(bytes, "x.safetensors");
    std::size_t end = 0;
    for (const auto& entry : header.entries) {
      expect(entry.begin == end && entry.end >= entry.begin, "tensors follow one another");
      expect(entry.shape.size() <= kSafetensorsRankLimit, "ranks are bounded");
      std::size_t bits = bits_of(entry.type);
      for (const auto size : entry.shape) bits *= static_cast<std::size_t>(size);
      expect(bits == 8 * (entry.end - entry.begin), "a tensor has the bytes that its shape needs");
      end = entry.end;
    }
    expect(header.data_start + end == bytes.size(), "tensors fill the file");
  });
}

}  // namespace latentreel::models
