#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "ffmpeg/muxer.h"
#include "ffmpeg/video_encoder.h"
#include "ffmpeg/video_settings.h"
#include "src/files/atomic_file.h"

namespace latentreel::ffmpeg {

// A film made in one go: RGB frames (and a song) in, one finished file out, or none. write() any
// number of times, then exactly one of finish() and abandon(); the destructor abandons. After an
// exception only abandon() and destruction are left.
class VideoWriter {
 public:
  // Checks the settings, opens song and encoder and creates the temporary file beside `file`,
  // before any frame is made. Throws MediaError.
  static VideoWriter open(const std::filesystem::path& file, const VideoSettings& settings);

  // Takes the next frame, [height][width][3] row by row: uint8_t where bit_depth(codec) is 8, else
  // uint16_t. Throws MediaError: write_failed for a full disk.
  void write(std::span<const std::uint8_t> rgb);
  void write(std::span<const std::uint16_t> rgb);

  // Drains the encoder, ends the file, reads it back and puts it in the place of `file`.
  FilmSummary finish();

  // Removes everything that was written; an older film of that name stays.
  void abandon() noexcept;

 private:
  VideoWriter(std::unique_ptr<files::AtomicFile> file, VideoEncoder encoder, Muxer muxer);
  void mux(const std::vector<VideoPacket>& packets);

  std::unique_ptr<files::AtomicFile> file_;
  std::unique_ptr<VideoEncoder> encoder_;  // null once finished or abandoned
  std::unique_ptr<Muxer> muxer_;
};

}  // namespace latentreel::ffmpeg
