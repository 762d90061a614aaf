#include "scenes/foreign_prompts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "scenes/mistakes.h"

namespace latentreel::scenes {
namespace {

using namespace std::string_view_literals;
constexpr auto kNowhere = std::string_view::npos;
constexpr std::string_view kSpaces = " \t\r\n";
constexpr double kMostWeight = 1000;
constexpr double kOfNegative = -0.5;  // Midjourney's weight of what follows --no

std::string_view stripped(std::string_view text) {
  return trimmed(text, kSpaces);
}

// Without the blanks, and the blank before a comma, that something taken out leaves.
std::string tidy(std::string_view text) {
  std::string result;
  for (const char c : stripped(text)) {
    const bool blank = kSpaces.find(c) != kNowhere;
    if (blank && !result.empty() && result.back() == ' ') continue;
    if (c == ',' && !result.empty() && result.back() == ' ') result.pop_back();
    result += blank ? ' ' : c;
  }
  while (!result.empty() && (result.back() == ',' || result.back() == ' ')) result.pop_back();
  return result;
}

bool is_figure(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter_of_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

bool begins_with(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(),
                                                  [](char a, char b) { return a == lower(b); });
}

// How much of `text` is a number such as -0.5 or +2; 0 where it begins with none.
std::size_t length_of_number(std::string_view text) {
  std::size_t i = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  bool digits = false;
  bool point = false;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !point) {
      point = true;
    } else if (is_figure(text[i])) {
      digits = true;
    } else {
      break;
    }
  }
  return digits ? i : 0;
}

std::optional<double> number_of(std::string_view text) {
  if (text.empty() || length_of_number(text) != text.size()) return std::nullopt;
  if (text.front() == '+') text.remove_prefix(1);
  double number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = result.ec == std::errc() && result.ptr == text.data() + text.size();
  if (!whole || std::abs(number) > kMostWeight) return std::nullopt;
  return number;
}

// Whether "before:number" is a time, a ratio or a verse: 3:00, 10:30:15, 16:9, John 3:16.
bool is_prose(std::string_view before, std::string_view number) {
  if (number.size() > 1 && number.front() == '0' && is_figure(number[1])) return true;
  const auto blank = before.find_last_of(kSpaces);
  const auto word = blank == kNowhere ? before : before.substr(blank + 1);
  if (word.empty() || std::any_of(word.begin(), word.end(), is_letter_of_word)) return false;
  if (number.front() == '-') return false;
  return number.find('.') == kNowhere || word.size() <= 2;
}

struct Weighted {
  std::string_view text;
  double weight;
};

// What stands where a weight may: behind a blank ("a price tag: 4.99") only if it must be one.
enum class Around { prose, marks };

// "text:weight".
std::optional<Weighted> weighted(std::string_view text, Around around) {
  text = stripped(text);
  const auto colon = text.rfind(':');
  if (colon == kNowhere) return std::nullopt;
  const auto before = text.substr(0, colon);
  auto after = text.substr(colon + 1);
  if (around == Around::marks) after = stripped(after);
  const auto weight = number_of(after);
  if (!weight || stripped(before).empty() || before.back() == ':' || is_prose(before, after)) {
    return std::nullopt;
  }
  return Weighted{stripped(before), *weight};
}

char closing_of(char open) {
  switch (open) {
    case '(':
      return ')';
    case '[':
      return ']';
    case '{':
      return '}';
    case '<':
      return '>';
    default:
      return '\0';
  }
}

// Where the bracket that `text` begins with is closed.
std::size_t end_of_group(std::string_view text) {
  if (text.empty() || closing_of(text.front()) == '\0') return kNowhere;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == text.front()) ++depth;
    if (text[i] == closing_of(text.front()) && --depth == 0) return i;
  }
  return kNowhere;
}

// Whether all of `text` is between one bracket `open` and its end.
bool is_group(std::string_view text, char open) {
  return text.size() > 2 && text.front() == open && end_of_group(text) == text.size() - 1;
}

// "red|blue" and "red:blue:0.5" are one after the other: "red and blue".
std::string all_at_once(std::string_view inner) {
  std::string result;
  for (;;) {
    const auto end = inner.find_first_of("|:");
    const auto part = stripped(inner.substr(0, end));
    if (!part.empty() && !number_of(part)) {
      result += (result.empty() ? "" : " and ") + std::string(part);
    }
    if (end == kNowhere) return result;
    inner.remove_prefix(end + 1);
  }
}

