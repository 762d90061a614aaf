#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/files/error.h"

namespace latentreel::models {

// A prompt has more tokens than CLIP's context holds (a WeightsError of kind invalid).
class PromptTooLong : public WeightsError {
 public:
  PromptTooLong(std::string_view prompt, std::size_t tokens, std::size_t allowed);

  std::size_t tokens;   // the prompt's own, without start and end
  std::size_t allowed;  // how many of those fit
};

// What to do with a prompt longer than the context: throw, or keep what fits (the last place is the
// end token's).
enum class Overflow { error, truncate };

// CLIP's byte-pair encoding: text -> token ids. Text is first cleaned (text_cleaning.h), then cut
// into words, then each word's bytes are joined by the merges of a vocabulary, in their order.
//
//   0 .. 255     the bytes, printable ones first       512 + k              what merge k makes
//   256 .. 511   the same at the end of a word          the last two ids     start, end
//
// Constant once made; safe to use from several threads.
class ClipTokenizer {
 public:
  // From a merges file: a version line, then a merge ("th e</w>") a line. Either a model's own
  // merges.txt or the published bpe_simple_vocab_16e6.txt.gz, whose digest is checked and of which
  // the first 48,894 merges count. Throws WeightsError.
  static ClipTokenizer load(const std::filesystem::path& merges);

  // From the text of a merges file; `source` names it in messages.
  explicit ClipTokenizer(std::string_view merges, const std::filesystem::path& source = "merges");

  std::int64_t vocabulary_size() const noexcept { return end_id_ + 1; }
  std::int64_t start_id() const noexcept { return end_id_ - 1; }
  std::int64_t end_id() const noexcept { return end_id_; }

  // The ids of `text`, without start and end. Throws WeightsError (invalid) for text that is not
  // UTF-8 or larger than kLongestPrompt bytes.
  std::vector<std::int64_t> encode(std::string_view text) const;

  // start, the ids, end, then zeros: exactly `context` ids. Throws PromptTooLong where they do not
  // fit and `overflow` says error.
  std::vector<std::int64_t> frame(std::string_view text, std::size_t context,
                                  Overflow overflow = Overflow::error) const;

  // What each id of encode(text) stands for, to be shown: its text, "</w>" where it ends a word,
  // bytes that do not form a whole character as \xNN. "zebra" may be {"z", "e", "br", "a</w>"}.
  std::vector<std::string> pieces(std::string_view text) const;

  // encode(text) for a person: words with blanks between them, and dots between the pieces of a
  // word. Bytes that are a character only together are shown as that character.
  std::string readable(std::string_view text) const;

  // The words of the cleaned `text`, each once, that the merges do not join into one token. A
  // model's own small vocabulary holds every word that the model was taught, so these words are
  // unknown to it. With the published vocabulary, which is made of pieces of words, that says
  // nothing, and the result is empty. Throws as encode does.
  std::vector<std::string> unknown_words(std::string_view text) const;

  static constexpr std::size_t kLongestPrompt = 65536;  // bytes

 private:
  void encode_word(std::string_view word, std::vector<std::int64_t>& ids) const;

  std::unordered_map<std::uint64_t, std::uint32_t> merges_;  // left << 32 | right -> id
  std::vector<std::string> symbols_;                         // bytes that an id stands for
  std::vector<bool> ends_word_;
  std::int64_t end_id_ = 0;
};

// The merges for the CLIP in `clip_file`: merges.txt beside it, else the published vocabulary,
// bpe_simple_vocab_16e6.txt.gz in the folder of this user's data (empty: there is none). Throws
// WeightsError (missing) that says how to obtain it.
std::filesystem::path default_merges_path(const std::filesystem::path& clip_file,
                                          const std::filesystem::path& user_data);

}  // namespace latentreel::models
