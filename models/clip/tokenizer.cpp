#include "models/clip/tokenizer.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <openssl/sha.h>
#include <utf8proc.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <queue>
#include <span>
#include <stdexcept>
#include <utility>

#include "models/clip/text_cleaning.h"
#include "models/clip/word_cutting.h"
#include "models/files/mapped_file.h"

namespace latentreel::models {
namespace {

constexpr std::string_view kPublishedName = "bpe_simple_vocab_16e6.txt.gz";
constexpr std::string_view kPublishedDigest =
    "924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a";
// The published file goes on far beyond what the published models use.
constexpr std::size_t kMergesUsed = 49152 - 256 - 2;
constexpr std::size_t kLargestMergesFile = std::size_t{16} << 20;  // inflated
constexpr std::size_t kBytes = 256;
constexpr std::string_view kWordEnd = "</w>";

WeightsError invalid_merges(const std::filesystem::path& source, std::string problem,
                            std::string advice = "Fetch the model's merges.txt again.") {
  return WeightsError(WeightsError::Kind::invalid, {.doing = "reading " + source.string(),
                                                    .tensor = {},
                                                    .problem = std::move(problem),
                                                    .advice = std::move(advice)});
}

// Note [Alphabet]
// Merges files spell a byte as a printable character: bytes 33-126, 161-172 and 174-255 as
// themselves (Latin-1), the other 68 in increasing order as U+0100 onwards. Ids count the alphabet
// in that order, printable bytes first.
struct Alphabet {
  std::array<unsigned char, kBytes> byte_of_id{};
  std::array<std::uint32_t, kBytes> id_of_byte{};
  std::unordered_map<utf8proc_int32_t, std::uint32_t> id_of_character;

  Alphabet() {
    const auto printable = [](unsigned byte) {
      return (byte >= 33 && byte <= 126) || (byte >= 161 && byte != 173);
    };
    std::uint32_t id = 0;
    const auto add = [&](unsigned byte, unsigned character) {
      byte_of_id[id] = static_cast<unsigned char>(byte);
      id_of_byte[byte] = id;
      id_of_character.emplace(static_cast<utf8proc_int32_t>(character), id);
      ++id;
    };
    for (unsigned byte = 0; byte < kBytes; ++byte) {
      if (printable(byte)) add(byte, byte);
    }
    for (unsigned byte = 0, other = 0x100; byte < kBytes; ++byte) {
      if (!printable(byte)) add(byte, other++);
    }
  }
};

const Alphabet& alphabet() {
  static const Alphabet instance;
  return instance;
}

bool is_published(std::span<const std::byte> bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return fmt::format("{:02x}", fmt::join(digest, "")) == kPublishedDigest;
}

std::string inflated(std::span<const std::byte> bytes, const std::filesystem::path& source) {
  z_stream stream{};
  constexpr int kGzipOnly = 15 + 16;
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, &inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  std::array<char, 1 << 16> buffer{};
  int result = Z_OK;
  while (result != Z_STREAM_END) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = buffer.size();
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(buffer.data(), buffer.size() - stream.avail_out);
    if (text.size() > kLargestMergesFile) {
      throw invalid_merges(source,
                           fmt::format("it unpacks to more than {} bytes", kLargestMergesFile));
    }
    if (result == Z_STREAM_END) break;
    if (result != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0)) {
      throw invalid_merges(source, "it cannot be unpacked: it is damaged or incomplete");
    }
  }
  if (stream.avail_in != 0) throw invalid_merges(source, "data follows the end of its gzip stream");
  return text;
}

// Text cut into lines; an empty one at the end of the file is none.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    ++number_;
    const auto end = rest_.find('\n');
    auto line = rest_.substr(0, end);
    rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }
  std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

std::uint64_t pair_key(std::uint32_t left, std::uint32_t right) {
  return std::uint64_t{left} << 32 | right;
}

// A prompt as it is read. Throws WeightsError (invalid) for one that cannot be.
std::string cleaned(std::string_view text) {
  const auto refuse = [&](std::string problem, std::string advice) {
    return WeightsError(WeightsError::Kind::invalid, {.doing = "reading the prompt " + shown(text),
                                                      .tensor = {},
                                                      .problem = std::move(problem),
                                                      .advice = std::move(advice)});
  };
  if (text.size() > ClipTokenizer::kLongestPrompt) {
    throw refuse(fmt::format("it has {} bytes, more than the {} that are read", text.size(),
                             ClipTokenizer::kLongestPrompt),
                 "Shorten it.");
  }
  try {
    return clean_text(text);
  } catch (const std::invalid_argument& error) {
    throw refuse(error.what(), "Save it as UTF-8.");
  }
}

std::string too_long(std::size_t tokens, std::size_t allowed) {
  return fmt::format("it has {} tokens, but this CLIP reads at most {}", tokens, allowed);
}

