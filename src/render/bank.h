#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace latentreel::render {

// A model pack's starting pictures: their codes, the raw text embeddings of their captions, and the
// captions. Constant once loaded.
class Bank {
 public:
  struct Choice {
    int64_t entry = 0;
    std::string caption;
    double score = 0;
  };

  // Reads bank.safetensors (`codes` [M, h, w], `embeddings` [M, E]) and bank.txt (M captions, one a
  // line) of `folder`. Every code must be below `codes`. Throws WeightsError.
  static Bank load(const std::filesystem::path& folder, int64_t codes);

  // The entry with the highest sum of the cosine between its caption's embedding and `embedding`
  // ([E], the prompt's), and the share of the prompt's words that its caption holds. A word that k
  // of M captions hold weighs ln(M / k); one that none holds weighs 3 and is never matched.
  // Throws RenderError (scene) where the embedding is of another CLIP's size.
  Choice nearest(std::string_view prompt, const at::Tensor& embedding) const;

  const std::string& digest() const { return digest_; }  // SHA-256 of both files
  int64_t size() const { return static_cast<int64_t>(captions_.size()); }
  at::Tensor codes(int64_t entry) const;  // [1, h, w] int64
  int64_t height() const { return codes_.size(1); }
  int64_t width() const { return codes_.size(2); }

 private:
  Bank() = default;
  at::Tensor word_shares(std::string_view prompt) const;  // [M]

  std::string digest_;
  at::Tensor codes_;            // [M, h, w] int64
  at::Tensor unit_embeddings_;  // [M, E] float32
  std::vector<std::string> captions_;
  std::map<std::string, std::vector<int64_t>, std::less<>> holders_;  // word -> entries
};

}  // namespace latentreel::render
