#include "src/optimize/bank.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <sstream>

#include "models/files/error.h"
#include "models/files/state_dict.h"
#include "src/files/digest.h"
#include "src/run/error.h"

namespace latentreel::render {
namespace {

constexpr double kUnknownWordWeight = 3;
constexpr double kCommon = 1.0 / 8;   // of the captions hold a common word
constexpr std::size_t kShortest = 3;  // letters of a word that tells pictures apart

// The words of a text, in their order: runs of ASCII letters and digits, in lower case.
std::vector<std::string> words_in_order(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  for (const unsigned char c : text) {
    if (c < 128 && std::isalnum(c)) {
      word.push_back(static_cast<char>(std::tolower(c)));
    } else if (c >= 128) {
      word.push_back(static_cast<char>(c));  // part of a letter beyond ASCII
    } else {
      finish();
    }
  }
  finish();
  return words;
}

// The same of a caption, which is written so, one space between two words.
std::vector<std::string> split(const std::string& caption) {
  std::istringstream in(caption);
  return {std::istream_iterator<std::string>(in), {}};
}

std::set<std::string> words_of(std::string_view text) {
  const auto words = words_in_order(text);
  return {words.begin(), words.end()};
}

// What a picture lacks of a prompt, and what of it is in the picture: words that count.
struct Gap {
  std::vector<std::string> prompt;  // in its order
  std::set<std::string> lacking;
  std::set<std::string> thing;  // held already, and uncommon
};

// Whether words of `text` follow each other as they do in the prompt, one that is lacking and one
// of the thing among them.
bool names_the_thing(const Gap& gap, const std::vector<std::string>& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (std::size_t j = 0; j < gap.prompt.size(); ++j) {
      bool lacking = false, thing = false;
      for (std::size_t n = 0; i + n < text.size() && j + n < gap.prompt.size(); ++n) {
        if (text[i + n] != gap.prompt[j + n]) break;
        lacking = lacking || gap.lacking.contains(text[i + n]);
        thing = thing || gap.thing.contains(text[i + n]);
      }
      if (lacking && thing) return true;
    }
  }
  return false;
}

// Whether pictures that share those words have something to lend, and nothing that was not asked
// for.
bool fills(const Gap& gap, const std::vector<std::string>& shared,
           const std::function<bool(const std::string&)>& common) {
  if (!names_the_thing(gap, shared)) return false;
  return std::all_of(shared.begin(), shared.end(), [&](const auto& word) {
    return word.size() < kShortest || common(word) ||
           std::find(gap.prompt.begin(), gap.prompt.end(), word) != gap.prompt.end();
  });
}

// Whether the things that the picture keeps are as the prompt has them: behind the same word ("a
// red cat" is not the cat of "a blue dog and a cat").
bool others_as_asked(const Gap& gap, const std::vector<std::string>& lent,
                     const std::vector<std::string>& present) {
  const auto before = [](const std::vector<std::string>& words, const std::string& word) {
    const auto place = std::find(words.begin(), words.end(), word);
    const bool none = place == words.begin() || place == words.end();
    const auto previous = none ? std::string() : *(place - 1);
    return previous.size() < kShortest ? std::string() : previous;
  };
  return std::all_of(gap.thing.begin(), gap.thing.end(), [&](const auto& word) {
    const bool covered = std::find(lent.begin(), lent.end(), word) != lent.end();
    return covered || before(gap.prompt, word) == before(present, word);
  });
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& problem) {
  throw models::WeightsError(
      models::WeightsError::Kind::invalid,
      {.doing = "reading the bank of starting pictures " + file.string(),
       .tensor = {},
       .problem = problem,
       .advice = "Restore the model pack's bank.safetensors and bank.txt together."});
}

std::vector<std::string> read_lines(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) refuse(file, "cannot be opened");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

Bank Bank::load(const std::filesystem::path& folder, int64_t codes) {
  const auto file = folder / "bank.safetensors";
  const auto tensors = models::StateDict::load_safetensors(file);
  Bank bank;
  bank.captions_ = read_lines(folder / "bank.txt");
  bank.digest_ = files::sha256_of_file(file) + files::sha256_of_file(folder / "bank.txt");
  bank.codes_ = tensors.at("codes").to(at::kLong);
  const auto embeddings = tensors.at("embeddings").to(at::kFloat);
  if (bank.codes_.dim() != 3 || embeddings.dim() != 2) refuse(file, "has tensors of another rank");
  if (bank.codes_.size(0) != bank.size() || embeddings.size(0) != bank.size()) {
    refuse(file, fmt::format("has {} pictures and {} embeddings for {} captions",
                             bank.codes_.size(0), embeddings.size(0), bank.size()));
  }
  if (bank.size() == 0 || bank.codes_.numel() == 0) refuse(file, "is empty");
  if (bank.codes_.min().item<int64_t>() < 0 || bank.codes_.max().item<int64_t>() >= codes) {
    refuse(file, fmt::format("has codes outside 0 to {}", codes - 1));
  }
  bank.unit_embeddings_ = embeddings / embeddings.norm(2, {1}, true).clamp_min(1e-12);
  for (int64_t entry = 0; entry < bank.size(); ++entry) {
    for (const auto& word : words_of(bank.captions_[entry])) bank.holders_[word].push_back(entry);
  }
  return bank;
}

at::Tensor Bank::word_shares(std::string_view prompt) const {
  auto matched = at::zeros({size()}, at::kDouble);
  auto* shares = matched.data_ptr<double>();
  double total = 0;
  for (const auto& word : words_of(prompt)) {
    const auto holders = holders_.find(word);
    if (holders == holders_.end()) {
      total += kUnknownWordWeight;
      continue;
    }
    const double weight =
        std::log(static_cast<double>(size()) / static_cast<double>(holders->second.size()));
    total += weight;
    for (const auto entry : holders->second) shares[entry] += weight;
  }
  return total > 0 ? matched / total : matched;
}

Bank::Choice Bank::nearest(std::string_view prompt, const at::Tensor& embedding) const {
  return ranked(prompt, embedding, 1).front();
}

std::vector<Bank::Choice> Bank::ranked(std::string_view prompt, const at::Tensor& embedding,
                                       int64_t count) const {
  const auto e = embedding.detach().cpu().to(at::kFloat).flatten();
  if (e.size(0) != unit_embeddings_.size(1)) {
    throw RenderError(RenderError::Kind::scene,
                      fmt::format("choosing a starting picture: the bank was made for a CLIP with "
                                  "{} numbers a text, the scene's first CLIP has {}. Use the CLIP "
                                  "of the same pack, or another start.",
                                  unit_embeddings_.size(1), e.size(0)));
  }
  const auto cosines = at::mv(unit_embeddings_, e / e.norm().clamp_min(1e-12));
  const auto shares = word_shares(prompt);
  const auto scores = cosines.to(at::kDouble) + shares;
  const auto order = std::get<1>(scores.sort(/*stable=*/true, /*dim=*/0, /*descending=*/true));
  const auto wanted = words_of(prompt);
  std::vector<Choice> choices;
  for (int64_t i = 0; i < std::min(count, size()); ++i) {
    const auto entry = order[i].item<int64_t>();
    const double likeness = std::clamp(cosines[entry].item<double>(), 0.0, 1.0);
    const double words = shares[entry].item<double>();
    const auto present = words_of(caption(entry));
    const bool lacks = std::any_of(wanted.begin(), wanted.end(), [&](const auto& word) {
      return word.size() >= kShortest && !present.contains(word) && holders_.contains(word) &&
             !is_common(word);
    });
    choices.push_back({.entry = entry,
                       .caption = caption(entry),
                       .score = scores[entry].item<double>(),
                       .likeness = likeness,
                       .words = words,
                       .held = words * likeness,
                       .lacks = lacks});
  }
  return choices;
}

// --- Loans ---------------------------------------------------------------------------------------

bool Bank::is_common(const std::string& word) const {
  const auto holders = holders_.find(word);
  return holders != holders_.end() &&
         static_cast<double>(holders->second.size()) > kCommon * static_cast<double>(size());
}

// The entries whose captions differ from that of `entry` in the word at `position` alone, itself
// first.
std::vector<int64_t> Bank::alike_but_for(int64_t entry, std::size_t position) const {
  const std::string_view text = caption(entry);
  std::size_t from = 0;
  for (std::size_t i = 0; i < position; ++i) from = text.find(' ', from) + 1;
  const auto before = text.substr(0, from);
  const auto to = text.find(' ', from);
  const auto after = to == std::string_view::npos ? std::string_view() : text.substr(to);
  std::vector<int64_t> entries{entry};
  for (int64_t i = 0; i < size(); ++i) {
    const std::string_view other = caption(i);
    if (other.size() <= before.size() + after.size() || other == text) continue;
    if (!other.starts_with(before) || !other.ends_with(after)) continue;
    const auto word = other.substr(before.size(), other.size() - before.size() - after.size());
    if (word.find(' ') == std::string_view::npos) entries.push_back(i);
  }
  return entries;
}

std::optional<Bank::Loan> Bank::loan(std::string_view prompt, int64_t entry) const {
  const auto present = words_of(caption(entry));
  Gap gap{.prompt = words_in_order(prompt), .lacking = {}, .thing = {}};
  std::vector<int64_t> candidates;
  bool known = true;
  for (const auto& word : gap.prompt) {
    if (word.size() < kShortest) continue;
    if (present.contains(word)) {
      if (!is_common(word)) gap.thing.insert(word);
      continue;
    }
    if (!gap.lacking.insert(word).second) continue;
    const auto holders = holders_.find(word);
    known = known && holders != holders_.end();
    if (holders == holders_.end()) continue;
    candidates.insert(candidates.end(), holders->second.begin(), holders->second.end());
  }
  const auto shares = word_shares(prompt);
  const auto* share = shares.const_data_ptr<double>();
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](int64_t a, int64_t b) { return share[a] > share[b]; });
  const auto common = [this](const std::string& word) { return is_common(word); };
  for (const auto candidate : candidates) {
    const auto words = split(caption(candidate));
    for (std::size_t position = 0; position < words.size(); ++position) {
      auto shared = words;
      shared[position].clear();  // no word of the prompt
      if (!fills(gap, shared, common)) continue;
      auto entries = alike_but_for(candidate, position);
      if (entries.size() < 2) continue;
      const bool all = std::all_of(gap.lacking.begin(), gap.lacking.end(), [&](const auto& word) {
        return std::find(shared.begin(), shared.end(), word) != shared.end();
      });
      const bool complete =
          known && all && others_as_asked(gap, shared, words_in_order(caption(entry)));
      return Loan{.entries = std::move(entries), .complete = complete};
    }
  }
  return std::nullopt;
}

at::Tensor Bank::codes(int64_t entry) const {
  return codes_.narrow(0, entry, 1);
}

}  // namespace latentreel::render
