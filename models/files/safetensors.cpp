#include "models/files/safetensors.h"

#include <array>

#include "models/files/safetensors_layout.h"

namespace latentreel::models {
namespace {

struct TypeRow {
  SafetensorsType type;
  std::string_view name;
  unsigned bits;
};

constexpr std::array<TypeRow, 22> kTypeRows{{
    {SafetensorsType::boolean, "BOOL", 8},
    {SafetensorsType::u8, "U8", 8},
    {SafetensorsType::i8, "I8", 8},
    {SafetensorsType::f8_e5m2, "F8_E5M2", 8},
    {SafetensorsType::f8_e4m3, "F8_E4M3", 8},
    {SafetensorsType::f8_e8m0, "F8_E8M0", 8},
    {SafetensorsType::f8_e4m3fnuz, "F8_E4M3FNUZ", 8},
    {SafetensorsType::f8_e5m2fnuz, "F8_E5M2FNUZ", 8},
    {SafetensorsType::i16, "I16", 16},
    {SafetensorsType::u16, "U16", 16},
    {SafetensorsType::f16, "F16", 16},
    {SafetensorsType::bf16, "BF16", 16},
    {SafetensorsType::i32, "I32", 32},
    {SafetensorsType::u32, "U32", 32},
    {SafetensorsType::f32, "F32", 32},
    {SafetensorsType::c64, "C64", 64},
    {SafetensorsType::f64, "F64", 64},
    {SafetensorsType::i64, "I64", 64},
    {SafetensorsType::u64, "U64", 64},
    {SafetensorsType::f4, "F4", 4},
    {SafetensorsType::f6_e2m3, "F6_E2M3", 6},
    {SafetensorsType::f6_e3m2, "F6_E3M2", 6},
}};

const TypeRow& row_of(SafetensorsType type) {
  return kTypeRows[static_cast<std::size_t>(type)];
}

}  // namespace

std::string_view name_of(SafetensorsType type) {
  return row_of(type).name;
}

unsigned bits_of(SafetensorsType type) {
  return row_of(type).bits;
}

std::optional<SafetensorsType> safetensors_type(std::string_view name) {
  for (const auto& row : kTypeRows) {
    if (row.name == name) return row.type;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> bytes_needed(SafetensorsType type,
                                          const std::vector<std::int64_t>& shape) {
  std::int64_t product = bits_of(type);
  bool empty = false;
  for (const auto dimension : shape) {
    if (dimension < 0) return std::nullopt;
    if (dimension == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(product, dimension, &product)) {
      return std::nullopt;
    }
  }
  if (empty) return 0;
  if (product % 8 != 0) return std::nullopt;
  return static_cast<std::uint64_t>(product / 8);
}

}  // namespace latentreel::models
