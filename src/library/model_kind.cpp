#include "src/library/model_kind.h"

namespace latentreel::library {

const char* words(ModelKind kind) {
  return kind == ModelKind::vqgan ? "VQGAN" : "CLIP";
}

const char* weights_file(ModelKind kind) {
  return kind == ModelKind::vqgan ? "vqgan.safetensors" : "clip.safetensors";
}

}  // namespace latentreel::library
