#pragma once

#include <string>
#include <string_view>

// What pages are put together of. Every `text` is escaped here.

namespace latentreel::report {

// <tag class="classes">text</tag>
std::string element(std::string_view tag, std::string_view text, std::string_view classes = {});

// A figure with what it counts, in a row of such: <div class="tiles">.
std::string tile(std::string_view value, std::string_view what);

// A short line of that colour, for a legend.
std::string swatch(int color);

// A chart under its caption; caption and legend are HTML.
std::string figure(const std::string& chart, const std::string& caption,
                   const std::string& legend = {});

// A whole page: `body` is HTML, in the pages' style. No script, no address outside itself, and a
// browser is told to hold the page to that.
std::string document(std::string_view title, std::string_view body);

}  // namespace latentreel::report
