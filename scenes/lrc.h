#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "scenes/song_map.h"

// Timed lyrics in LRC files and in enhanced ones, which time words:
//
//   [ti:Night drive]                  tags: a word of letters and anything; ti, ar and la are the
//   [ar:The Tiny Band]                title, the artist and the language, others are skipped
//   [offset:+500]                     milliseconds by which all lines come EARLIER
//   [00:12.34]a line                  minutes, seconds, and hundredths or thousandths
//   [00:20.00][01:20.00]again         a line that is sung twice
//   [00:24.5]                         nothing is sung any more
//   [00:30.00]<00:30.00>each <00:30.40>word<00:31.00>
//
// UTF-8, with or without byte order mark; lines end in LF or CRLF and come in any order. A line
// lasts until the next one begins, or until the stamp behind its last word. Lyrics that the offset
// moves before the song begin with it. Internal to the room.

namespace latentreel::scenes {

inline constexpr std::size_t kMaxLyricLines = 10'000;
inline constexpr std::size_t kMaxLyricBytes = 1000;  // of a line's text

// `file` is for messages. At least one line, in order of their starts; `tags`, where it is given,
// gets [ti:], [ar:] and [la:]. Throws SceneError.
std::vector<LyricLine> parse_lrc(std::string_view text, const std::filesystem::path& file,
                                 SongTags* tags = nullptr);

}  // namespace latentreel::scenes