// Settings of other programs, and what they are here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 30> kSettings = {
    {{"ar", "size in [video]"},
     {"aspect", "size in [video]"},
     {"w", "size in [video]"},
     {"width", "size in [video]"},
     {"h", "size in [video]"},
     {"height", "size in [video]"},
     {"seed", "seed in [optimize]"},
     {"steps", "iterations in [optimize]"},
     {"iterations", "iterations in [optimize]"},
     {"q", ""},
     {"quality", ""},
     {"iw", "weight of a prompt's image"},
     {"v", ""},
     {"version", ""},
     {"s", ""},
     {"stylize", ""},
     {"style", ""},
     {"c", ""},
     {"chaos", ""},
     {"niji", ""},
     {"stop", ""},
     {"tile", ""},
     {"hd", ""},
     {"test", ""},
     {"weird", ""},
     {"cfg", ""},
     {"sref", ""},
     {"cref", ""},
     {"video", ""},
     {"r", ""}}};

constexpr std::array kNegativeFlags = {
    "no"sv, "neg"sv, "n"sv, "negative"sv, "not"sv, "negative-prompt"sv, "negative_prompt"sv};

class ForeignReader {
 public:
  std::optional<ForeignPrompts> read(std::string_view text) {
    auto words = without_negative_block(std::string(text));
    words = without_flags(words);
    read_parts(without_groups(words));
    if (!found_) return std::nullopt;
    for (auto* more : {&stressed_, &negative_}) {
      for (auto& prompt : *more) result_.prompts.push_back(std::move(prompt));
    }
    if (result_.prompts.empty()) return std::nullopt;
    return std::move(result_);
  }

 private:
  static void add(std::vector<Prompt>& prompts, std::string_view text, double weight) {
    auto words = tidy(text);
    if (words.empty() || weight == 0) return;
    // Two decimals: 1.1 times 1.1 is meant as 1.21.
    const double rounded = std::round(std::clamp(weight, -kMostWeight, kMostWeight) * 100) / 100;
    prompts.push_back(Prompt{.text = std::move(words), .weight = rounded});
  }

  // What Stable Diffusion's programs write beside a picture: the prompt, "Negative prompt: ..." and
  // "Steps: 20, ..." on lines of their own.
  std::string without_negative_block(std::string text) {
    constexpr std::string_view kHead = "negative prompt:";
    std::size_t at = 0;
    while (at < text.size() && !begins_with(std::string_view(text).substr(at), kHead)) ++at;
    if (at >= text.size()) return text;
    found_ = true;
    const auto rest = std::string_view(text).substr(at + kHead.size());
    add(negative_, rest.substr(0, rest.find("\nSteps:")), kOfNegative);
    return text.substr(0, at);
  }

  // Takes out "--no trees" and "--ar 16:9"; dashes before other words stay.
  std::string without_flags(std::string_view text) {
    std::string words;
    while (!text.empty()) {
      const auto at = next_flag(text);
      words += text.substr(0, at);
      if (at == kNowhere) break;
      text.remove_prefix(at + 2);
      const auto name = text.substr(0, length_of_name(text));
      text.remove_prefix(name.size());
      const auto end = next_flag(text);
      take_flag(name, text.substr(0, end));
      text = end == kNowhere ? std::string_view() : text.substr(end);
    }
    return words;
  }

  static std::size_t length_of_name(std::string_view text) {
    std::size_t length = 0;
    while (length < text.size() &&
           (is_letter_of_word(text[length]) || text[length] == '-' || text[length] == '_')) {
      ++length;
    }
    return length;
  }

  static bool is_negative(std::string_view name) {
    return std::find(kNegativeFlags.begin(), kNegativeFlags.end(), name) != kNegativeFlags.end();
  }

  static auto setting(std::string_view name) {
    return std::find_if(kSettings.begin(), kSettings.end(),
                        [&](const auto& known) { return known.first == name; });
  }

  static std::size_t next_flag(std::string_view text) {
    for (auto at = text.find("--"); at != kNowhere; at = text.find("--", at + 1)) {
      if (at > 0 && kSpaces.find(text[at - 1]) == kNowhere) continue;
      const auto rest = text.substr(at + 2);
      const auto name = rest.substr(0, length_of_name(rest));
      if (is_negative(name) || setting(name) != kSettings.end()) return at;
    }
    return kNowhere;
  }

  void take_flag(std::string_view name, std::string_view value) {
    found_ = true;
    if (!value.empty() && value.front() == '=') value.remove_prefix(1);
    if (is_negative(name)) return add(negative_, value, kOfNegative);
    const auto here = setting(name)->second;
    result_.left_out.push_back(here.empty() ? fmt::format("--{}", name)
                                            : fmt::format("--{} ({})", name, here));
  }

