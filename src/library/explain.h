#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/model_file.h"
#include "src/library/model_kind.h"

namespace latentreel::library {

models::Network network_of(ModelKind kind);
ModelKind kind_of(models::Network network);

// What a model's file holds, in words: {"pictures", "vision transformer: 12 layers 768 wide, …"},
// in the order in which a person wants it. Throws WeightsError where the tensors are no such
// network.
std::vector<std::pair<std::string, std::string>> explain(const models::ModelFile& file,
                                                         ModelKind kind);

// The network in a few words, for a list: "vision transformer, 224x224 in patches of 32". Throws
// WeightsError where the tensors are no such network.
std::string in_brief(const models::StateDict& weights, ModelKind kind);

// The network in one line, for a pack's metadata: "CLIP, ViT 12x768 in patches of 32, 224x224".
std::string architecture(const models::StateDict& weights, ModelKind kind);

}  // namespace latentreel::library
