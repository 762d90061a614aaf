#include "src/pages/elements.h"

#include <fmt/format.h>

#include "src/pages/markup.h"
#include "src/pages/style.h"

namespace latentreel::report {

std::string element(std::string_view tag, std::string_view text, std::string_view classes) {
  if (classes.empty()) return fmt::format("<{0}>{1}</{0}>", tag, escape(text));
  return fmt::format("<{0} class=\"{2}\">{1}</{0}>", tag, escape(text), classes);
}

std::string tile(std::string_view value, std::string_view what) {
  return fmt::format("<div class=\"tile\"><b>{}</b><span>{}</span></div>\n", escape(value),
                     escape(what));
}

std::string swatch(int color) {
  return fmt::format(
      "<svg class=\"swatch\" viewBox=\"0 0 28 10\" aria-hidden=\"true\"><path class=\"line s{} "
      "strong\" d=\"M1 5h26\"/></svg>",
      color);
}

std::string figure(const std::string& chart, const std::string& caption,
                   const std::string& legend) {
  return fmt::format("<figure class=\"chart\"><figcaption>{}</figcaption>\n{}{}</figure>\n",
                     caption, chart, legend);
}

std::string document(std::string_view title, std::string_view body) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      // Nothing is fetched and nothing runs, whatever the page's texts hold.
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n";
  out += element("title", title) + "\n<style>\n";
  out += kPageStyle;
  out += "</style>\n</head>\n<body>\n<main>\n";
  out += body;
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace latentreel::report
