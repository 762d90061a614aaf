#include "src/library/pinned_digests.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "src/files/atomic_file.h"
#include "src/library/error.h"

namespace latentreel::library {
namespace {

using nlohmann::json;

json read(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return json::object();
  std::ifstream in(file);
  auto digests = json::parse(in, nullptr, false);
  if (digests.is_object()) return digests;
  throw LibraryError(LibraryError::Kind::invalid,
                     fmt::format("reading {}, the digests of earlier downloads: it is not valid "
                                 "JSON. Repair it, or remove it to record the digests again.",
                                 file.string()));
}

std::string text(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::optional<PinnedDigest> PinnedDigests::find(const std::string& name) const {
  const auto digests = read(file_);
  const auto found = digests.find(name);
  if (found == digests.end()) return std::nullopt;
  return PinnedDigest{.sha256 = text(*found, "sha256"), .url = text(*found, "url")};
}

void PinnedDigests::pin(const std::string& name, const PinnedDigest& digest) const {
  auto digests = read(file_);
  digests[name] = {{"sha256", digest.sha256}, {"url", digest.url}};
  const auto lines = digests.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  files::write_file(file_, lines);
}

}  // namespace latentreel::library
