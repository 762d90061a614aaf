#include "ffmpeg/subtitles.h"

#include "tests/fuzz/file_of_bytes.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {

void fuzz_subtitles(FuzzBytes bytes) {
  const auto file = file_of_bytes(bytes);
  may_refuse_media(file, [&] {
    const auto lines = ffmpeg::read_subtitles(file);
    expect(lines.size() <= ffmpeg::kMaxSubtitles, "lines are bounded");
    for (std::size_t i = 0; i < lines.size(); ++i) {
      expect(!lines[i].text.empty(), "lines have words");
      expect(lines[i].text.find_first_of("\r\n") == std::string::npos, "a line is one line");
      expect(lines[i].start.den > 0, "a line has a time");
      expect(i == 0 || lines[i - 1].start.value() <= lines[i].start.value(), "lines are in order");
    }
  });
}

}  // namespace latentreel::models
