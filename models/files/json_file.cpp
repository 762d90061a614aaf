#include "models/files/json_file.h"

#include "models/files/error.h"
#include "models/files/mapped_file.h"

namespace latentreel::models {
namespace {

constexpr std::size_t kLongestConfig = 1 << 20;

}  // namespace

void refuse_json_beside(const std::filesystem::path& file, const std::string& problem,
                        const std::string& advice) {
  throw WeightsError(WeightsError::Kind::invalid,
                     {.doing = "reading the model's configuration " + file.string(),
                      .tensor = {},
                      .problem = problem,
                      .advice = advice});
}

// Only a bounded file is parsed, and no number of brackets makes the reader recurse: it reads with
// a stack of its own.
std::optional<nlohmann::json> read_json_beside(const std::filesystem::path& file,
                                               const std::string& advice) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::nullopt;
  const auto mapped = MappedFile::open(file);
  if (mapped->size() > kLongestConfig) {
    refuse_json_beside(file, "it is larger than any configuration", advice);
  }
  auto config = nlohmann::json::parse(text_of(mapped->bytes()), nullptr,
                                      /*allow_exceptions=*/false);
  if (!config.is_object()) refuse_json_beside(file, "it is not a JSON object", advice);
  return config;
}

const nlohmann::json* at_keys(const nlohmann::json& object,
                              std::initializer_list<const char*> keys) {
  const auto* value = &object;
  for (const auto* key : keys) {
    if (!value->is_object() || !value->contains(key)) return nullptr;
    value = &(*value)[key];
  }
  return value;
}

}  // namespace latentreel::models
