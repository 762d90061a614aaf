#include "scenes/mistakes.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>

#include "scenes/scene_reader.h"
#include "scenes/utf8.h"

namespace latentreel::scenes {
namespace {

constexpr std::size_t kMost = 100;  // mistakes kept; the rest is only counted

bool same_letter(char a, char b) {
  const auto plain = [](char c) { return c == '_' ? '-' : lower(c); };
  return plain(a) == plain(b);
}

// Single letters changed, added, left out or swapped with their neighbour, until `a` is `b`. Case
// and the choice of '_' or '-' do not count.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1,
                             previous[j - 1] + (same_letter(a[i - 1], b[j - 1]) ? 0 : 1)});
      if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1])) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

// Those of `file` in its order, then those of other files, then those of overrides.
void sort_by_place(std::vector<Diagnostic>& diagnostics, const std::string& file) {
  const auto place = [&](const Diagnostic& d) {
    return std::tuple(!d.override_text.empty(), d.file != file, d.line, d.column);
  };
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
}

}  // namespace

Mistakes::Mistakes(std::filesystem::path file, std::string_view text,
                   std::span<const Override> overrides)
    : file_(std::move(file)), text_(text), overrides_(overrides) {}

Diagnostic Mistakes::at(Position where, std::string message, std::string hint) const {
  Diagnostic diagnostic{.file = file_.string(),
                        .line = where.line,
                        .column = where.column,
                        .message = std::move(message),
                        .source_line = std::string(line_of(text_, where.line)),
                        .hint = std::move(hint)};
  if (where.override_index >= 0) {
    const Override& source = overrides_[static_cast<std::size_t>(where.override_index)];
    diagnostic.override_text = fmt::format("--set {}={}", source.key, source.value);
  }
  return diagnostic;
}

void Mistakes::add(Diagnostic diagnostic) {
  if (diagnostics_.size() < kMost) {
    diagnostics_.push_back(std::move(diagnostic));
  } else {
    ++suppressed_;
  }
}

void Mistakes::add(Position where, std::string message, std::string hint) {
  add(at(where, std::move(message), std::move(hint)));
}

void Mistakes::add_missing_file(Position where, std::string message, std::string hint) {
  Diagnostic diagnostic = at(where, std::move(message), std::move(hint));
  diagnostic.missing_file = true;
  add(std::move(diagnostic));
}

void Mistakes::note(Position where, std::string message, std::string hint) {
  if (notes_.size() >= kMost) return;
  where.column = 0;  // a caret would need lines of its own
  notes_.push_back(at(where, std::move(message), std::move(hint)));
}

Position Mistakes::inside(Position where, std::string_view value, std::size_t offset) const {
  std::string_view line = line_of(text_, where.line);
  for (int column = 1; column < where.column && !line.empty(); ++column) {
    const auto point = first_code_point(line);
    line.remove_prefix(point ? point->length : 1);
  }
  const bool quoted = !line.empty() && (line.front() == '"' || line.front() == '\'');
  // ASCII alone, up to there: else bytes are no columns.
  const bool plain = std::all_of(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(offset),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (quoted && plain && line.substr(1, value.size()) == value) {
    where.column += 1 + static_cast<int>(offset);
  }
  return where;
}

std::vector<std::string> Mistakes::notes() const {
  auto sorted = notes_;
  sort_by_place(sorted, file_.string());
  std::vector<std::string> texts;
  for (const Diagnostic& note : sorted) texts.push_back(note.text());
  return texts;
}

void Mistakes::throw_if_any() {
  if (diagnostics_.empty()) return;
  const std::string file = file_.string();
  sort_by_place(diagnostics_, file);
  const bool missing = std::all_of(diagnostics_.begin(), diagnostics_.end(),
                                   [](const Diagnostic& d) { return d.missing_file; });
  if (suppressed_ > 0) {
    diagnostics_.push_back({.file = file, .message = fmt::format("{} more mistakes", suppressed_)});
  }
  throw SceneError(missing ? SceneError::Kind::missing : SceneError::Kind::invalid,
                   std::move(diagnostics_));
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_key(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_letter);
}

std::string_view trimmed(std::string_view text, std::string_view blanks) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

std::string_view line_of(std::string_view text, int number) {
  if (number < 1) return {};
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  for (; number > 1; --number) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return text;
}

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> known) {
  // Words this long are no misspelling of ours, and comparing them would take its time.
  if (word.empty() || word.size() > 40) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const std::string_view nearest = nearest_word(word, known);
  return nearest.empty() ? std::string() : fmt::format("did you mean \"{}\"?", nearest);
}

std::string listed(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace latentreel::scenes
