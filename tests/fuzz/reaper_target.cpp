#include "scenes/reaper_project.h"
#include "tests/fuzz/expect_song.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {

void fuzz_reaper(FuzzBytes bytes) {
  may_refuse_song("song",
                  [&] { expect_good(scenes::parse_reaper_project(text_of_bytes(bytes), "song")); });
}

}  // namespace latentreel::models
