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

std::string film_section(const PageContent& content);
// How a few frames of chains came to be; empty where there are none.
std::string chains_section(const PageContent& content);
// A picture of the page, with what it is for those who cannot see it.
std::string image(const SmallPicture& picture, std::string_view what);
std::string keyframe_section(const PageContent& content, std::size_t index);

}  // namespace latentreel::report
