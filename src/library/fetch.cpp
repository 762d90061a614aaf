#include "src/library/fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "models/files/error.h"
#include "src/files/digest.h"
#include "src/library/error.h"
#include "src/library/pack.h"
#include "src/library/pinned_digests.h"

namespace latentreel::library {
namespace {

namespace fs = std::filesystem;

class Fetch {
 public:
  Fetch(const CatalogueModel& model, const FetchRequest& request, DownloadWatch& watch)
      : model_(model),
        request_(request),
        watch_(watch),
        downloads_(request.models / "downloads"),
        pins_(request.models / "digests.json") {}

  Imported run() {
    check_may_change(request_.models, "fetching " + model_.name);
    const auto& weights = weights_file_of_model();
    auto mirrors = mirrors_of(weights);
    while (true) {
      const auto original = obtain(weights, mirrors);
      try {
        return import_with_some_config(weights, original);
      } catch (const models::WeightsError& error) {
        if (error.kind() != models::WeightsError::Kind::invalid) throw;
        // What a digest vouches for is as it was meant; another server's file would be no better.
        if (expected(weights)) throw;
        remove_downloads();
        drop_used(mirrors, original.url);
        if (mirrors.empty()) throw;
        watch_.note(error.what());
      }
    }
  }

 private:
  // What a file has to be: the digest, and whose it is.
  struct Expected {
    std::string sha256;
    std::string is;
  };

  const CatalogueFile& weights_file_of_model() const {
    for (const auto& file : model_.files) {
      if (file.role == CatalogueFile::Role::weights) return file;
    }
    throw LibraryError(LibraryError::Kind::unknown,
                       fmt::format("fetching {}: no address for its file is known; {}", model_.name,
                                   how_to_get(model_)));
  }

  const CatalogueFile* config_file_of_model() const {
    for (const auto& file : model_.files) {
      if (file.role == CatalogueFile::Role::config) return &file;
    }
    return nullptr;
  }

  std::vector<std::string> mirrors_of(const CatalogueFile& file) const {
    auto mirrors = file.mirrors;
    if (!request_.mirror.empty()) {
      const auto* slash = request_.mirror.ends_with('/') ? "" : "/";
      mirrors.insert(mirrors.begin(), request_.mirror + slash + file.name);
    }
    return mirrors;
  }

  // Those up to the one used: the ones before it did not give the file.
  static void drop_used(std::vector<std::string>& mirrors, const std::string& url) {
    const auto used = std::find(mirrors.begin(), mirrors.end(), url);
    if (used != mirrors.end()) mirrors.erase(mirrors.begin(), used + 1);
  }

  std::optional<Expected> expected(const CatalogueFile& file) const {
    if (!file.sha256.empty()) return Expected{file.sha256, "the published one"};
    const auto pinned = pins_.find(file.name);
    if (!pinned || request_.accept_new_digest) return std::nullopt;
    return Expected{
        pinned->sha256,
        fmt::format("that of its first download, from {} (--accept-new-digest accepts the new one)",
                    pinned->url)};
  }

  // The file in the folder of downloads: from an earlier call, or from a server.
  Downloaded obtain(const CatalogueFile& file, const std::vector<std::string>& mirrors) {
    const auto target = downloads_ / file.name;
    const auto wanted = expected(file);
    std::error_code ignored;
    if (fs::exists(target, ignored)) {
      const auto sha256 = files::sha256_of_file(target);
      if (wanted ? sha256 == wanted->sha256 : !request_.accept_new_digest) {
        return {.url = origin_of_download(target),
                .sha256 = sha256,
                .bytes = static_cast<std::int64_t>(fs::file_size(target))};
      }
    }
    return download({.mirrors = mirrors,
                     .target = target,
                     .sha256 = wanted ? wanted->sha256 : "",
                     .sha256_is = wanted ? wanted->is : ""},
                    request_.limits, watch_);
  }

  // A yaml is small and the weights are not: where the two do not fit, or the yaml is none, the
  // next server's yaml is tried and then none, before the weights are given up.
  Imported import_with_some_config(const CatalogueFile& weights, const Downloaded& original) {
    const auto* file = config_file_of_model();
    auto mirrors = file == nullptr ? std::vector<std::string>() : mirrors_of(*file);
    while (true) {
      const auto config = file == nullptr ? fs::path() : obtain_config(*file, mirrors);
      try {
        return import(weights, original, config);
      } catch (const models::WeightsError& error) {
        if (error.kind() != models::WeightsError::Kind::invalid || config.empty()) throw;
        drop_used(mirrors, origin_of_download(config));
        remove_download(config);
        std::error_code ignored;
        if (fs::exists(config, ignored)) throw;  // it would be read again, for ever
        watch_.note(fmt::format("{}\nThis {} is set aside, because it may be what is wrong",
                                error.what(), file->name));
      }
    }
  }

  // A digest is pinned once the file has shown to be the model.
  Imported import(const CatalogueFile& weights, const Downloaded& original,
                  const fs::path& config) {
    auto imported = import_model(request_.models,
                                 {.file = downloads_ / weights.name,
                                  .name = model_.name,
                                  .kind = model_.kind,
                                  .metadata = model_.metadata,
                                  .prefix = {},
                                  .url = original.url,
                                  .sha256 = original.sha256,
                                  .maker = model_.maker,
                                  .licence = model_.licence,
                                  .config = config,
                                  .replace = request_.replace},
                                 [this](const std::string& step) { watch_.note(step); });
    if (weights.sha256.empty()) {
      pins_.pin(weights.name, {.sha256 = original.sha256, .url = original.url});
    }
    if (!request_.keep_original) remove_downloads();
    return imported;
  }

  // The maker's description, where it can be had: else empty. It lies beside the weights, which are
  // checked against it.
  fs::path obtain_config(const CatalogueFile& file, const std::vector<std::string>& mirrors) {
    try {
      obtain(file, mirrors);
      return downloads_ / file.name;
    } catch (const LibraryError& error) {
      watch_.note(
          fmt::format("continuing without {}: the shapes of the weights say the same", file.name));
    }
    return {};
  }

  void remove_downloads() const {
    for (const auto& file : model_.files) remove_download(downloads_ / file.name);
    std::error_code ignored;
    fs::remove(downloads_, ignored);  // where nothing else is in it
  }

  const CatalogueModel& model_;
  const FetchRequest& request_;
  DownloadWatch& watch_;
  fs::path downloads_;
  PinnedDigests pins_;
};

}  // namespace

Imported fetch_model(const CatalogueModel& model, const FetchRequest& request,
                     DownloadWatch& watch) {
  return Fetch(model, request, watch).run();
}

}  // namespace latentreel::library
