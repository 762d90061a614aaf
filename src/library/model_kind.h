#pragma once

namespace latentreel::library {

enum class ModelKind { vqgan, clip };

const char* words(ModelKind kind);         // "VQGAN", "CLIP"
const char* weights_file(ModelKind kind);  // its weights' name in a pack: "clip.safetensors"

}  // namespace latentreel::library
