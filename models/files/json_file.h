#pragma once

#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace latentreel::models {

// The JSON object in a file beside a model, or nothing where there is no such file. Throws
// WeightsError (invalid), with `advice`, where it is larger than any configuration or no object.
std::optional<nlohmann::json> read_json_beside(const std::filesystem::path& file,
                                               const std::string& advice);

// What stands at a place of an object, or nullptr.
const nlohmann::json* at_keys(const nlohmann::json& object,
                              std::initializer_list<const char*> keys);

// Throws WeightsError (invalid) about such a file.
[[noreturn]] void refuse_json_beside(const std::filesystem::path& file, const std::string& problem,
                                     const std::string& advice);

}  // namespace latentreel::models
