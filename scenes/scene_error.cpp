#include "scenes/scene_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "scenes/utf8.h"

namespace latentreel::scenes {
namespace {

constexpr int kWidth = 100;  // code points of a source line that are shown at most

// C0, DEL and C1.
bool is_control(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

// A byte that is not UTF-8 stands alone.
std::vector<std::string_view> code_points(std::string_view text) {
  std::vector<std::string_view> points;
  while (!text.empty()) {
    const auto first = first_code_point(text);
    points.push_back(text.substr(0, first ? first->length : 1));
    text.remove_prefix(points.back().size());
  }
  return points;
}

std::string shown(std::string_view point) {
  const auto whole = first_code_point(point);
  if (!whole) return fmt::format("\\x{:02X}", static_cast<unsigned char>(point[0]));
  if (!is_control(whole->value)) return std::string(point);
  if (point == "\n") return "\\n";
  if (point == "\r") return "\\r";
  if (point == "\t") return "\\t";
  return fmt::format("\\u{:04X}", whole->value);
}

// The source line and under it the caret, at most kWidth code points around it. Tabs become single
// blanks, so that the caret stands right everywhere.
std::string picture_of(std::string_view line, int column, std::string_view hint) {
  const auto points = code_points(line);
  const auto size = static_cast<int>(points.size());
  const int target = std::clamp(column - 1, 0, size);
  const int begin = size <= kWidth ? 0 : std::clamp(target - kWidth / 2, 0, size - kWidth);
  const int end = std::min(size, begin + kWidth);
  std::string text = begin > 0 ? "  ..." : "  ";
  int caret = begin > 0 ? 5 : 2;
  for (int i = begin; i < end; ++i) {
    const std::string piece = points[i] == "\t" ? " " : shown(points[i]);
    text += piece;
    if (i < target)
      caret += piece.size() > 4 ? static_cast<int>(piece.size())
                                : static_cast<int>(code_points(piece).size());
  }
  if (end < size) text += "...";
  while (!text.empty() && text.back() == ' ') text.pop_back();
  text += '\n';
  text.append(static_cast<std::size_t>(caret), ' ');
  text += '^';
  if (!hint.empty()) text += fmt::format(" {}", hint);
  return text;
}

std::string all_texts(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) text += '\n';
    text += diagnostic.text();
  }
  return text;
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  std::string result;
  std::size_t count = 0;
  for (const std::string_view point : code_points(text)) {
    if (count++ == limit) return result + "...";
    result += shown(point);
  }
  return result;
}

std::string Diagnostic::text() const {
  const std::string said = printable(message, 2000);
  const std::string tip = printable(hint, 2000);
  if (!override_text.empty()) {
    return fmt::format("{}: {}{}{}", printable(override_text), said, tip.empty() ? "" : ", ", tip);
  }
  std::string text;
  if (!file.empty()) {
    text = printable(file, 4096);
    if (line > 0) text += fmt::format(":{}", line);
    if (line > 0 && column > 0) text += fmt::format(":{}", column);
    text += ": ";
  }
  text += said;
  if (line > 0 && column > 0) {
    text += '\n' + picture_of(source_line, column, tip);
  } else if (!tip.empty()) {
    text += ", " + tip;
  }
  return text;
}

SceneError::SceneError(Kind kind, std::vector<Diagnostic> diagnostics)
    : std::runtime_error(all_texts(diagnostics)),
      kind_(kind),
      diagnostics_(std::move(diagnostics)) {}

SceneError::SceneError(std::string message, std::string hint)
    : SceneError(Kind::invalid,
                 {Diagnostic{.message = std::move(message), .hint = std::move(hint)}}) {}

}  // namespace latentreel::scenes
