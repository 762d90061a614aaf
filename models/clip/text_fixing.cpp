#include "models/clip/text_fixing.h"

#include <utf8proc.h>

#include "models/clip/character_references.h"

namespace latentreel::models {
namespace {

// Latin ligatures and digraphs of one code point, spelt out.
View ligature(char32_t c) {
  switch (c) {
    case 0x0132:
      return U"IJ";
    case 0x0133:
      return U"ij";
    case 0x0149:
      return U"\u02BCn";
    case 0x01F1:
      return U"DZ";
    case 0x01F2:
      return U"Dz";
    case 0x01F3:
      return U"dz";
    case 0x01C4:
      return U"D\u017D";
    case 0x01C5:
      return U"D\u017E";
    case 0x01C6:
      return U"d\u017E";
    case 0x01C7:
      return U"LJ";
    case 0x01C8:
      return U"Lj";
    case 0x01C9:
      return U"lj";
    case 0x01CA:
      return U"NJ";
    case 0x01CB:
      return U"Nj";
    case 0x01CC:
      return U"nj";
    case 0xFB00:
      return U"ff";
    case 0xFB01:
      return U"fi";
    case 0xFB02:
      return U"fl";
    case 0xFB03:
      return U"ffi";
    case 0xFB04:
      return U"ffl";
    case 0xFB05:
      return U"\u017Ft";
    case 0xFB06:
      return U"st";
    default:
      return {};
  }
}

bool is_removed(char32_t c) {
  return c <= 0x08 || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
         (c >= 0x206A && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFC);
}

// One character in the form that ftfy gives it, before terminal escapes are looked for.
void append_plain(Text& result, char32_t c) {
  if (c >= 0x80 && c <= 0x9F) c = windows_1252(c);
  if (const auto letters = ligature(c); !letters.empty()) {
    for (const auto letter : letters) result += letter == 0x02BC ? U'\'' : letter;
    return;
  }
  if (c == 0x3000) {
    result += U' ';
  } else if (c >= 0xFF01 && c <= 0xFFEF) {
    result += normalized(View(&c, 1), UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE);
  } else if (c >= 0x201C && c <= 0x201F) {
    result += U'"';
  } else if (c == 0x02BC || (c >= 0x2018 && c <= 0x201B)) {
    result += U'\'';
  } else if (c == '\r' || c == 0x2028 || c == 0x2029) {
    result += U'\n';
  } else {
    result += c;
  }
}

// ESC [ digits and semicolons, a letter: how long it is at the start of `text`, or 0.
std::size_t terminal_escape(View text) {
  if (!text.starts_with(U"\x1b[")) return 0;
  std::size_t i = 2;
  while (i < text.size() && (text[i] == ';' || utf8proc_category(static_cast<utf8proc_int32_t>(
                                                   text[i])) == UTF8PROC_CATEGORY_ND)) {
    ++i;
  }
  return i < text.size() && is_letter(text[i]) ? i + 1 : 0;
}

Text without_controls(View text) {
  Text result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (const auto length = terminal_escape(text.substr(i))) {
      i += length;
      continue;
    }
    if (!is_removed(text[i])) result += text[i];
    ++i;
  }
  return result;
}

enum class Html { keep, decode };

// One line. Repeated until nothing changes, as one step may make work for another; each pass can
// undo a level of "&amp;amp;…", and no honest text has many of them.
Text fix_line(Text line, Html html) {
  constexpr int kPasses = 32;
  for (int pass = 0; pass < kPasses; ++pass) {
    const Text before = line;
    if (html == Html::decode) line = ftfy_unescaped(line);
    Text plain;
    plain.reserve(line.size());
    for (const auto c : line) append_plain(plain, c);
    line = nfc(without_controls(plain));
    if (line == before) break;
  }
  return line;
}

}  // namespace

Text fix_text(View text) {
  Text result;
  auto html = Html::decode;
  while (!text.empty()) {
    const auto end = text.find(U'\n');
    const auto line = text.substr(0, end == View::npos ? text.size() : end + 1);
    if (line.find(U'<') != View::npos) html = Html::keep;
    result += fix_line(Text(line), html);
    text.remove_prefix(line.size());
  }
  return result;
}

}  // namespace latentreel::models
