#include "src/render/bank.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <fstream>
#include <set>

#include "models/files/digest.h"
#include "models/files/error.h"
#include "models/files/state_dict.h"
#include "src/render/error.h"

namespace latentreel::render {
namespace {

constexpr double kUnknownWordWeight = 3;

// The different words of a text: runs of ASCII letters and digits, in lower case.
std::set<std::string> words_of(std::string_view text) {
  std::set<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty()) words.insert(word);
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
  bank.digest_ = models::sha256_of_file(file) + models::sha256_of_file(folder / "bank.txt");
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
  const auto e = embedding.detach().cpu().to(at::kFloat).flatten();
  if (e.size(0) != unit_embeddings_.size(1)) {
    throw RenderError(RenderError::Kind::scene,
                      fmt::format("choosing a starting picture: the bank was made for a CLIP with "
                                  "{} numbers a text, the scene's first CLIP has {}. Use the CLIP "
                                  "of the same pack, or another start.",
                                  unit_embeddings_.size(1), e.size(0)));
  }
  const auto cosines = at::mv(unit_embeddings_, e / e.norm().clamp_min(1e-12));
  const auto scores = cosines.to(at::kDouble) + word_shares(prompt);
  const auto entry = scores.argmax().item<int64_t>();
  return {.entry = entry, .caption = captions_[entry], .score = scores[entry].item<double>()};
}

at::Tensor Bank::codes(int64_t entry) const {
  return codes_.narrow(0, entry, 1);
}

}  // namespace latentreel::render