// Bytes to be shown: those that form no whole character as \xNN.
std::string as_text(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size();) {
    utf8proc_int32_t c = -1;
    const auto length =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()) + i,
                         static_cast<utf8proc_ssize_t>(bytes.size() - i), &c);
    if (length > 0) {
      text.append(bytes, i, static_cast<std::size_t>(length));
    } else {
      text += fmt::format("\\x{:02X}", static_cast<unsigned char>(bytes[i]));
    }
    i += length > 0 ? static_cast<std::size_t>(length) : 1;
  }
  return text;
}

// Whether the last character of `bytes` still lacks some of its bytes in UTF-8.
bool ends_within_character(std::string_view bytes) {
  std::size_t have = 0;
  while (have < bytes.size() && have < 4) {
    const auto byte = static_cast<unsigned char>(bytes[bytes.size() - 1 - have]);
    ++have;
    if (byte < 0x80) return false;
    if (byte >= 0xC0) return have < (byte >= 0xF0 ? 4u : byte >= 0xE0 ? 3u : 2u);
  }
  return false;
}

// A token of a word that is being merged, and its neighbours' places.
struct Link {
  std::uint32_t id;
  std::uint32_t previous;
  std::uint32_t next;
};

}  // namespace

PromptTooLong::PromptTooLong(std::string_view prompt, std::size_t tokens_, std::size_t allowed_)
    : WeightsError(Kind::invalid, {.doing = "reading the prompt " + shown(prompt),
                                   .tensor = {},
                                   .problem = too_long(tokens_, allowed_),
                                   .advice = "Shorten it, or split it into several prompts."}),
      tokens(tokens_),
      allowed(allowed_) {}

ClipTokenizer ClipTokenizer::load(const std::filesystem::path& merges) {
  const auto file = MappedFile::open(merges);
  const auto bytes = file->bytes();
  if (bytes.size() > kLargestMergesFile) {
    throw invalid_merges(merges, fmt::format("it has more than {} bytes", kLargestMergesFile));
  }
  if (merges.filename() == kPublishedName && !is_published(bytes)) {
    throw invalid_merges(merges, fmt::format("its SHA-256 is not {}", kPublishedDigest),
                         "It is damaged; remove it and run cmake/clip-vocabulary.sh again.");
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("\x1f\x8b")) return ClipTokenizer(inflated(bytes, merges), merges);
  return ClipTokenizer(text, merges);
}

ClipTokenizer::ClipTokenizer(std::string_view merges, const std::filesystem::path& source) {
  const auto& letters = alphabet();
  // Symbols while reading, as the file spells them; afterwards only their numbers are needed.
  std::unordered_map<std::string, std::uint32_t> ids;
  const auto add = [&](std::string spelling, std::string bytes, bool ends_word) {
    const auto id = static_cast<std::uint32_t>(symbols_.size());
    if (!ids.emplace(std::move(spelling), id).second) return false;
    symbols_.push_back(std::move(bytes));
    ends_word_.push_back(ends_word);
    return true;
  };
  std::array<std::string, kBytes> spellings;
  for (const auto& [character, id] : letters.id_of_character) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto length = utf8proc_encode_char(character, bytes.data());
    spellings[id].assign(reinterpret_cast<const char*>(bytes.data()),
                         static_cast<std::size_t>(length));
  }
  for (const auto end : {std::string_view(), kWordEnd}) {
    for (std::size_t id = 0; id < kBytes; ++id) {
      add(spellings[id] + std::string(end),
          std::string(1, static_cast<char>(letters.byte_of_id[id])), !end.empty());
    }
  }

  Lines lines(merges);
  const auto header = lines.next();
  if (!header || header->find("#version") == header->npos) {
    throw invalid_merges(source, "it does not begin with a line \"#version: …\"",
                         "It should be a CLIP's merges.txt.");
  }
  for (std::size_t count = 0; count < kMergesUsed; ++count) {
    const auto line = lines.next();
    if (!line) break;
    const auto refuse = [&](const std::string& problem) {
      return invalid_merges(
          source, fmt::format("line {}: {} {}", lines.number(), shown(*line, 60), problem));
    };
    const auto blank = line->find(' ');
    if (blank == line->npos || line->find(' ', blank + 1) != line->npos) {
      throw refuse("is not two symbols with a blank between them");
    }
    const auto left = ids.find(std::string(line->substr(0, blank)));
    const auto right = ids.find(std::string(line->substr(blank + 1)));
    // Note [Order of merges]: a merge joins only what earlier ones have made, so that every merge
    // has a higher id than its parts, and the next to apply is always the one with the lowest id.
    if (left == ids.end() || right == ids.end()) {
      throw refuse("joins a symbol that no line before it has made");
    }
    if (ends_word_[left->second]) throw refuse("goes on after the end of a word");
    const auto id = static_cast<std::uint32_t>(symbols_.size());
    merges_.emplace(pair_key(left->second, right->second), id);
    if (!add(left->first + right->first, symbols_[left->second] + symbols_[right->second],
             ends_word_[right->second])) {
      throw refuse("makes a symbol that a line before it has made");
    }
  }
  if (merges_.empty()) throw invalid_merges(source, "it holds no merges");
  symbols_.emplace_back(kStartWord);
  symbols_.emplace_back(kEndWord);
  ends_word_.resize(symbols_.size(), false);
  end_id_ = static_cast<std::int64_t>(symbols_.size()) - 1;
}

