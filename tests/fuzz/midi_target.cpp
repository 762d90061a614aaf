#include "scenes/midi_file.h"
#include "tests/fuzz/expect_song.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {

void fuzz_midi(FuzzBytes bytes) {
  may_refuse_song("song",
                  [&] { expect_good(scenes::parse_midi_file(text_of_bytes(bytes), "song")); });
}

}  // namespace latentreel::models
