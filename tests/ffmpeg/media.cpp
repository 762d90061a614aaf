#include "tests/ffmpeg/media.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <numbers>
#include <sstream>

#ifdef __SANITIZE_ADDRESS__
// x265 3.5 keeps about a kilobyte of each encoder.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libx265";
}
#endif

namespace fs = std::filesystem;

namespace latentreel::ffmpeg {
namespace {

std::string run(const TemporaryFolder& folder, const std::string& command) {
  const std::string line =
      fmt::format("cd '{}' && {} 2> tool.err </dev/null", folder.path().string(), command);
  FILE* pipe = ::popen(line.c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  std::string output;
  char buffer[4096];
  std::size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0) output.append(buffer, got);
  EXPECT_EQ(::pclose(pipe), 0) << command << "\n" << read_text(folder / "tool.err");
  fs::remove(folder / "tool.err");
  return output;
}

void put(std::string& bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
}

}  // namespace

std::string ffmpeg_tool(const TemporaryFolder& folder, const std::string& arguments) {
  return run(folder, "ffmpeg -v error -y " + arguments);
}

std::string ffprobe_tool(const TemporaryFolder& folder, const std::string& arguments) {
  return run(folder, "ffprobe -v error " + arguments);
}

std::string read_text(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void write_text(const fs::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
}

std::vector<std::uint8_t> moving_picture(int width, int height, int frame) {
  std::vector<std::uint8_t> rgb;
  rgb.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool bar = (x + 2 * frame) / 8 % 4 == 0;
      rgb.push_back(static_cast<std::uint8_t>(x * 255 / width));
      rgb.push_back(static_cast<std::uint8_t>(bar ? 220 : y * 200 / height));
      rgb.push_back(static_cast<std::uint8_t>((40 + 3 * frame) % 256));
    }
  }
  return rgb;
}

std::vector<std::uint16_t> widen(const std::vector<std::uint8_t>& rgb) {
  std::vector<std::uint16_t> wide(rgb.size());
  std::transform(rgb.begin(), rgb.end(), wide.begin(),
                 [](std::uint8_t v) { return static_cast<std::uint16_t>(v * 257); });
  return wide;
}

void write_frame(VideoWriter& writer, VideoCodec codec, const std::vector<std::uint8_t>& rgb) {
  if (bit_depth(codec) == 8) {
    writer.write(rgb);
  } else {
    writer.write(widen(rgb));
  }
}

FilmSummary make_film(const fs::path& file, const VideoSettings& settings, int frames) {
  VideoWriter writer = VideoWriter::open(file, settings);
  for (int i = 0; i < frames; ++i) {
    write_frame(writer, settings.codec, moving_picture(settings.width, settings.height, i));
  }
  return writer.finish();
}

void write_click_song(const fs::path& file, double seconds, int rate) {
  const auto samples = static_cast<std::uint32_t>(std::lround(seconds * rate));
  std::string wav = "RIFF";
  put(wav, 36 + samples * 4, 4);
  wav += "WAVEfmt ";
  put(wav, 16, 4);
  put(wav, 1, 2);
  put(wav, 2, 2);
  put(wav, static_cast<std::uint32_t>(rate), 4);
  put(wav, static_cast<std::uint32_t>(rate) * 4, 4);
  put(wav, 4, 2);
  put(wav, 16, 2);
  wav += "data";
  put(wav, samples * 4, 4);
  for (std::uint32_t i = 0; i < samples; ++i) {
    const double in_second = static_cast<double>(i % static_cast<std::uint32_t>(rate)) / rate;
    const double turn = 2 * std::numbers::pi;
    const double value = in_second < 0.005 ? 0.9 * std::sin(turn * 2000 * in_second + 0.8)
                                           : 0.01 * std::sin(turn * 440 * i / rate);
    const auto sample = static_cast<std::int16_t>(std::lround(value * 32767));
    put(wav, static_cast<std::uint16_t>(sample), 2);
    put(wav, static_cast<std::uint16_t>(sample), 2);
  }
  write_text(file, wav);
}

std::vector<std::int64_t> find_clicks(const std::vector<float>& samples, int rate) {
  std::vector<std::int64_t> clicks;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (std::abs(samples[i]) < 0.25f) continue;
    clicks.push_back(static_cast<std::int64_t>(i));
    i += static_cast<std::size_t>(rate) / 5;
  }
  return clicks;
}

void expect_near(const Image& a, const Image& b, int tolerance) {
  ASSERT_EQ(a.width, b.width);
  ASSERT_EQ(a.height, b.height);
  for (std::size_t i = 0; i < a.rgb.size(); ++i) ASSERT_NEAR(a.rgb[i], b.rgb[i], tolerance) << i;
}

}  // namespace latentreel::ffmpeg
