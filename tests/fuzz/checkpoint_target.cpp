#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "models/files/torch_file.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"
#include "tests/models/torch_file_writer.h"

namespace latentreel::models {
namespace {

// The furthest number, as a copy would compute it; and the first.
void touch(const TorchTensor& tensor) {
  const auto size = bits_of(tensor.type) / 8;
  std::uint64_t last = tensor.offset;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    expect(tensor.shape[i] >= 0 && tensor.strides[i] >= 0, "no size or stride is negative");
    if (tensor.shape[i] == 0) return;
    last += static_cast<std::uint64_t>(tensor.shape[i] - 1) *
            static_cast<std::uint64_t>(tensor.strides[i]);
  }
  expect(tensor.offset <= last && (last + 1) * size <= tensor.bytes.size(),
         "a tensor lies in its storage");
  [[maybe_unused]] volatile const auto first_byte = tensor.bytes[tensor.offset * size];
  [[maybe_unused]] volatile const auto last_byte = tensor.bytes[(last + 1) * size - 1];
}

void read(FuzzBytes bytes) {
  may_refuse("x.ckpt", [bytes] {
    const TorchFile file(bytes, "x.ckpt");
    for (const auto& name : file.names()) {
      may_refuse("x.ckpt", [&] {
        const auto tensor = file.tensor(name);
        expect(file.is_tensor(name), "what can be read as a tensor is called one");
        touch(tensor);
        file.check(tensor.storage);
      });
    }
  });
}

// Check sums keep invented pickles from being read: they are put into an archive with right ones.
std::string archive_of(FuzzBytes bytes) {
  const std::string pickle(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const Storages storages{{"0", std::string(64, '\1')}, {"1", std::string(6, '\2')}, {"2", ""}};
  const bool is_module = pickle.find("__torch__") != pickle.npos;
  return is_module ? torchscript_of(pickle, storages) : checkpoint_of(pickle, storages);
}

}  // namespace

void fuzz_checkpoint(FuzzBytes bytes) {
  if (TorchFile::recognises(bytes)) {
    read(bytes);
  } else {
    const auto file = archive_of(bytes);
    read({reinterpret_cast<const std::byte*>(file.data()), file.size()});
  }
}

}  // namespace latentreel::models
