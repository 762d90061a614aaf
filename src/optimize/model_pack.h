#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "models/clip/clip.h"
#include "models/clip/config.h"
#include "models/clip/tokenizer.h"
#include "models/files/state_dict.h"
#include "models/model_file.h"
#include "models/vqgan/vqgan.h"
#include "src/optimize/bank.h"
#include "src/optimize/file_digests.h"
#include "src/run/machine.h"

namespace latentreel::render {

// The files that a scene's model names stand for.
struct ModelFiles {
  struct ClipFile {
    std::string name;  // as the scene says it
    std::filesystem::path file;
    double weight = 1;
  };
  std::string vqgan_name;
  std::filesystem::path vqgan;
  std::vector<ClipFile> clips;
};

// What is known of a CLIP before its networks are made.
struct ClipIdentity {
  std::string name;
  double weight = 1;
  std::shared_ptr<const models::ClipTokenizer> tokenizer;
  models::ClipConfig config;
  std::string digest;  // of weights, merges, and metadata in files beside the weights
};

struct LoadedClip {
  std::string name;
  double weight = 1;
  models::Clip clip;  // float32 or as placed
  std::shared_ptr<const models::ClipTokenizer> tokenizer;
};

// The networks of a scene, loaded once. Weights are mapped from their files; the metadata of the
// files is known at once, the networks of a precision are made when first asked for. Thread-safe;
// what it returns stays as it is.
class ModelPack {
 public:
  // Checks and maps every file. `digests` may be null, else it must outlive the pack. Throws
  // WeightsError, also where a CLIP has fewer tokens than its merges make.
  ModelPack(const ModelFiles& files, const Machine& machine, FileDigests* digests = nullptr);

  const models::Vqgan& vqgan(scenes::Precision precision);
  const std::vector<LoadedClip>& clips(scenes::Precision precision);
  // The pictures that come with the VQGAN, or nullptr where its folder has none.
  const Bank* bank();

  const models::VqganConfig& vqgan_config() const { return vqgan_config_; }
  const std::string& vqgan_digest();
  const std::vector<ClipIdentity>& clip_identities();
  const ModelFiles& files() const { return files_; }
  // Sentences on what is only assumed of the models (models::ModelFile::warnings).
  const std::vector<std::string>& warnings() const { return warnings_; }
  // Bytes of the networks of that precision that are not made yet.
  double bytes_to_load(scenes::Precision precision);
  // SHA-256 of a file that a scene names. Throws FileError (cannot_read).
  std::string digest_of(const std::filesystem::path& file);

 private:
  struct Source {
    models::StateDict weights;
    std::vector<std::filesystem::path> files;
    std::string sidecar_metadata;
  };
  struct ClipSource : Source {
    std::shared_ptr<const models::ClipTokenizer> tokenizer;
    std::filesystem::path merges;
  };
  Source open(const std::filesystem::path& file, models::Network network);
  std::string digest_of(const Source& source);
  void check_weights();

  std::recursive_mutex mutex_;  // of everything that is made when first asked for
  ModelFiles files_;
  Machine machine_;
  FileDigests own_digests_{nullptr};
  FileDigests* digests_;
  std::vector<std::string> warnings_;
  Source vqgan_source_;
  models::VqganConfig vqgan_config_;
  std::vector<ClipSource> clip_sources_;
  std::vector<ClipIdentity> clip_identities_;
  std::map<at::ScalarType, models::Vqgan> vqgans_;
  std::map<at::ScalarType, std::vector<LoadedClip>> clips_;
  std::string vqgan_digest_;
  std::optional<Bank> bank_;
  bool bank_looked_for_ = false;
  bool weights_checked_ = false;
};

}  // namespace latentreel::render
