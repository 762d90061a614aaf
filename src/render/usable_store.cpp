#include "src/render/usable_store.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>

#include "src/render/error.h"

namespace latentreel::render {

UsableStore::UsableStore(const std::filesystem::path& folder, Reuse reuse, Progress& progress) {
  if (folder.empty()) {
    open_temporary(progress);
    return;
  }
  try {
    store_.emplace(folder, reuse, progress);
  } catch (const RenderError& error) {
    progress.warning(
        fmt::format("{} Going on without: nothing of this run will be kept.", error.what()));
    open_temporary(progress);
  }
}

UsableStore::~UsableStore() {
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
}

void UsableStore::open_temporary(Progress& progress) {
  auto name = (std::filesystem::temp_directory_path() / "latentreel-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw RenderError(
        RenderError::Kind::cannot_create,
        fmt::format("creating a folder for this run's work in {}: {}. Name one with "
                    "--store.",
                    std::filesystem::temp_directory_path().string(), std::strerror(errno)));
  }
  temporary_ = name;
  store_.emplace(temporary_, Reuse::yes, progress);
}

}  // namespace latentreel::render
