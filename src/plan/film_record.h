#pragma once

#include <optional>
#include <string>

#include "ffmpeg/muxer.h"

namespace latentreel::render {

// What the store keeps of a film that was finished: by its bytes a later run knows that the file of
// that name is the very film, and what there is to say of it.
struct FilmRecord {
  ffmpeg::FilmSummary summary;
  std::string sha256;  // of the file
};

// JSON, and the reverse: nothing for a text that says too little.
std::string film_record_text(const FilmRecord& record);
std::optional<FilmRecord> parse_film_record(const std::string& text);

}  // namespace latentreel::render
