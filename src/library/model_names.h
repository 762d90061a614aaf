#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "src/library/error.h"
#include "src/library/model_kind.h"

// Models by name. A model pack is a folder that holds vqgan.safetensors, clip.safetensors or both,
// with what belongs to them (merges.txt, bank.safetensors). Its name is the folder's; a name with
// "/" or "@" stands for the folder with "-" in their place: "ViT-B/32" is in ViT-B-32.

namespace latentreel::library {

// A pack that is on this machine.
struct InstalledPack {
  std::string name;  // its folder's
  std::filesystem::path folder;
  std::vector<ModelKind> kinds;  // what it holds
  bool bundled = false;          // it came with the program
};

// Looks names up in these folders, in order.
class ModelNames {
 public:
  explicit ModelNames(std::vector<std::filesystem::path> folders) : folders_(std::move(folders)) {}

  // The user's own folder, then the one that comes with the program; `extra`, where not empty,
  // before both.
  static ModelNames standard(const std::filesystem::path& extra);

  // The weights file that `name` stands for: a name with a slash or an extension is a path (of the
  // file, of a pack's folder, or of one as models::resolve_weights reads it) where there is one,
  // anything else a pack. Throws LibraryError (unknown), which says what is known and how to fetch
  // a published model, and WeightsError (invalid) for a folder or shard that cannot be read.
  std::filesystem::path find(const std::string& name, ModelKind kind) const;

  // The names of all packs that hold such a model, sorted.
  std::vector<std::string> known(ModelKind kind) const;

  // All packs, sorted by name; of two with the same name, the one that find() finds.
  std::vector<InstalledPack> packs() const;
  bool has(const std::string& name) const;  // a pack of that name
  // The pack of that name. Throws LibraryError (unknown).
  InstalledPack pack(const std::string& name) const;

 private:
  std::vector<std::filesystem::path> folders_;
};

// The pack in the folder that `name` is the path of, where find() takes `name` as a path; nothing
// where it is no folder or no pack is in it.
std::optional<InstalledPack> pack_at(const std::string& name);

// Whether this is the folder of models that comes with the program, however it is spelt.
bool is_bundled_folder(const std::filesystem::path& folder);

// Where fetched and imported models go: models/ in this user's data folder. Throws LibraryError
// (cannot_create) where there is none.
std::filesystem::path user_models_folder();

}  // namespace latentreel::library
