#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "src/render/latent.h"
#include "src/render/progress.h"

namespace latentreel::render {

// Whether what a store holds is looked at, or only replaced.
enum class Reuse { yes, no };

// Keyframes on disk, named by a hash of everything that affects them: finished latents, and the
// state of an optimization that was stopped. Files appear whole or not at all (temporary name,
// sync, rename), so a run that is killed leaves nothing half-written and several runs may share a
// store. A file that cannot be read is removed, said, and made again.
class KeyframeStore {
 public:
  using State = std::map<std::string, at::Tensor>;

  // `folder` is created when something is first written. Warnings go to `progress`, which must
  // outlive the store.
  KeyframeStore(std::filesystem::path folder, Reuse reuse, Progress& progress);

  std::optional<Latent> find_latent(const std::string& hash);
  void keep_latent(const std::string& hash, const Latent& latent);

  std::optional<State> find_state(const std::string& hash);
  void keep_state(const std::string& hash, const State& state);

 private:
  std::filesystem::path latent_file(const std::string& hash) const;
  std::filesystem::path state_file(const std::string& hash) const;
  std::optional<State> read(const std::filesystem::path& file);
  bool write(const std::filesystem::path& file, const State& tensors);

  std::filesystem::path folder_;
  Reuse reuse_;
  Progress& progress_;
  bool writable_ = true;
};

}  // namespace latentreel::render
