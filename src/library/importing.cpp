#include "src/library/importing.h"

#include <fmt/format.h>

#include <utility>

#include "models/clip/tokenizer.h"
#include "models/files/error.h"
#include "models/model_file.h"
#include "src/files/atomic_file.h"
#include "src/files/digest.h"
#include "src/files/user_folders.h"
#include "src/library/error.h"
#include "src/library/explain.h"
#include "src/library/pack.h"

namespace latentreel::library {
namespace {

namespace fs = std::filesystem;
using models::StateDict;

// Says in the weights what a later reader wants to know of them.
void label(models::ModelFile& file, ModelKind kind, const ImportRequest& request,
           const std::string& sha256) {
  auto& weights = file.weights;
  weights.set_metadata("architecture", architecture(weights, kind));
  weights.set_metadata("source_file", file.files.front().filename().string());
  weights.set_metadata("source_sha256", sha256);
  if (!request.url.empty()) weights.set_metadata("source_url", request.url);
  if (!request.maker.empty()) weights.set_metadata("maker", request.maker);
  if (!request.licence.empty()) weights.set_metadata("licence", request.licence);
}

// What belongs to a model besides its weights, where it lies beside them: a vocabulary of its own,
// pictures to start from.
void copy_companions(const ImportRequest& request, const fs::path& beside, ModelKind kind,
                     const fs::path& pack) {
  const auto copy = [&](const fs::path& from, const std::string& name) {
    std::error_code error;
    if (!fs::exists(from, error)) return;
    fs::copy_file(from, pack / name, error);
    if (!error) return;
    throw LibraryError(
        LibraryError::Kind::write_failed,
        fmt::format("copying {} to {}: {}.", from.string(), pack.string(), error.message()));
  };
  if (kind == ModelKind::clip) return copy(beside / "merges.txt", "merges.txt");
  copy(beside / "bank.safetensors", "bank.safetensors");
  copy(beside / "bank.txt", "bank.txt");
  if (!request.config.empty()) copy(request.config, "model.yaml");
}

// A CLIP with the published vocabulary (49408 tokens) can do without a copy of it, where set-up
// fetched one. Where it did not, that is said now and not by the first prompt.
void note_vocabulary(const StateDict& weights, const fs::path& file,
                     std::vector<std::string>& notes) {
  if (weights.at("token_embedding.weight").size(0) != 49408) return;
  try {
    models::default_merges_path(file, files::user_data_folder());
  } catch (const models::WeightsError&) {
    notes.emplace_back(
        "Prompts need CLIP's vocabulary, which is not here: run cmake/clip-vocabulary.sh.");
  }
}

// Of one file; of an index and its shards, that of the lines which `sha256sum` prints of them.
std::string digest_of_all(const std::vector<fs::path>& all) {
  if (all.size() == 1) return files::sha256_of_file(all.front());
  std::string lines;
  for (const auto& file : all) {
    lines += fmt::format("{}  {}\n", files::sha256_of_file(file), file.filename().string());
  }
  return files::sha256_of_text(lines);
}

models::ModelFile open_checked(const ImportRequest& request, ModelKind kind) {
  models::OpenOptions options{.finite = StateDict::Finite::check, .prefix = request.prefix};
  options.metadata.insert(request.metadata.begin(), request.metadata.end());
  return models::open_model(request.file, network_of(kind), options);
}

}  // namespace

Imported import_model(const fs::path& models, const ImportRequest& request,
                      const std::function<void(const std::string&)>& step) {
  PackBuilder pack(models, request.name, request.replace);
  const auto kind =
      request.kind ? *request.kind : kind_of(models::network_of(request.file, request.prefix));
  step(fmt::format("reading {}", request.file.filename().string()));
  auto file = open_checked(request, kind);
  const auto sha256 = request.sha256.empty() ? digest_of_all(file.files) : request.sha256;
  label(file, kind, request, sha256);
  step(fmt::format("writing {}", request.name));
  files::write_file_by(pack.folder() / weights_file(kind),
                       [&](const auto& path) { file.weights.save_safetensors(path); });
  const auto& original = file.files.front();
  copy_companions(request, original.parent_path(), kind, pack.folder());
  if (kind == ModelKind::clip) note_vocabulary(file.weights, original, file.notes);
  file.notes.insert(file.notes.end(), file.warnings.begin(), file.warnings.end());
  step("checking what was written");
  auto folder = pack.publish({.name = request.name,
                              .source_file = original.filename().string(),
                              .source_sha256 = sha256,
                              .source_url = request.url,
                              .maker = request.maker,
                              .licence = request.licence,
                              .files = {}});
  return {.folder = std::move(folder), .notes = file.notes};
}

}  // namespace latentreel::library
