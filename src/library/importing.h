#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/library/model_kind.h"

namespace latentreel::library {

struct ImportRequest {
  std::filesystem::path file;     // or folder, whatever models/model_file.h opens
  std::string name;               // as scenes will say it
  std::optional<ModelKind> kind;  // none: what the file holds
  // Overrides what the file says: "activation", … as in the metadata of models/model_file.h.
  std::map<std::string, std::string> metadata;
  std::optional<std::string> prefix;  // models::OpenOptions::prefix
  std::string url;                    // where the file is from; empty: not known
  std::string sha256;                 // of the file; empty: computed
  std::string maker, licence;         // empty: not known
  std::filesystem::path config;       // a VQGAN's yaml, to keep with it; empty: none
  bool replace = false;               // overwrite a model of that name
};

struct Imported {
  std::filesystem::path folder;
  std::vector<std::string> notes;  // what was left out, assumed, or is still needed
};

// Creates a pack in `models` from a model's file: a safetensors file with the weights that
// rendering needs, under the networks' names, which also states its source, and the merges.txt or
// the bank that lie beside the file. Everything is checked first: names, shapes, that every number
// is finite. `step` is called with a description of each step, and may throw to stop. Throws
// WeightsError, FileError and LibraryError.
Imported import_model(const std::filesystem::path& models, const ImportRequest& request,
                      const std::function<void(const std::string&)>& step);

}  // namespace latentreel::library
