#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Writers of the containers that models/files reads, for tests: pickles an instruction at a time,
// zip archives a member at a time. They write what they are told to, wrong or right.

namespace latentreel::models {

class PickleWriter {
 public:
  explicit PickleWriter(int protocol = 2);

  // Instructions as they stand.
  PickleWriter& raw(std::string_view instructions);

  PickleWriter& none() { return raw("N"); }
  PickleWriter& truth(bool value) { return raw(value ? "\x88" : "\x89"); }
  PickleWriter& integer(std::int64_t value);
  PickleWriter& real(double value);
  PickleWriter& text(std::string_view value);
  PickleWriter& mark() { return raw("("); }
  PickleWriter& dict() { return raw("}"); }
  PickleWriter& list() { return raw("]"); }
  PickleWriter& tuple() { return raw("t"); }  // of what stands above the mark
  PickleWriter& integers(std::initializer_list<std::int64_t> values);  // a tuple
  PickleWriter& set_item() { return raw("s"); }
  PickleWriter& set_items() { return raw("u"); }
  PickleWriter& append() { return raw("a"); }
  PickleWriter& global(std::string_view module, std::string_view name);
  PickleWriter& reduce() { return raw("R"); }
  PickleWriter& new_object() { return raw("\x81"); }
  PickleWriter& build() { return raw("b"); }
  PickleWriter& put(std::uint8_t index);
  PickleWriter& get(std::uint8_t index);
  PickleWriter& ordered_dict() { return global("collections", "OrderedDict").raw(")R"); }

  // A storage as zip archives name it, or with a part (key, first, count) as legacy files do.
  PickleWriter& storage(std::string_view type, std::string_view key, std::int64_t count);
  PickleWriter& storage_part(std::string_view type, std::string_view key, std::int64_t count,
                             std::int64_t first, std::int64_t part_count);

  // _rebuild_tensor_v2 of all of a storage's elements, or of a view.
  PickleWriter& tensor(std::string_view type, std::string_view key,
                       std::initializer_list<std::int64_t> shape);
  PickleWriter& view(std::string_view type, std::string_view key, std::int64_t count,
                     std::int64_t offset, std::initializer_list<std::int64_t> shape,
                     std::initializer_list<std::int64_t> strides);
  // What stands before and behind a storage in that call.
  PickleWriter& begin_tensor() { return global("torch._utils", "_rebuild_tensor_v2").mark(); }
  PickleWriter& end_tensor(std::int64_t offset, std::initializer_list<std::int64_t> shape,
                           std::initializer_list<std::int64_t> strides);

  // What has been written, with the end mark.
  std::string finish() const { return bytes_ + "."; }

 private:
  std::string bytes_;
};

// Where a member departs from a well-formed one.
struct ZipOddity {
  std::uint16_t method = 0;  // 8: deflated
  std::uint16_t flags = 8;   // sizes follow the data, as PyTorch writes
  std::optional<std::uint16_t> local_method;
  std::optional<std::string> local_name;
  std::optional<std::uint32_t> crc;
  std::optional<std::uint64_t> size;    // in the directory, unpacked
  std::optional<std::uint64_t> packed;  // in the directory
  std::optional<std::uint64_t> header;  // in the directory; nothing is written for it then
  bool zip64 = false;                   // sizes and place in a zip64 field
};

class ZipWriter {
 public:
  // As PyTorch does: stored, its first byte at a multiple of 64, by means of an extra field "FB".
  ZipWriter& add(const std::string& name, std::string_view content, const ZipOddity& odd = {});

  std::uint64_t size() const { return bytes_.size(); }

  // The archive with its directory and its ends: with zip64 ones, as PyTorch always writes, or
  // without.
  enum class End { zip64, plain };
  std::string finish(End end = End::zip64, std::string_view comment = {}) const;

 private:
  std::string bytes_;
  std::string directory_;
  std::uint64_t members_ = 0;
};

using Storages = std::vector<std::pair<std::string, std::string>>;  // key, bytes

// A checkpoint as torch.save writes it, in the folder "archive"; the same as a TorchScript archive;
// and as torch.save wrote it before 1.6 (each storage: key, and its element count with its bytes).
std::string checkpoint_of(const std::string& pickle, const Storages& storages);
std::string torchscript_of(const std::string& pickle, const Storages& storages);
std::string legacy_of(const std::string& pickle, const Storages& storages, unsigned element_size);

std::string floats(std::initializer_list<float> values);  // their bytes

}  // namespace latentreel::models
