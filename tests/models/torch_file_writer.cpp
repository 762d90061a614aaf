#include "tests/models/torch_file_writer.h"

#include <zlib.h>

#include <bit>
#include <cstring>

namespace latentreel::models {
namespace {

template <class Number>
std::string little(Number value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::string u16(std::uint64_t value) {
  return little(static_cast<std::uint16_t>(value));
}
std::string u32(std::uint64_t value) {
  return little(static_cast<std::uint32_t>(value));
}

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::int64_t count_of(std::initializer_list<std::int64_t> shape) {
  std::int64_t count = 1;
  for (const auto size : shape) count *= size;
  return count;
}

}  // namespace

// ---- Pickles ------------------------------------------------------------------------------------

PickleWriter::PickleWriter(int protocol) : bytes_{'\x80', static_cast<char>(protocol)} {}

PickleWriter& PickleWriter::raw(std::string_view instructions) {
  bytes_ += instructions;
  return *this;
}

PickleWriter& PickleWriter::integer(std::int64_t value) {
  if (value >= 0 && value < 256) return raw("K").raw(little(static_cast<std::uint8_t>(value)));
  if (value == static_cast<std::int32_t>(value)) {
    return raw("J").raw(little(static_cast<std::int32_t>(value)));
  }
  return raw("\x8a\x08").raw(little(value));
}

PickleWriter& PickleWriter::real(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  raw("G");
  for (int shift = 56; shift >= 0; shift -= 8) bytes_ += static_cast<char>(bits >> shift & 0xff);
  return *this;
}

PickleWriter& PickleWriter::text(std::string_view value) {
  return raw("X").raw(u32(value.size())).raw(value);
}

PickleWriter& PickleWriter::integers(std::initializer_list<std::int64_t> values) {
  mark();
  for (const auto value : values) integer(value);
  return tuple();
}

PickleWriter& PickleWriter::global(std::string_view module, std::string_view name) {
  return raw("c").raw(module).raw("\n").raw(name).raw("\n");
}

PickleWriter& PickleWriter::put(std::uint8_t index) {
  return raw("q").raw(little(index));
}

PickleWriter& PickleWriter::get(std::uint8_t index) {
  return raw("h").raw(little(index));
}

PickleWriter& PickleWriter::storage(std::string_view type, std::string_view key,
                                    std::int64_t count) {
  return mark()
      .text("storage")
      .global("torch", type)
      .text(key)
      .text("cpu")
      .integer(count)
      .raw("tQ");
}

PickleWriter& PickleWriter::storage_part(std::string_view type, std::string_view key,
                                         std::int64_t count, std::int64_t first,
                                         std::int64_t part_count) {
  mark().text("storage").global("torch", type).text(key).text("cpu").integer(count);
  mark().text("part").integer(first).integer(part_count).tuple();
  return raw("tQ");
}

PickleWriter& PickleWriter::end_tensor(std::int64_t offset,
                                       std::initializer_list<std::int64_t> shape,
                                       std::initializer_list<std::int64_t> strides) {
  integer(offset).integers(shape).integers(strides).truth(false);
  return ordered_dict().tuple().reduce();
}

PickleWriter& PickleWriter::view(std::string_view type, std::string_view key, std::int64_t count,
                                 std::int64_t offset, std::initializer_list<std::int64_t> shape,
                                 std::initializer_list<std::int64_t> strides) {
  return begin_tensor().storage(type, key, count).end_tensor(offset, shape, strides);
}

PickleWriter& PickleWriter::tensor(std::string_view type, std::string_view key,
                                   std::initializer_list<std::int64_t> shape) {
  begin_tensor().storage(type, key, count_of(shape)).integer(0).integers(shape).mark();
  auto stride = count_of(shape);
  for (const auto size : shape) integer(stride = size == 0 ? 0 : stride / size);
  return tuple().truth(false).ordered_dict().tuple().reduce();
}

// ---- Zip archives -------------------------------------------------------------------------------

ZipWriter& ZipWriter::add(const std::string& name, std::string_view content, const ZipOddity& odd) {
  const auto crc = odd.crc.value_or(crc_of(content));
  const auto size = odd.size.value_or(content.size());
  const auto packed = odd.packed.value_or(content.size());
  const auto header = odd.header.value_or(bytes_.size());
  if (!odd.header) {
    const auto& local_name = odd.local_name.value_or(name);
    const auto start = bytes_.size() + 30 + local_name.size() + 4;
    const auto padding = (64 - start % 64) % 64;
    bytes_ += u32(0x04034b50) + u16(0) + u16(odd.flags) +
              u16(odd.local_method.value_or(odd.method)) + u32(0) + u32(0) + u32(0) + u32(0) +
              u16(local_name.size()) + u16(4 + padding) + local_name;
    bytes_ += "FB" + u16(padding) + std::string(padding, 'Z');
    bytes_ += content;
    bytes_ += u32(0x08074b50) + u32(crc) + u32(packed) + u32(size);
  }
  constexpr std::uint64_t kElsewhere = 0xffffffff;
  std::string extra;
  if (odd.zip64) extra = u16(1) + u16(24) + little(size) + little(packed) + little(header);
  directory_ += u32(0x02014b50) + u16(0) + u16(0) + u16(odd.flags) + u16(odd.method) + u32(0) +
                u32(crc) + u32(odd.zip64 ? kElsewhere : packed) +
                u32(odd.zip64 ? kElsewhere : size) + u16(name.size()) + u16(extra.size()) + u16(0) +
                u16(0) + u16(0) + u32(0) + u32(odd.zip64 ? kElsewhere : header) + name + extra;
  ++members_;
  return *this;
}

std::string ZipWriter::finish(End end, std::string_view comment) const {
  auto bytes = bytes_ + directory_;
  if (end == End::zip64) {
    const auto at = static_cast<std::uint64_t>(bytes.size());
    bytes += u32(0x06064b50) + little(std::uint64_t{44}) + u16(45) + u16(45) + u32(0) + u32(0) +
             little(members_) + little(members_) + little<std::uint64_t>(directory_.size()) +
             little<std::uint64_t>(bytes_.size());
    bytes += u32(0x07064b50) + u32(0) + little(at) + u32(1);
  }
  bytes += u32(0x06054b50) + u16(0) + u16(0) + u16(members_) + u16(members_) +
           u32(directory_.size()) + u32(bytes_.size()) + u16(comment.size());
  return bytes.append(comment);
}

// ---- PyTorch's files ----------------------------------------------------------------------------

std::string checkpoint_of(const std::string& pickle, const Storages& storages) {
  ZipWriter zip;
  zip.add("archive/data.pkl", pickle);
  for (const auto& [key, bytes] : storages) zip.add("archive/data/" + key, bytes);
  return zip.add("archive/version", "3\n").finish();
}

std::string torchscript_of(const std::string& pickle, const Storages& storages) {
  ZipWriter zip;
  zip.add("archive/data.pkl", pickle);
  zip.add("archive/code/__torch__.py", "not deflate", {.method = 8, .size = 100});
  for (const auto& [key, bytes] : storages) zip.add("archive/data/" + key, bytes);
  zip.add("archive/constants.pkl", "\x80\x02).");
  return zip.add("archive/version", "3\n").finish();
}

std::string legacy_of(const std::string& pickle, const Storages& storages, unsigned element_size) {
  using namespace std::string_view_literals;
  std::string file("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."sv);
  file += PickleWriter().integer(1001).finish();
  file += PickleWriter().dict().text("little_endian").truth(true).set_item().finish();
  file += pickle;
  PickleWriter keys;
  keys.list();
  for (const auto& [key, bytes] : storages) keys.text(key).append();
  file += keys.finish();
  for (const auto& [key, bytes] : storages) {
    file += little<std::uint64_t>(bytes.size() / element_size) + bytes;
  }
  return file;
}

std::string floats(std::initializer_list<float> values) {
  std::string bytes;
  for (const auto value : values) bytes += little(value);
  return bytes;
}

}  // namespace latentreel::models
