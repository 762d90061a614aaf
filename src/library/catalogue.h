#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/library/model_kind.h"

// The published models that `models fetch` knows: where they are, who made them, under what terms.

namespace latentreel::library {

struct CatalogueFile {
  enum class Role {
    weights,
    config,  // the maker's description (yaml): the weights are checked against it
  };
  Role role = Role::weights;
  std::string name;                  // of the file as published; also its name below a --mirror
  std::vector<std::string> mirrors;  // addresses, the best first
  std::string sha256;                // where one is published, else empty
};

struct CatalogueModel {
  std::string name;  // as scenes say it: "ViT-B/32"
  ModelKind kind = ModelKind::clip;
  std::string about;                 // what it is, in a line
  std::string maker;                 // who made it
  std::string licence;               // as stated by its maker, or that none is stated
  std::uint64_t about_bytes = 0;     // of the weights' file, roughly; 0: not known
  std::vector<CatalogueFile> files;  // empty: no address to download from is known
  // For a CLIP, what its file may leave out: "activation", "image_mean", "image_std", as in the
  // metadata of models/model_file.h.
  std::map<std::string, std::string> metadata;
  std::string by_hand;  // where to find it by hand, if `files` is empty
};

// CLIPs first, then VQGANs.
const std::vector<CatalogueModel>& catalogue();

// The model of that name, in either spelling ("ViT-B/32", "ViT-B-32"), or nullptr.
const CatalogueModel* find_in_catalogue(std::string_view name);

// What to run or do to get it: "latentreel models fetch ViT-B/32".
std::string how_to_get(const CatalogueModel& model);

// The folder of a model of that name: "/" and "@" become "-".
std::string folder_name(std::string_view name);

}  // namespace latentreel::library
