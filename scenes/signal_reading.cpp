#include "scenes/signal_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "scenes/curve_names.h"
#include "scenes/expression_scan.h"
#include "scenes/section_rows.h"

namespace latentreel::scenes {
namespace {

constexpr std::size_t kLongestSignalName = 40;

bool is_letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

bool is_signal_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestSignalName && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter(c) || c == '_' || (c >= '0' && c <= '9'); });
}

void check_signal_name(const Entry& entry, Mistakes& mistakes) {
  if (!is_signal_name(entry.key)) {
    mistakes.add(entry.position,
                 fmt::format("\"{}\" cannot be the name of a signal", printable(entry.key, 40)),
                 fmt::format("a letter, then letters, digits and underscores: at most {}",
                             kLongestSignalName));
  } else if (is_function_name(entry.key) || frame_quantity(entry.key)) {
    mistakes.add(entry.position,
                 fmt::format("\"{}\" means something else in expressions", entry.key),
                 "choose another name for the signal");
  }
}

void check_band(const Value& table, const SignalOptions& signal, Mistakes& mistakes) {
  const Entry* band = table.find("band");
  const bool of_band = signal.source == SignalSource::band;
  if (of_band && band == nullptr) {
    mistakes.add(table.position, fmt::format("{}: source = \"band\" needs a band", signal.name),
                 "write band = [40, 120]");
  } else if (!of_band && band != nullptr) {
    mistakes.add(band->position, "band: only source = \"band\" has one",
                 "leave it out, or set source to \"band\"");
  }
}

SignalOptions read_signal(const Entry& entry, NamedFiles& files, Mistakes& mistakes) {
  SignalOptions signal{.name = entry.key};
  if (!entry.value.is_table()) {
    add_wrong_type(entry.value,
                   {.key = entry.key, .example = "{ source = \"band\", band = [40, 120] }"},
                   "a table", mistakes);
    return signal;
  }
  check_keys(entry.value, fmt::format("the signal \"{}\"", printable(entry.key, 40)), signal_keys(),
             mistakes);
  const auto wrong = read_rows(signal_rows(), entry.value, signal, files, mistakes);
  if (std::find(wrong.begin(), wrong.end(), "source") == wrong.end()) {
    check_band(entry.value, signal, mistakes);
  }
  return signal;
}

}  // namespace

std::vector<SignalOptions> read_signals(const Value* table, NamedFiles& files, Mistakes& mistakes) {
  std::vector<SignalOptions> signals;
  if (table == nullptr) return signals;
  if (table->entries.size() > kMaxSignals) {
    mistakes.add(table->position, fmt::format("more than {} signals", kMaxSignals));
    return signals;
  }
  for (const Entry& entry : table->entries) {
    check_signal_name(entry, mistakes);
    signals.push_back(read_signal(entry, files, mistakes));
  }
  return signals;
}

std::string signal_text(const SignalOptions& signal) {
  const SignalOptions defaults;
  std::string text;
  for (const auto& row : signal_rows()) {
    const std::string value = text_of(row, signal);
    const bool needed =
        row.key == "source" ||
        (row.key == "band" ? signal.source == SignalSource::band : value != text_of(row, defaults));
    if (needed) text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", row.key, value);
  }
  return fmt::format("{{ {} }}", text);
}

}  // namespace latentreel::scenes
