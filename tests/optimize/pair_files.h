#pragma once

#include "src/optimize/model_pack.h"

namespace latentreel::render::testing {

// Of the pair of networks in that folder.
inline ModelFiles files_in(const std::filesystem::path& folder) {
  ModelFiles files;
  files.vqgan_name = "tiny";
  files.vqgan = folder / "vqgan.safetensors";
  files.clips.resize(1);
  files.clips[0].name = "tiny";
  files.clips[0].file = folder / "clip.safetensors";
  return files;
}

}  // namespace latentreel::render::testing
