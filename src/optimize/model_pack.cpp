#include "src/optimize/model_pack.h"

#include <c10/core/ScalarType.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "models/files/error.h"
#include "src/files/user_folders.h"

namespace latentreel::render {

using models::Network;

namespace {

std::string with_blank(const std::string& text) {
  return text.empty() ? "" : " " + text;
}

// A token that the model has no row for cannot be looked up. Rows that no token has do no harm:
// some models are rounded up.
void check_vocabulary(const models::StateDict& weights, const std::filesystem::path& file,
                      const models::ClipTokenizer& tokenizer, const std::filesystem::path& merges) {
  const auto rows = models::infer_clip_config(weights).vocabulary;
  if (rows >= tokenizer.vocabulary_size()) return;
  throw models::WeightsError(
      models::WeightsError::Kind::invalid,
      {.doing = "reading weights from " + file.string(),
       .tensor = "token_embedding.weight",
       .problem = fmt::format("has {} rows, and the merges in {} make {} tokens", rows,
                              merges.string(), tokenizer.vocabulary_size()),
       .advice = "Put the merges.txt that came with this model beside it, or name a model that "
                 "goes with these merges."});
}

}  // namespace

ModelPack::ModelPack(const ModelFiles& files, const Machine& machine, FileDigests* digests)
    : files_(files),
      machine_(machine),
      digests_(digests != nullptr ? digests : &own_digests_),
      vqgan_source_(open(files.vqgan, Network::vqgan)),
      vqgan_config_(models::infer_vqgan_config(vqgan_source_.weights)) {
  for (const auto& clip : files_.clips) {
    auto merges = models::default_merges_path(clip.file, files::user_data_folder());
    auto tokenizer =
        std::make_shared<const models::ClipTokenizer>(models::ClipTokenizer::load(merges));
    auto source = open(clip.file, Network::clip);
    check_vocabulary(source.weights, clip.file, *tokenizer, merges);
    clip_sources_.push_back({std::move(source), std::move(tokenizer), std::move(merges)});
  }
}

ModelPack::Source ModelPack::open(const std::filesystem::path& file, Network network) {
  auto model = models::open_model(file, network);
  std::move(model.warnings.begin(), model.warnings.end(), std::back_inserter(warnings_));
  return {.weights = std::move(model.weights),
          .files = std::move(model.files),
          .sidecar_metadata = std::move(model.sidecar_metadata)};
}

// Of an index and its shards, one after the other.
std::string ModelPack::digest_of(const Source& source) {
  std::string digest;
  for (const auto& file : source.files) {
    digest += (digest.empty() ? "" : "+") + digest_of(file);
  }
  return digest;
}

// Reads every number once, before anything is computed with them.
void ModelPack::check_weights() {
  if (weights_checked_) return;
  vqgan_source_.weights.check_finite();
  for (const auto& source : clip_sources_) source.weights.check_finite();
  weights_checked_ = true;
}

const models::Vqgan& ModelPack::vqgan(scenes::Precision precision) {
  const std::lock_guard lock(mutex_);
  const auto placement = machine_.placement(precision);
  auto found = vqgans_.find(placement.dtype);
  if (found == vqgans_.end()) {
    check_weights();
    found = vqgans_.emplace(placement.dtype, models::Vqgan(vqgan_source_.weights, placement)).first;
  }
  return found->second;
}

const std::vector<LoadedClip>& ModelPack::clips(scenes::Precision precision) {
  const std::lock_guard lock(mutex_);
  const auto placement = machine_.placement(precision);
  auto& loaded = clips_[placement.dtype];
  for (size_t i = loaded.size(); i < files_.clips.size(); ++i) {
    check_weights();
    const auto& source = clip_sources_[i];
    loaded.push_back({.name = files_.clips[i].name,
                      .weight = files_.clips[i].weight,
                      .clip = models::Clip(source.weights, placement),
                      .tokenizer = source.tokenizer});
  }
  return loaded;
}

double ModelPack::bytes_to_load(scenes::Precision precision) {
  const std::lock_guard lock(mutex_);
  const auto dtype = machine_.dtype(precision);
  double numbers = 0;
  const auto add = [&](const models::StateDict& weights) {
    for (const auto& [name, tensor] : weights.tensors()) {
      numbers += static_cast<double>(tensor.numel());
    }
  };
  if (vqgans_.count(dtype) == 0) add(vqgan_source_.weights);
  if (clips_.count(dtype) == 0) {
    for (const auto& source : clip_sources_) add(source.weights);
  }
  return numbers * static_cast<double>(c10::elementSize(dtype));
}

std::string ModelPack::digest_of(const std::filesystem::path& file) {
  return digests_->of(file);
}

const std::string& ModelPack::vqgan_digest() {
  const std::lock_guard lock(mutex_);
  if (vqgan_digest_.empty()) {
    vqgan_digest_ = digest_of(vqgan_source_) + with_blank(vqgan_source_.sidecar_metadata);
  }
  return vqgan_digest_;
}

const std::vector<ClipIdentity>& ModelPack::clip_identities() {
  const std::lock_guard lock(mutex_);
  for (size_t i = clip_identities_.size(); i < files_.clips.size(); ++i) {
    const auto& source = clip_sources_[i];
    clip_identities_.push_back({.name = files_.clips[i].name,
                                .weight = files_.clips[i].weight,
                                .tokenizer = source.tokenizer,
                                .config = models::infer_clip_config(source.weights),
                                .digest = digest_of(source) + " " + digest_of(source.merges) +
                                          with_blank(source.sidecar_metadata)});
  }
  return clip_identities_;
}

const Bank* ModelPack::bank() {
  const std::lock_guard lock(mutex_);
  if (!bank_looked_for_) {
    bank_looked_for_ = true;
    const auto folder = vqgan_source_.files.front().parent_path();
    if (std::filesystem::exists(folder / "bank.safetensors")) {
      bank_ = Bank::load(folder, vqgan_config_.codes);
    }
  }
  return bank_ ? &*bank_ : nullptr;
}

}  // namespace latentreel::render
