#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <optional>
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
    double likeness = 0;  // the cosine
    double words = 0;     // the share of the prompt's words; score is the sum of both
    double held = 0;      // how much of the prompt it shows, in [0, 1]: likeness * words
    bool lacks = false;   // whether it lacks an uncommon word that other captions have
  };

  // Pictures that share what another one lacks, and differ in the rest.
  struct Loan {
    std::vector<int64_t> entries;  // two at least
    bool complete = false;         // with it, no word of the prompt is lacking
  };

  // Reads bank.safetensors (`codes` [M, h, w], `embeddings` [M, E]) and bank.txt (M captions, one a
  // line) of `folder`. Every code must be below `codes`. Throws WeightsError.
  static Bank load(const std::filesystem::path& folder, int64_t codes);

  // The entry with the highest sum of the cosine between its caption's embedding and `embedding`
  // ([E], the prompt's), and the share of the prompt's words that its caption holds. A word that k
  // of M captions hold weighs ln(M / k); one that none holds weighs 3 and is never matched.
  // Throws RenderError (scene) where the embedding is of another CLIP's size.
  Choice nearest(std::string_view prompt, const at::Tensor& embedding) const;
  // The first `count` by that measure, the best one first.
  std::vector<Choice> ranked(std::string_view prompt, const at::Tensor& embedding,
                             int64_t count) const;

  // Pictures that show what the picture `entry` lacks of the prompt, such as its thing in the right
  // colour. Of these pictures
  //   - the captions are alike but for one word (of their ground),
  //   - the shared words are the prompt's or common (in more than an eighth of all captions),
  //   - some shared words follow each other as in the prompt ("green planet").
  // One of the words in that sequence has to be lacking, another an uncommon one that `entry` has.
  // Those that hold most of the prompt are preferred. Words of one or two letters are ignored.
  // Nothing where there are no such pictures.
  std::optional<Loan> loan(std::string_view prompt, int64_t entry) const;

  const std::string& digest() const { return digest_; }  // SHA-256 of both files
  int64_t size() const { return static_cast<int64_t>(captions_.size()); }
  at::Tensor codes(int64_t entry) const;  // [1, h, w] int64
  const std::string& caption(int64_t entry) const {
    return captions_[static_cast<std::size_t>(entry)];
  }
  int64_t height() const { return codes_.size(1); }
  int64_t width() const { return codes_.size(2); }

 private:
  Bank() = default;
  at::Tensor word_shares(std::string_view prompt) const;  // [M]
  bool is_common(const std::string& word) const;
  std::vector<int64_t> alike_but_for(int64_t entry, std::size_t position) const;

  std::string digest_;
  at::Tensor codes_;            // [M, h, w] int64
  at::Tensor unit_embeddings_;  // [M, E] float32
  std::vector<std::string> captions_;
  std::map<std::string, std::vector<int64_t>, std::less<>> holders_;  // word -> entries
};

}  // namespace latentreel::render
