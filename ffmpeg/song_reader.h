// A song as one channel, block by block, for analysis: whatever its length, a block is all that is
// in memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace latentreel::ffmpeg {

class SongReader {
 public:
  // Opens the song. Its samples come at `rate` a second, at its own rate where that is 0. Throws
  // MediaError: missing or invalid, as probe_song does.
  explicit SongReader(const std::filesystem::path& file, int rate = 0);
  ~SongReader();
  SongReader(SongReader&&) noexcept;
  SongReader& operator=(SongReader&&) noexcept;

  // Fills `samples` with the next ones, from the first that is heard; fewer than asked for only at
  // the song's end, and none after it. They are in [-1, 1] unless the song itself goes beyond; what
  // is no finite number is 0. Throws MediaError (invalid) as probe_song does.
  std::size_t read(std::span<float> samples);

  // Samples a second; 0 before the first read() of a song at its own rate.
  int sample_rate() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latentreel::ffmpeg
