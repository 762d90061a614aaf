// What the tests of this room share: a folder that vanishes, frames to write, songs to write them
// to, and the ffmpeg program as a second opinion.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ffmpeg/error.h"
#include "ffmpeg/image.h"
#include "tests/ffmpeg/video_writer.h"
#include "tests/temporary_folder.h"

namespace latentreel::ffmpeg {

// Runs ffmpeg with these arguments in the folder; its output. A failure of it fails the test.
std::string ffmpeg_tool(const TemporaryFolder& folder, const std::string& arguments);
std::string ffprobe_tool(const TemporaryFolder& folder, const std::string& arguments);

std::string read_text(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, const std::string& text);

template <class AnyImage>
void write_png(const std::filesystem::path& file, const AnyImage& image) {
  const auto bytes = encode_png(image);
  write_text(file, {bytes.begin(), bytes.end()});
}

// A picture that differs from frame to frame and has soft and hard edges.
std::vector<std::uint8_t> moving_picture(int width, int height, int frame);

// The same values as 16 bits: v * 257.
std::vector<std::uint16_t> widen(const std::vector<std::uint8_t>& rgb);

// Hands over one 8-bit frame in whichever depth the codec takes.
void write_frame(VideoWriter& writer, VideoCodec codec, const std::vector<std::uint8_t>& rgb);

// A film of `frames` moving pictures.
FilmSummary make_film(const std::filesystem::path& file, const VideoSettings& settings, int frames);

// A stereo 16-bit WAV: a quiet hum, and a click of 5 ms at every whole second.
void write_click_song(const std::filesystem::path& file, double seconds, int rate = 44100);

// Where clicks begin, in samples.
std::vector<std::int64_t> find_clicks(const std::vector<float>& samples, int rate);

// Of the same size, and no value off by more than `tolerance`.
void expect_near(const Image& a, const Image& b, int tolerance);

// The kind of the MediaError that `call` throws; fails where it throws none.
template <class Call>
MediaError::Kind kind_thrown(Call call) {
  try {
    call();
  } catch (const MediaError& error) {
    EXPECT_FALSE(std::string(error.what()).empty());
    return error.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return MediaError::Kind::internal;
}

// The message of the MediaError that `call` throws.
template <class Call>
std::string message_thrown(Call call) {
  try {
    call();
  } catch (const MediaError& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace latentreel::ffmpeg
