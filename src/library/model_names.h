#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

// Models by name. A model pack is a folder that holds vqgan.safetensors, clip.safetensors or both,
// with what belongs to them (merges.txt, bank.safetensors). Its name is the folder's.

namespace latentreel::library {

// A name that no pack has, or a path where nothing is (exit 66).
class UnknownModel : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class ModelKind { vqgan, clip };

// Looks names up in these folders, in order.
class ModelNames {
 public:
  explicit ModelNames(std::vector<std::filesystem::path> folders) : folders_(std::move(folders)) {}

  // The user's own folder ($XDG_DATA_HOME/latentreel/models, where that is an absolute path, else
  // ~/.local/share/latentreel/models), then the one that comes with the program; `extra`, where not
  // empty, before both.
  static ModelNames standard(const std::filesystem::path& extra);

  // The weights file that `name` stands for: a name with a slash or an extension is a path (of the
  // file, or of a pack's folder), anything else a pack. Throws UnknownModel.
  std::filesystem::path find(const std::string& name, ModelKind kind) const;

  // The names of all packs that hold such a model, sorted.
  std::vector<std::string> known(ModelKind kind) const;

 private:
  std::vector<std::filesystem::path> folders_;
};

}  // namespace latentreel::library
