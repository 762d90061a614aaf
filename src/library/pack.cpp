#include "src/library/pack.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string_view>
#include <utility>

#include "models/files/error.h"
#include "models/files/state_dict.h"
#include "src/files/digest.h"
#include "src/files/error.h"
#include "src/library/catalogue.h"
#include "src/library/explain.h"
#include "src/library/pack_record.h"

namespace latentreel::library {
namespace {

namespace fs = std::filesystem;
using models::StateDict;

constexpr std::string_view kHidden = ".part-";

// The folder of a name, if it can be one. "downloads" is where originals go.
std::string checked_folder_name(const std::string& name) {
  const auto folder = folder_name(name);
  const bool plain = std::all_of(folder.begin(), folder.end(), [](unsigned char c) {
    return c > ' ' && c != 0x7F && c != '\\' && c != '"' && c != '\'';
  });
  if (folder.empty() || folder.front() == '.' || !plain || folder.size() > 100 ||
      folder == "downloads") {
    throw LibraryError(
        LibraryError::Kind::refused,
        fmt::format("naming a model {}: a name has 1 to 100 letters, digits and signs, without "
                    "spaces, and does not begin with a dot. Give another with --name.",
                    files::quoted(name)));
  }
  return folder;
}

LibraryError cannot_create(const fs::path& what, const std::string& problem) {
  return {
      LibraryError::Kind::cannot_create,
      fmt::format(
          "creating {}: {}. Check that the folder is writable, or name another with --models DIR.",
          what.string(), problem)};
}

// A folder that is in the making or being removed by this process.
fs::path hidden(const fs::path& models, const std::string& name) {
  return models / fmt::format(".{}{}{}", name, kHidden, getpid());
}

// Those of processes that were killed.
void remove_orphans(const fs::path& models) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(models, ignored)) {
    const auto name = entry.path().filename().string();
    const auto at = name.rfind(kHidden);
    if (name.front() != '.' || at == name.npos) continue;
    const auto owner = std::atoi(name.c_str() + at + kHidden.size());
    if (owner > 0 && kill(owner, 0) != 0 && errno == ESRCH) fs::remove_all(entry, ignored);
  }
}

// What is in `folder` under its new name: instead of what `target` was, in one step where the file
// system can exchange two names.
int take_name(const fs::path& folder, const fs::path& target) {
  if (rename(folder.c_str(), target.c_str()) == 0) return 0;
  if (errno != ENOTEMPTY && errno != EEXIST) return errno;
  if (renameat2(AT_FDCWD, folder.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) return 0;
  auto old = folder;
  old += ".old";
  if (rename(target.c_str(), old.c_str()) != 0) return errno;
  if (rename(folder.c_str(), target.c_str()) != 0) return errno;
  std::error_code ignored;
  fs::remove_all(old, ignored);
  return 0;
}

// What is in the folder without the record's knowledge. Rendering reads some files only because
// they are there (merges.txt, bank.safetensors): one that was added changes what is computed.
std::vector<std::string> added(const fs::path& folder, const PackRecord& record) {
  std::vector<std::string> problems;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto name = entry.path().filename().string();
    if (name == kPackRecord || record.files.contains(name)) continue;
    problems.push_back(
        fmt::format("{} is not in pack.json: it was added after the import", files::quoted(name)));
  }
  std::sort(problems.begin(), problems.end());
  return problems;
}

// What is wrong with one file of the record; empty: nothing. One that cannot be read does not keep
// the others from being read.
std::string compare_file(const fs::path& file, const std::string& name,
                         const PackRecord::File& expected) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return fmt::format("{} is missing", name);
  try {
    const auto sha256 = files::sha256_of_file(file);
    if (sha256 == expected.sha256) return {};
    return fmt::format("{} has the SHA-256 {}, but was imported with {}", name, sha256,
                       expected.sha256);
  } catch (const files::FileError& error) {
    return error.what();
  }
}

std::vector<std::string> compare(const InstalledPack& pack, const PackRecord& record,
                                 const std::function<void(const std::string&)>& next) {
  std::vector<std::string> problems;
  for (const auto& [name, expected] : record.files) {
    next(name);
    auto problem = compare_file(pack.folder / name, name, expected);
    if (!problem.empty()) problems.push_back(std::move(problem));
  }
  auto more = added(pack.folder, record);
  std::move(more.begin(), more.end(), std::back_inserter(problems));
  return problems;
}

std::vector<std::string> read_all(const InstalledPack& pack,
                                  const std::function<void(const std::string&)>& next) {
  std::vector<std::string> problems;
  for (const auto kind : pack.kinds) {
    next(weights_file(kind));
    try {
      StateDict::load_safetensors(pack.folder / weights_file(kind), StateDict::Finite::check);
    } catch (const models::WeightsError& error) {
      problems.emplace_back(error.what());
    }
  }
  return problems;
}

}  // namespace

