#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenes/document.h"
#include "scenes/mistakes.h"

// Files that a scene names: resolved against the scene's folder, and looked for once all else is
// right. Internal to the room.

namespace latentreel::scenes {

// Remembers every file that must exist and where it was named.
class NamedFiles {
 public:
  explicit NamedFiles(const std::filesystem::path& scene_file)
      : folder_(scene_file.parent_path()) {}

  // The path that `name` means: itself if absolute, below the home folder if it begins with "~/",
  // else below the scene's folder.
  std::filesystem::path resolve(std::string_view name) const;

  // Reads the name of a file that must exist; messages call it a `what` ("song").
  std::optional<std::filesystem::path> read(const Value& value, std::string_view key,
                                            std::string_view what, Mistakes& mistakes);

  // Reads a model: a name in the model library, unchanged, or a path, resolved.
  std::optional<std::string> read_model(const Value& value, std::string_view key,
                                        Mistakes& mistakes) const;

  // Adds a mistake for every file that does not exist.
  void check(Mistakes& mistakes) const;

 private:
  struct Named {
    std::filesystem::path path;
    std::string what;
    Position position;
  };

  std::filesystem::path folder_;
  std::vector<Named> files_;
};

// Whether a model's name is a path: it begins with "/", "./", "../" or "~/", or ends like a
// checkpoint
// (.safetensors, .pt, .pth, .ckpt, .bin). "ViT-B/32" is a name.
bool is_model_path(std::string_view name);

}  // namespace latentreel::scenes
