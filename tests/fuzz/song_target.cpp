#include <array>
#include <cmath>
#include <cstdint>

#include "ffmpeg/song.h"
#include "ffmpeg/song_reader.h"
#include "tests/fuzz/file_of_bytes.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {

void fuzz_song(FuzzBytes bytes) {
  const auto file = file_of_bytes(bytes);
  may_refuse_media(file, [&] {
    const auto song = ffmpeg::probe_song(file);
    expect(song.sample_rate > 0 && song.channels > 0 && song.samples > 0, "a song has sound");
    ffmpeg::SongReader reader(file);
    std::array<float, 4096> block{};
    std::int64_t heard = 0;
    while (const auto count = reader.read(block)) {
      for (std::size_t i = 0; i < count; ++i) expect(std::isfinite(block[i]), "sound is finite");
      heard += static_cast<std::int64_t>(count);
    }
    expect(heard == song.samples, "a song is as long as it is said to be");
    expect(reader.sample_rate() == song.sample_rate, "a song keeps its rate");
  });
}

}  // namespace latentreel::models
