#pragma once

#include <optional>
#include <string>

#include "ffmpeg/muxer.h"

namespace latentreel::render {

// What the store keeps about a finished film: the digest, by which a later run recognizes the file
// as this very film, and the summary, which it then reports.
struct FilmRecord {
  ffmpeg::FilmSummary summary;
  std::string sha256;  // of the file
};

// The record as JSON, and the reverse: nothing for an incomplete text.
std::string film_record_text(const FilmRecord& record);
std::optional<FilmRecord> parse_film_record(const std::string& text);

}  // namespace latentreel::render
