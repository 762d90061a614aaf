#include "scenes/manifest.h"

#include <fmt/format.h>

#include <array>
#include <set>

#include "scenes/document.h"
#include "scenes/file_names.h"
#include "scenes/mistakes.h"
#include "scenes/text_file.h"
#include "scenes/toml_text.h"
#include "scenes/value_reading.h"

namespace latentreel::scenes {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> kKeys = {"shared", "film"};
constexpr std::array<std::string_view, 3> kFilmKeys = {"scene", "output", "set"};

// A value as an override says it: TOML on one line.
std::string as_override(const Value& value) {
  switch (value.kind) {
    case Value::Kind::integer:
      return fmt::format("{}", value.integer);
    case Value::Kind::number:
      return fmt::format("{}", value.number);
    case Value::Kind::boolean:
      return value.boolean ? "true" : "false";
    case Value::Kind::date:
      return value.text;
    case Value::Kind::text:
      return toml_text(value.text);
    case Value::Kind::list: {
      std::string list;
      for (const auto& item : value.items) list += (list.empty() ? "" : ", ") + as_override(item);
      return "[" + list + "]";
    }
    case Value::Kind::table:
      break;
  }
  std::string table;
  for (const auto& [key, position, item] : value.entries) {
    table += (table.empty() ? "" : ", ") + toml_text(key) + " = " + as_override(item);
  }
  return "{ " + table + " }";
}

// `video.fps = 24` becomes {"video.fps", "24"}: tables are joined by dots, values stay whole.
void add_overrides(const Value& table, const std::string& prefix,
                   std::vector<Override>& overrides) {
  for (const auto& [key, position, value] : table.entries) {
    if (value.is_table()) {
      add_overrides(value, prefix + key + ".", overrides);
    } else {
      overrides.push_back({prefix + key, as_override(value)});
    }
  }
}

class ManifestReader {
 public:
  ManifestReader(const fs::path& file, Mistakes& mistakes) : file_(file), mistakes_(mistakes) {}

  std::vector<ManifestFilm> read(const Value& document) {
    check_keys(document, "a manifest", kKeys, mistakes_);
    std::vector<Override> shared;
    if (const auto* entry = document.find("shared")) {
      if (entry->value.is_table()) {
        add_overrides(entry->value, "", shared);
      } else {
        mistakes_.add(entry->position, "shared: expected a table, [shared]");
      }
    }
    std::vector<ManifestFilm> films;
    const auto* list = document.find("film");
    if (list == nullptr || !list->value.is_list() || list->value.items.empty()) {
      mistakes_.add({}, "a manifest needs [[film]], once for each film",
                    "with a line scene = \"...\"");
      return films;
    }
    if (list->value.items.size() > kMaxFilms) {
      mistakes_.add(list->position, fmt::format("more than {} films", kMaxFilms));
      return films;
    }
    for (const auto& item : list->value.items) films.push_back(film(item, shared));
    return films;
  }

 private:
  ManifestFilm film(const Value& table, const std::vector<Override>& shared) {
    ManifestFilm film{.scene = {}, .output = {}, .overrides = shared, .line = table.position.line};
    if (!table.is_table()) {
      mistakes_.add(table.position, "film: expected a table, [[film]]");
      return film;
    }
    check_keys(table, "[[film]]", kFilmKeys, mistakes_);
    if (const auto* scene = table.find("scene")) {
      read_scene_name(scene->value, film);
    } else if (!has_misspelt(table, "scene", kFilmKeys)) {
      mistakes_.add(table.position, "[[film]] needs a scene", "such as scene = \"dawn.toml\"");
    }
    if (const auto* output = table.find("output")) {
      const auto name = read_text(output->value, {"output", "\"dawn.mp4\""}, mistakes_);
      if (name) film.output = *name;
      if (name && !outputs_.insert(*name).second) {
        mistakes_.add(output->value.position,
                      fmt::format("output: two films are called {}", *name));
      }
    }
    if (const auto* set = table.find("set")) {
      if (set->value.is_table()) {
        add_overrides(set->value, "", film.overrides);
      } else {
        mistakes_.add(set->value.position, "set: expected keys of a scene",
                      "such as set.video.fps = 24");
      }
    }
    return film;
  }

  void read_scene_name(const Value& value, ManifestFilm& film) {
    const auto name = read_text(value, {"scene", "\"dawn.toml\""}, mistakes_);
    if (!name) return;
    film.scene = NamedFiles(file_).resolve(*name);
    std::error_code error;
    if (!fs::is_regular_file(film.scene, error)) {
      mistakes_.add_missing_file(value.position,
                                 fmt::format("scene: there is no file {}", film.scene.string()),
                                 "paths of scenes are relative to the manifest's folder");
    }
  }

  const fs::path& file_;
  Mistakes& mistakes_;
  std::set<std::string> outputs_;
};

}  // namespace

bool is_manifest(const fs::path& file) {
  try {
    const auto text = read_text_file(file);
    Mistakes unheard(file, text, {});
    const auto document = parse_document(text, unheard);
    return document && document->find("film") != nullptr && document->find("keyframe") == nullptr;
  } catch (const SceneError&) {
    return false;
  }
}

std::vector<ManifestFilm> read_manifest(const fs::path& file) {
  const auto text = read_text_file(file);
  Mistakes mistakes(file, text, {});
  const auto document = parse_document(text, mistakes);
  if (!document) mistakes.throw_if_any();
  auto films = ManifestReader(file, mistakes).read(*document);
  mistakes.throw_if_any();
  return films;
}

}  // namespace latentreel::scenes
