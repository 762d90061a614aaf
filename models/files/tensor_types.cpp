#include "models/files/tensor_types.h"

namespace latentreel::models {
namespace {

struct TypePair {
  SafetensorsType file;
  at::ScalarType torch;
};

constexpr TypePair kTypePairs[] = {
    {SafetensorsType::boolean, at::kBool},
    {SafetensorsType::u8, at::kByte},
    {SafetensorsType::i8, at::kChar},
    {SafetensorsType::f8_e5m2, at::kFloat8_e5m2},
    {SafetensorsType::f8_e4m3, at::kFloat8_e4m3fn},
    {SafetensorsType::f8_e8m0, at::kFloat8_e8m0fnu},
    {SafetensorsType::f8_e4m3fnuz, at::kFloat8_e4m3fnuz},
    {SafetensorsType::f8_e5m2fnuz, at::kFloat8_e5m2fnuz},
    {SafetensorsType::i16, at::kShort},
    {SafetensorsType::u16, at::kUInt16},
    {SafetensorsType::f16, at::kHalf},
    {SafetensorsType::bf16, at::kBFloat16},
    {SafetensorsType::i32, at::kInt},
    {SafetensorsType::u32, at::kUInt32},
    {SafetensorsType::f32, at::kFloat},
    {SafetensorsType::c64, at::kComplexFloat},
    {SafetensorsType::f64, at::kDouble},
    {SafetensorsType::i64, at::kLong},
    {SafetensorsType::u64, at::kUInt64},
};

}  // namespace

std::optional<at::ScalarType> torch_type(SafetensorsType type) {
  for (const auto& pair : kTypePairs) {
    if (pair.file == type) return pair.torch;
  }
  return std::nullopt;  // less than a byte an element
}

std::optional<SafetensorsType> file_type(at::ScalarType type) {
  for (const auto& pair : kTypePairs) {
    if (pair.torch == type) return pair.file;
  }
  return std::nullopt;
}

}  // namespace latentreel::models
