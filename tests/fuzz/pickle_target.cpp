#include <string>

#include "models/files/pickle.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {

void fuzz_pickle(FuzzBytes bytes) {
  may_refuse("x.ckpt", [bytes] {
    const auto pickle = read_pickle(bytes, "reading data.pkl of x.ckpt");
    expect(pickle.root != nullptr, "a pickle has a root");
    expect(pickle.size <= bytes.size(), "a pickle ends within its bytes");
    for (const auto& value : pickle.values) {
      expect(!value.described().empty(), "a value can be described");
      std::size_t count = 0;
      value.for_each_item([&count](const PickleValue&, const PickleValue&) { ++count; });
      expect(count <= value.extent(), "the extent bounds the items");
      value.find("state_dict");
    }
  });
}

}  // namespace latentreel::models
