#pragma once

#include <filesystem>
#include <string>

#include "src/library/catalogue.h"
#include "src/library/download.h"
#include "src/library/importing.h"

namespace latentreel::library {

struct FetchRequest {
  std::filesystem::path models;  // the folder of models that the pack goes into
  std::string mirror;            // an address whose files are tried first: MIRROR/ViT-B-32.pt
  bool keep_original = false;    // leave the download in MODELS/downloads
  bool accept_new_digest = false;
  bool replace = false;  // overwrite a model of that name
  DownloadLimits limits;
};

// Downloads a published model, checks it against its published digest or the one of its first
// download, and imports it. What was downloaded whole is not downloaded again. A yaml that does not
// fit the weights is set aside, with a note. Throws LibraryError (refused for the folder that comes
// with the program), FileError and WeightsError.
Imported fetch_model(const CatalogueModel& model, const FetchRequest& request,
                     DownloadWatch& watch);

}  // namespace latentreel::library
