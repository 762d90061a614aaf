#include "scenes/label_file.h"
#include "tests/fuzz/expect_song.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {

void fuzz_labels(FuzzBytes bytes) {
  may_refuse_song("song",
                  [&] { expect_good(scenes::parse_labels(text_of_bytes(bytes), "song", 4)); });
}

}  // namespace latentreel::models
