#include "scenes/text_file.h"

#include <fstream>
#include <utility>

#include "scenes/scene_reader.h"

namespace latentreel::scenes {

SceneError whole_file_error(SceneError::Kind kind, const std::filesystem::path& file,
                            std::string message, std::string hint) {
  return SceneError(
      kind, {{.file = file.string(), .message = std::move(message), .hint = std::move(hint)}});
}

std::string read_text_file(const std::filesystem::path& file) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) {
    const bool absent = status.type() == std::filesystem::file_type::not_found;
    throw whole_file_error(absent ? SceneError::Kind::missing : SceneError::Kind::unreadable, file,
                           absent ? "there is no such scene file" : "the scene cannot be read");
  }
  if (std::filesystem::is_directory(status)) {
    throw whole_file_error(SceneError::Kind::unreadable, file,
                           "the scene cannot be read: it is a folder");
  }
  std::ifstream stream(file, std::ios::binary);
  std::string text(kMaxSceneBytes + 1, '\0');
  if (stream) stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream && !stream.eof()) {
    throw whole_file_error(SceneError::Kind::unreadable, file, "the scene cannot be read");
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

}  // namespace latentreel::scenes
