#include "src/render/model_pack.h"

#include "models/files/digest.h"

namespace latentreel::render {

ModelPack::ModelPack(const ModelFiles& files, const Machine& machine)
    : files_(files),
      machine_(machine),
      vqgan_weights_(models::StateDict::load_safetensors(files.vqgan)),
      vqgan_config_(models::infer_vqgan_config(vqgan_weights_)) {
  for (const auto& clip : files_.clips) {
    auto merges = models::default_merges_path(clip.file);
    auto tokenizer =
        std::make_shared<const models::ClipTokenizer>(models::ClipTokenizer::load(merges));
    clip_sources_.push_back(
        {models::StateDict::load_safetensors(clip.file), std::move(tokenizer), std::move(merges)});
  }
}

const models::Vqgan& ModelPack::vqgan(scenes::Precision precision) {
  const auto placement = machine_.placement(precision);
  auto found = vqgans_.find(placement.dtype);
  if (found == vqgans_.end()) {
    found = vqgans_.emplace(placement.dtype, models::Vqgan(vqgan_weights_, placement)).first;
  }
  return found->second;
}

const std::vector<LoadedClip>& ModelPack::clips(scenes::Precision precision) {
  const auto placement = machine_.placement(precision);
  auto& loaded = clips_[placement.dtype];
  for (size_t i = loaded.size(); i < files_.clips.size(); ++i) {
    const auto& source = clip_sources_[i];
    loaded.push_back({.name = files_.clips[i].name,
                      .weight = files_.clips[i].weight,
                      .clip = models::Clip(source.weights, placement),
                      .tokenizer = source.tokenizer,
                      .digest = models::sha256_of_file(files_.clips[i].file) + " " +
                                models::sha256_of_file(source.merges)});
  }
  return loaded;
}

const std::string& ModelPack::vqgan_digest() {
  if (vqgan_digest_.empty()) vqgan_digest_ = models::sha256_of_file(files_.vqgan);
  return vqgan_digest_;
}

const Bank* ModelPack::bank() {
  if (!bank_looked_for_) {
    bank_looked_for_ = true;
    const auto folder = files_.vqgan.parent_path();
    if (std::filesystem::exists(folder / "bank.safetensors")) {
      bank_ = Bank::load(folder, vqgan_config_.codes);
    }
  }
  return bank_ ? &*bank_ : nullptr;
}

}  // namespace latentreel::render
