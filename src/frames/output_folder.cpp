#include "src/frames/output_folder.h"

#include <fmt/format.h>

#include <system_error>

#include "src/files/atomic_file.h"
#include "src/run/error.h"

namespace latentreel::render {

void prepare_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::string problem = error ? error.message() : "";
  try {
    if (!error) files::AtomicFile proof(folder / ".latentreel-proof");
  } catch (const files::FileError& failure) {
    problem = std::generic_category().message(failure.system_error());
  }
  if (!problem.empty()) {
    throw RenderError(
        RenderError::Kind::cannot_create,
        fmt::format("making files in {}: {}. Choose another folder.", folder.string(), problem));
  }
  files::AtomicFile::remove_orphans(folder);
}

}  // namespace latentreel::render
