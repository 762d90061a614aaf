#include "src/render/keyframe_store.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "models/files/error.h"
#include "models/files/state_dict.h"

namespace latentreel::render {
namespace {

constexpr const char* kFormat = "latentreel-keyframe-1";

}  // namespace

KeyframeStore::KeyframeStore(std::filesystem::path folder, Reuse reuse, Progress& progress)
    : folder_(std::move(folder)), reuse_(reuse), progress_(progress) {}

std::filesystem::path KeyframeStore::latent_file(const std::string& hash) const {
  return folder_ / "keyframes" / (hash + ".safetensors");
}

std::filesystem::path KeyframeStore::state_file(const std::string& hash) const {
  return folder_ / "keyframes" / (hash + ".unfinished.safetensors");
}

std::optional<KeyframeStore::State> KeyframeStore::read(const std::filesystem::path& file) {
  std::error_code ignored;
  if (reuse_ == Reuse::no || !std::filesystem::exists(file, ignored)) return std::nullopt;
  try {
    const auto tensors = models::StateDict::load_safetensors(file);
    if (tensors.metadata("format") == kFormat) {
      State state;
      for (const auto& [name, tensor] : tensors.tensors()) state[name] = tensor.clone();
      return state;
    }
    progress_.warning(fmt::format("{} is of another version; making it again", file.string()));
    return std::nullopt;
  } catch (const models::WeightsError& error) {
    progress_.warning(fmt::format("{}; making it again", error.what()));
    if (error.kind() != models::WeightsError::Kind::invalid) return std::nullopt;
  }
  std::filesystem::remove(file, ignored);
  return std::nullopt;
}

bool KeyframeStore::write(const std::filesystem::path& file, const State& tensors) {
  if (!writable_) return false;
  try {
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    if (error) throw std::filesystem::filesystem_error("", file.parent_path(), error);
    models::StateDict({tensors.begin(), tensors.end()}, {{"format", kFormat}})
        .save_safetensors(file);
    return true;
  } catch (const std::exception& error) {
    writable_ = false;
    progress_.warning(
        fmt::format("keeping a keyframe in {}: {}; going on without keeping any. "
                    "Choose another folder with --store",
                    file.parent_path().string(), error.what()));
    return false;
  }
}

std::optional<Latent> KeyframeStore::find_latent(const std::string& hash) {
  const auto tensors = read(latent_file(hash));
  if (!tensors) return std::nullopt;
  const auto z = tensors->find("z");
  if (z == tensors->end() || z->second.dim() != 4 || z->second.size(0) != 1) return std::nullopt;
  return Latent(z->second);
}

void KeyframeStore::keep_latent(const std::string& hash, const Latent& latent) {
  if (!write(latent_file(hash), {{"z", latent.z()}})) return;
  std::error_code ignored;
  std::filesystem::remove(state_file(hash), ignored);
}

std::optional<KeyframeStore::State> KeyframeStore::find_state(const std::string& hash) {
  return read(state_file(hash));
}

void KeyframeStore::keep_state(const std::string& hash, const State& state) {
  write(state_file(hash), state);
}

}  // namespace latentreel::render