// The merge with the lowest id first, leftmost where it fits more than once; linear in the word but
// for the queue, so that no word takes long.
void ClipTokenizer::encode_word(std::string_view word, std::vector<std::int64_t>& ids) const {
  constexpr std::uint32_t kNone = ~std::uint32_t{0};
  const auto size = static_cast<std::uint32_t>(word.size());
  std::vector<Link> links(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    links[i] = {alphabet().id_of_byte[static_cast<unsigned char>(word[i])], i == 0 ? kNone : i - 1,
                i + 1 == size ? kNone : i + 1};
  }
  links[size - 1].id += kBytes;

  using Candidate = std::pair<std::uint32_t, std::uint32_t>;  // merge, position of its left part
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto merge_at = [&](std::uint32_t at) {
    if (at == kNone || links[at].id == kNone || links[at].next == kNone) return kNone;
    const auto found = merges_.find(pair_key(links[at].id, links[links[at].next].id));
    return found == merges_.end() ? kNone : found->second;
  };
  const auto consider = [&](std::uint32_t at) {
    if (const auto merge = merge_at(at); merge != kNone) queue.emplace(merge, at);
  };
  for (std::uint32_t i = 0; i < size; ++i) consider(i);
  while (!queue.empty()) {
    const auto [merge, at] = queue.top();
    queue.pop();
    if (merge_at(at) != merge) continue;  // a neighbour was merged meanwhile
    auto& left = links[at];
    auto& right = links[left.next];
    left.id = merge;
    left.next = right.next;
    right.id = kNone;
    if (left.next != kNone) links[left.next].previous = at;
    consider(left.previous);
    consider(at);
  }
  for (std::uint32_t i = 0; i != kNone; i = links[i].next) ids.push_back(links[i].id);
}

std::vector<std::int64_t> ClipTokenizer::encode(std::string_view text) const {
  const auto clean = cleaned(text);
  std::vector<std::int64_t> ids;
  for (const auto word : words_of(clean)) {
    if (word == kStartWord) {
      ids.push_back(start_id());
    } else if (word == kEndWord) {
      ids.push_back(end_id());
    } else {
      encode_word(word, ids);
    }
  }
  return ids;
}

std::vector<std::string> ClipTokenizer::unknown_words(std::string_view text) const {
  std::vector<std::string> unknown;
  if (merges_.size() == kMergesUsed) return unknown;
  const auto clean = cleaned(text);
  for (const auto word : words_of(clean)) {
    std::vector<std::int64_t> ids;
    if (word != kStartWord && word != kEndWord) encode_word(word, ids);
    const bool is_new = std::find(unknown.begin(), unknown.end(), word) == unknown.end();
    if (ids.size() > 1 && is_new) unknown.emplace_back(word);
  }
  return unknown;
}

std::vector<std::int64_t> ClipTokenizer::frame(std::string_view text, std::size_t context,
                                               Overflow overflow) const {
  if (context < 2) throw std::invalid_argument("a context holds at least start and end");
  auto ids = encode(text);
  const std::size_t allowed = context - 2;
  if (ids.size() > allowed && overflow == Overflow::error) {
    throw PromptTooLong(text, ids.size(), allowed);
  }
  ids.resize(std::min(ids.size(), allowed));
  ids.insert(ids.begin(), start_id());
  ids.push_back(end_id());
  ids.resize(context, 0);
  return ids;
}

std::vector<std::string> ClipTokenizer::pieces(std::string_view text) const {
  std::vector<std::string> result;
  for (const auto id : encode(text)) {
    auto piece = as_text(symbols_[static_cast<std::size_t>(id)]);
    if (ends_word_[static_cast<std::size_t>(id)]) piece += kWordEnd;
    result.push_back(std::move(piece));
  }
  return result;
}

std::string ClipTokenizer::readable(std::string_view text) const {
  std::string result;
  std::string bytes;
  for (const auto id : encode(text)) {
    const auto at = static_cast<std::size_t>(id);
    bytes += symbols_[at];
    if (!ends_word_[at] && ends_within_character(bytes)) continue;
    result += as_text(bytes) + (ends_word_[at] ? " " : "\u00b7");
    bytes.clear();
  }
  result += as_text(bytes);
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

std::filesystem::path default_merges_path(const std::filesystem::path& clip_file,
                                          const std::filesystem::path& user_data) {
  std::error_code ignored;
  const auto beside = clip_file.parent_path() / "merges.txt";
  if (std::filesystem::exists(beside, ignored)) return beside;
  const auto published = user_data / kPublishedName;
  if (!user_data.empty() && std::filesystem::exists(published, ignored)) return published;
  throw WeightsError(
      WeightsError::Kind::missing,
      {.doing = "looking for the tokenizer's merges of " + clip_file.string(),
       .tensor = {},
       .problem = fmt::format("neither {} nor {} is there", beside.string(), published.string()),
       .advice = "Put the model's merges.txt beside it, or run cmake/clip-vocabulary.sh, which "
                 "fetches the published vocabulary."});
}

}  // namespace latentreel::models
