#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The safetensors container, without LibTorch: names, types, shapes and where the bytes are.
//
//   file    u64 little-endian N | N bytes of JSON | data
//   JSON    {"name": {"dtype": "F32", "shape": [2], "data_offsets": [begin, end]}, …,
//            "__metadata__": {"key": "text", …}}        offsets count from the start of data
//
// The tensors lie in data one after the other, row-major and little-endian, without hole or
// overlap, to the end of the file. Everything read is treated as hostile: whatever deviates from
// this layout is refused before anything is allocated for it.

namespace latentreel::models {

enum class SafetensorsType {
  boolean,
  u8,
  i8,
  f8_e5m2,
  f8_e4m3,
  f8_e8m0,
  f8_e4m3fnuz,
  f8_e5m2fnuz,
  i16,
  u16,
  f16,
  bf16,
  i32,
  u32,
  f32,
  c64,
  f64,
  i64,
  u64,
  f4,
  f6_e2m3,
  f6_e3m2,
};

std::string_view name_of(SafetensorsType type);  // "BF16", as the file spells it
std::optional<SafetensorsType> safetensors_type(std::string_view name);
unsigned bits_of(SafetensorsType type);  // of one element: 4 to 64

struct SafetensorsEntry {
  std::string name;
  SafetensorsType type = SafetensorsType::f32;
  std::vector<std::int64_t> shape;  // [] is a scalar
  std::size_t begin = 0;            // bytes, from the start of the data
  std::size_t end = 0;
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // in the order of their bytes
  std::map<std::string, std::string> metadata;
  std::size_t data_start = 0;  // where the data begins in the file: 8 + N
};

// Limits of what is read: the format's own for the header, ours for the rank.
inline constexpr std::size_t kSafetensorsHeaderLimit = 100'000'000;
inline constexpr std::size_t kSafetensorsRankLimit = 32;

// The header of a whole file's bytes. `file` is its name for messages. Throws WeightsError
// (invalid).
SafetensorsHeader read_safetensors_header(std::span<const std::byte> bytes,
                                          const std::filesystem::path& file);

// A tensor to write: row-major, little-endian bytes that the caller keeps alive.
struct SafetensorsTensor {
  std::string name;
  SafetensorsType type = SafetensorsType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

// Writes `tensors` into the file `path`. The same content gives the same bytes whatever the order
// of `tensors`: the widest types first, then by name, so every tensor lies aligned. Throws
// WeightsError, and std::invalid_argument for bytes that do not fit type and shape.
void write_safetensors(const std::filesystem::path& path, std::vector<SafetensorsTensor> tensors,
                       const std::map<std::string, std::string>& metadata = {});

// The same bytes in memory.
std::vector<std::byte> safetensors_bytes(std::vector<SafetensorsTensor> tensors,
                                         const std::map<std::string, std::string>& metadata = {});

}  // namespace latentreel::models
