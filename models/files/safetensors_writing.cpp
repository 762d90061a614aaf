#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "models/files/error.h"
#include "models/files/safetensors.h"
#include "models/files/safetensors_layout.h"

namespace latentreel::models {
namespace {

std::string json_text(std::string_view text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    throw std::invalid_argument("write_safetensors: " + shown(text) + " is not UTF-8");
  }
}

std::string header_text(const std::vector<SafetensorsTensor>& tensors,
                        const std::map<std::string, std::string>& metadata) {
  std::string json = "{";
  if (!metadata.empty()) {
    json += "\"__metadata__\":{";
    for (bool first = true; const auto& [key, value] : metadata) {
      if (!std::exchange(first, false)) json += ',';
      json += json_text(key) + ':' + json_text(value);
    }
    json += '}';
  }
  std::size_t offset = 0;
  for (const auto& tensor : tensors) {
    if (json.size() > 1) json += ',';
    json += fmt::format(R"({}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                        json_text(tensor.name), name_of(tensor.type), fmt::join(tensor.shape, ","),
                        offset, offset + tensor.bytes.size());
    offset += tensor.bytes.size();
  }
  json += '}';
  json.resize((json.size() + 7) / 8 * 8, ' ');
  return json;
}

// Gives the file's bytes to `sink`, piece by piece.
template <class Sink>
void emit(std::vector<SafetensorsTensor> tensors,
          const std::map<std::string, std::string>& metadata, const Sink& sink) {
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    const auto wide_a = bits_of(a.type);
    const auto wide_b = bits_of(b.type);
    return wide_a != wide_b ? wide_a > wide_b : a.name < b.name;
  });
  std::set<std::string_view> names;
  for (const auto& tensor : tensors) {
    if (tensor.name == kSafetensorsMetadata || !names.insert(tensor.name).second) {
      throw std::invalid_argument("write_safetensors: a second tensor " + shown(tensor.name));
    }
    if (bytes_needed(tensor.type, tensor.shape) != tensor.bytes.size()) {
      throw std::invalid_argument("write_safetensors: bytes of " + shown(tensor.name) +
                                  " do not fit its type and shape");
    }
    if (tensor.shape.size() > kSafetensorsRankLimit) {
      throw std::invalid_argument("write_safetensors: too many dimensions: " + shown(tensor.name));
    }
  }
  const auto json = header_text(tensors, metadata);
  if (json.size() > kSafetensorsHeaderLimit) {
    throw std::invalid_argument("write_safetensors: the header is too large");
  }
  std::array<char, 8> length{};
  for (std::size_t i = 0; i < length.size(); ++i) {
    length[i] = static_cast<char>(json.size() >> (8 * i) & 0xff);
  }

  sink(length.data(), length.size());
  sink(json.data(), json.size());
  for (const auto& tensor : tensors) sink(tensor.bytes.data(), tensor.bytes.size());
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::vector<SafetensorsTensor> tensors,
                       const std::map<std::string, std::string>& metadata) {
  const auto fail = [&](WeightsError::Kind kind) {
    const int error = errno;
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    throw WeightsError(kind, {.doing = "writing " + path.string(),
                              .tensor = {},
                              .problem = std::generic_category().message(error),
                              .advice = full ? "Free some space." : ""});
  };
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  File file(nullptr, std::fclose);  // not before the content is known to be good
  emit(std::move(tensors), metadata, [&](const void* data, std::size_t size) {
    if (!file) file.reset(std::fopen(path.c_str(), "wbe"));
    if (!file) fail(WeightsError::Kind::uncreatable);
    if (std::fwrite(data, 1, size, file.get()) != size) fail(WeightsError::Kind::write_failed);
  });
  if (std::fclose(file.release()) != 0) fail(WeightsError::Kind::write_failed);
}

std::vector<std::byte> safetensors_bytes(std::vector<SafetensorsTensor> tensors,
                                         const std::map<std::string, std::string>& metadata) {
  std::vector<std::byte> bytes;
  emit(std::move(tensors), metadata, [&](const void* data, std::size_t size) {
    const auto* from = static_cast<const std::byte*>(data);
    bytes.insert(bytes.end(), from, from + size);
  });
  return bytes;
}

}  // namespace latentreel::models