std::optional<PackRecord> read_pack_record(const fs::path& folder) {
  const auto file = folder / kPackRecord;
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return std::nullopt;
  return parse_pack_record(file);
}

void check_may_change(const fs::path& models, const std::string& doing) {
  if (!is_bundled_folder(models)) return;
  throw LibraryError(LibraryError::Kind::refused,
                     fmt::format("{}: {} comes with the program and cannot be changed. Name "
                                 "another folder with --models DIR.",
                                 doing, models.string()));
}

PackBuilder::PackBuilder(const fs::path& models, const std::string& name, bool replace)
    : target_(models / checked_folder_name(name)), replace_(replace) {
  check_may_change(models, "importing " + files::quoted(name));
  std::error_code error;
  if (fs::exists(target_, error) && !replace) {
    throw LibraryError(LibraryError::Kind::cannot_create,
                       fmt::format("importing {}: there is already a model of that name in {}. "
                                   "Choose another with --name, or replace it with --force.",
                                   files::quoted(name), target_.string()));
  }
  fs::create_directories(models, error);
  if (error) throw cannot_create(models, error.message());
  remove_orphans(models);
  temporary_ = hidden(models, target_.filename().string());
  // remove_orphans() leaves that of a killed process whose number is this one's now, and all that
  // is in it would become part of the pack.
  fs::remove_all(temporary_, error);
  if (!error) fs::create_directory(temporary_, error);
  if (error) throw cannot_create(target_, error.message());
}

PackBuilder::~PackBuilder() {
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);  // after an exchange: what was there before
}

fs::path PackBuilder::publish(PackRecord record) {
  for (const auto& entry : fs::directory_iterator(temporary_)) {
    record.files[entry.path().filename().string()] = {.sha256 = files::sha256_of_file(entry.path()),
                                                      .bytes = entry.file_size()};
  }
  write_pack_record(temporary_ / kPackRecord, record);
  const int error = replace_ ? take_name(temporary_, target_)
                             : (rename(temporary_.c_str(), target_.c_str()) == 0 ? 0 : errno);
  if (error != 0) throw cannot_create(target_, std::strerror(error));
  const int models = open(target_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (models >= 0) {
    fsync(models);  // a name that is lost with the power only has to be made again
    close(models);
  }
  return target_;
}

std::vector<std::string> verify_pack(const InstalledPack& pack,
                                     const std::function<void(const std::string&)>& next) {
  const auto record = read_pack_record(pack.folder);
  return record ? compare(pack, *record, next) : read_all(pack, next);
}

void remove_pack(const InstalledPack& pack) {
  if (pack.bundled || is_bundled_folder(pack.folder.parent_path())) {
    throw LibraryError(LibraryError::Kind::refused,
                       fmt::format("removing {}: it comes with the program and cannot be removed.",
                                   files::quoted(pack.name)));
  }
  // Out of sight in one step: a pack half removed must not be found.
  const auto out_of_sight = hidden(pack.folder.parent_path(), pack.name);
  std::error_code error;
  fs::remove_all(out_of_sight, error);  // of a killed process that had this one's number
  if (!error) fs::rename(pack.folder, out_of_sight, error);
  if (!error) fs::remove_all(out_of_sight, error);
  if (!error) return;
  throw LibraryError(
      LibraryError::Kind::write_failed,
      fmt::format("removing {} from {}: {}. Check that the folder is writable.",
                  files::quoted(pack.name), pack.folder.parent_path().string(), error.message()));
}

const CatalogueModel* published_as(const InstalledPack& pack) {
  try {
    const auto record = read_pack_record(pack.folder);
    // Only what was fetched is from somewhere.
    return record && !record->source_url.empty() ? find_in_catalogue(pack.name) : nullptr;
  } catch (const LibraryError&) {
    return nullptr;
  }
}

std::string about_pack(const InstalledPack& pack) {
  std::vector<std::string> parts;
  for (const auto kind : pack.kinds) {
    try {
      parts.push_back(in_brief(
          StateDict::load_safetensors(pack.folder / weights_file(kind), StateDict::Finite::later),
          kind));
    } catch (const models::WeightsError&) {
      parts.push_back(
          fmt::format("{} cannot be read: latentreel models verify", weights_file(kind)));
    }
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::uint64_t size_of(const InstalledPack& pack) {
  std::uint64_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(pack.folder, ignored)) {
    const auto size = entry.file_size(ignored);
    if (!ignored) bytes += size;
  }
  return bytes;
}

}  // namespace latentreel::library
