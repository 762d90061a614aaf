#include "scenes/lrc.h"

#include "tests/fuzz/expect_song.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {

void fuzz_lrc(FuzzBytes bytes) {
  may_refuse_song("song", [&] {
    const auto lines = scenes::parse_lrc(text_of_bytes(bytes), "song");
    expect(!lines.empty() && lines.size() <= scenes::kMaxLyricLines, "there are some lines");
    for (std::size_t i = 0; i < lines.size(); ++i) {
      expect(i == 0 || lines[i - 1].start <= lines[i].start, "lines are in order");
      expect(!lines[i].text.empty(), "lines have words");
      expect(!(lines[i].start < scenes::RationalTime()), "no line is before the song");
    }
  });
}

}  // namespace latentreel::models