  // The words without brackets that stress or weaken; those of prose stay, as "(in ruins)" does.
  std::string without_groups(std::string_view text) {
    std::string words;
    while (!text.empty()) {
      const auto end = end_of_group(text);
      if (end == kNowhere) {
        words += text.front();
        text.remove_prefix(1);
        continue;
      }
      const bool part = is_list_part(words, text.substr(end + 1));
      words += words_of_group(text.front(), text.substr(1, end - 1), part);
      text.remove_prefix(end + 1);
    }
    return words;
  }

  // Whether what stands between these is all of a list's part, as in "castle, (red), at night". In
  // prose something stands beside a bracket, or nothing stands in front of it.
  static bool is_list_part(std::string_view before, std::string_view after) {
    before = stripped(before);
    after = stripped(after);
    const bool begins = before.empty() || before.back() == ',';
    const bool ends = after.empty() || after.front() == ',';
    return begins && ends && !(before.empty() && after.empty());
  }

  std::string as_written(char open, std::string_view inner) {
    return open + without_groups(inner) + closing_of(open);
  }

  std::string words_of_group(char open, std::string_view inner, bool list_part) {
    if (open == '<') return words_of_angle(inner);
    if (open == '(') {
      if (const auto inside = weighted(inner, Around::marks)) {
        return stressed(inside->text, inside->weight);
      }
      if (!is_group(inner, '(') && !list_part) return as_written(open, inner);
    }
    const bool words = std::any_of(inner.begin(), inner.end(), is_letter_of_word);
    if (!words || inner == "sic") return as_written(open, inner);
    if (open != '(' && inner.find_first_of("|:") != kNowhere) {
      found_ = true;
      return all_at_once(inner);
    }
    const double step = open == '(' ? 1.1 : open == '[' ? 1 / 1.1 : 1.05;
    double factor = step;
    for (; is_group(inner, open); inner = inner.substr(1, inner.size() - 2)) factor *= step;
    return stressed(inner, factor);
  }

  // "<lora:name:0.8>" names a change of another program's network.
  std::string words_of_angle(std::string_view inner) {
    for (const auto kind : {"lora:"sv, "lyco:"sv, "hypernet:"sv}) {
      if (!begins_with(inner, kind)) continue;
      found_ = true;
      result_.left_out.push_back(fmt::format("<{}>", inner));
      return {};
    }
    return as_written('<', inner);
  }

  std::string stressed(std::string_view inner, double factor) {
    found_ = true;
    auto words = without_groups(inner);
    // Words that push away cannot stay in a text that attracts.
    add(stressed_, words, factor > 0 ? factor - 1 : factor);
    return factor > 0 ? words : std::string();
  }

  void read_parts(std::string_view text) {
    if (read_double_colons(text)) return;
    std::vector<std::string_view> parts;
    for (;;) {
      const auto bar = text.find('|');
      const auto part = stripped(text.substr(0, bar));
      if (!part.empty()) parts.push_back(part);
      if (bar == kNowhere) break;
      text.remove_prefix(bar + 1);
    }
    const auto around = parts.size() > 1 ? Around::marks : Around::prose;
    if (parts.size() > 1) found_ = true;
    for (const auto part : parts) read_part(part, around);
  }

  // "text", "text:weight" or "text:weight:stop".
  void read_part(std::string_view part, Around around) {
    const auto outer = weighted(part, around);
    if (!outer) return add(result_.prompts, part, 1);
    found_ = true;
    const auto inner = weighted(outer->text, around);
    if (!inner) return add(result_.prompts, outer->text, outer->weight);
    const auto before = result_.prompts.size();
    add(result_.prompts, inner->text, inner->weight);
    if (result_.prompts.size() > before) result_.prompts.back().stop = outer->weight;
  }

  // "a castle::2 trees::-0.5"; false where there is no such mark.
  bool read_double_colons(std::string_view text) {
    bool any = false;
    std::size_t from = 0;
    while (true) {
      const auto at = text.find("::", from);
      if (at == kNowhere) break;
      const auto after = text.substr(at + 2);
      const auto length = length_of_number(after);
      const bool mark = length > 0 || after.empty() || kSpaces.find(after.front()) != kNowhere;
      from = at + 2;
      if (!mark) continue;  // std::vector
      any = true;
      const auto weight = length == 0 ? 1 : number_of(after.substr(0, length)).value_or(1);
      add(result_.prompts, text.substr(0, at), weight);
      text.remove_prefix(at + 2 + length);
      from = 0;
    }
    if (!any) return false;
    found_ = true;
    add(result_.prompts, text, 1);
    return true;
  }

  bool found_ = false;
  ForeignPrompts result_;
  std::vector<Prompt> stressed_;
  std::vector<Prompt> negative_;
};

}  // namespace

std::optional<ForeignPrompts> read_foreign(std::string_view text) {
  return ForeignReader().read(text);
}

}  // namespace latentreel::scenes
