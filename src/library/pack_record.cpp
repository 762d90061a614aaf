#include "src/library/pack_record.h"
#include "src/files/atomic_file.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace latentreel::library {

using nlohmann::json;

PackRecord parse_pack_record(const std::filesystem::path& file) {
  try {
    std::ifstream in(file);
    const auto record = json::parse(in);
    const auto& source = record.at("source");
    PackRecord result{.name = record.at("name"),
                      .source_file = source.at("file"),
                      .source_sha256 = source.at("sha256"),
                      .source_url = source.at("url"),
                      .maker = record.at("maker"),
                      .licence = record.at("licence"),
                      .files = {}};
    for (const auto& [name, entry] : record.at("files").items()) {
      result.files[name] = {.sha256 = entry.at("sha256"), .bytes = entry.at("bytes")};
    }
    return result;
  } catch (const json::exception&) {
    throw LibraryError(LibraryError::Kind::invalid,
                       fmt::format("reading {}: it is not what `latentreel models import` writes. "
                                   "Import or fetch the model again, with --force.",
                                   file.string()));
  }
}

void write_pack_record(const std::filesystem::path& file, const PackRecord& record) {
  json files = json::object();
  for (const auto& [name, entry] : record.files) {
    files[name] = {{"sha256", entry.sha256}, {"bytes", entry.bytes}};
  }
  const json all = {{"name", record.name},
                    {"source",
                     {{"file", record.source_file},
                      {"sha256", record.source_sha256},
                      {"url", record.source_url}}},
                    {"maker", record.maker},
                    {"licence", record.licence},
                    {"files", files}};
  const auto text = all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  files::write_file(file, text);
}

}  // namespace latentreel::library
