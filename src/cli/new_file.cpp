#include "src/cli/new_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "src/files/folders.h"
#include "src/run/error.h"

namespace latentreel::cli {

using render::RenderError;

void write_new_file(const std::filesystem::path& file, std::string_view text,
                    const std::string& what) {
  files::make_folders_for(file);
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    const auto advice =
        errno == EEXIST
            ? std::string("Choose another name, or remove it first.")
            : fmt::format("Check that files may be made in the folder {}.",
                          file.has_parent_path() ? file.parent_path().string() : std::string("."));
    throw RenderError(RenderError::Kind::cannot_create,
                      fmt::format("creating the {} {}: {}. {}", what, file.string(),
                                  std::strerror(errno), advice));
  }
  const auto written = write(descriptor, text.data(), text.size());
  const bool complete = written == static_cast<ssize_t>(text.size()) && fsync(descriptor) == 0;
  const int problem = errno;
  close(descriptor);
  if (!complete) {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    throw RenderError(RenderError::Kind::write_failed,
                      fmt::format("writing the {} {}: {}. Free some space and try again.", what,
                                  file.string(), std::strerror(problem)));
  }
}

}  // namespace latentreel::cli
