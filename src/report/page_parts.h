#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "src/report/page.h"

// The page's sections and what they share. Internal to the page's files.

namespace latentreel::report {

// Plot height of simple charts: lower than that of the film.
inline constexpr double kLowPlot = 160;

// When a frame begins, in seconds.
double seconds_of(std::int64_t frame, const scenes::Timeline& timeline);

// <tag class="classes">text</tag>, the text escaped.
std::string element(std::string_view tag, std::string_view text, std::string_view classes = {});

// A short line of that colour, for a legend.
std::string swatch(int color);

// A chart under its caption; caption and legend are HTML.
std::string figure(const std::string& chart, const std::string& caption,
                   const std::string& legend = {});

std::string film_section(const PageContent& content);
std::string keyframe_section(const PageContent& content, std::size_t index);

}  // namespace latentreel::report
