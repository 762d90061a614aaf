#include <string>
#include <string_view>

#include "models/clip/tokenizer.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {
namespace {

constexpr std::string_view kMerges =
    "#version: 0.2\nt h\nth e</w>\na n\nan d</w>\n' s</w>\ni n\nin g</w>\nÃ ©\nâ Ģ\nð Ł\n1 2\n";

// `source` is what its errors name: the prompt itself has no file.
void encode(const ClipTokenizer& tokenizer, std::string_view prompt) {
  may_refuse("prompt", [&] {
    const auto ids = tokenizer.encode(prompt);
    for (const auto id : ids) {
      expect(id >= 0 && id < tokenizer.vocabulary_size(), "ids are of the vocabulary");
    }
    expect(tokenizer.pieces(prompt).size() == ids.size(), "every id has its piece");
    expect(tokenizer.readable(prompt).empty() == ids.empty(), "every id can be read");
  });
}

}  // namespace

void fuzz_tokenizer(FuzzBytes bytes) {
  static const ClipTokenizer tokenizer(kMerges);
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with('\0')) {
    encode(tokenizer, text);
    return;
  }
  text.remove_prefix(1);
  may_refuse("merges.txt", [text] { encode(ClipTokenizer(text, "merges.txt"), "the band's 12"); });
}

}  // namespace latentreel::models
