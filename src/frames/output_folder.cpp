#include "src/frames/output_folder.h"

#include <fmt/format.h>

#include "ffmpeg/output_file.h"
#include "models/files/file_in_the_making.h"
#include "src/run/error.h"

namespace latentreel::render {

void prepare_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::string problem = error ? error.message() : "";
  try {
    if (!error) models::FileInTheMaking proof(folder / "proof");
  } catch (const models::WeightsError& failure) {
    problem = failure.what();
  }
  if (!problem.empty()) {
    throw RenderError(
        RenderError::Kind::cannot_create,
        fmt::format("making files in {}: {}. Choose another folder.", folder.string(), problem));
  }
  ffmpeg::OutputFile::remove_orphans(folder);
}

}  // namespace latentreel::render
