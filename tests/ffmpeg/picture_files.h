// Picture files of kinds that no encoder at hand writes, put together byte by byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace latentreel::ffmpeg {

// A number of that many bytes, the lowest or the highest first.
std::string little_endian(std::uint32_t value, int count);
std::string big_endian(std::uint32_t value, int count);

// A baseline JPEG of 8x8 pixels, each of its components of one value.
struct TestJpeg {
  std::vector<int> values;
  std::optional<int> adobe = {};  // the transform of Adobe's marker
  std::string ids = "\1\2\3\4";   // the components' names
  bool scan_each = false;         // a scan for each component
  int frame = 0xc0;               // the marker of its frame's header
  int bits = 8;                   // as that header says
  int side = 8;                   // as that header says

  std::string bytes() const;
};

// A segment of a JPEG, to be put behind the two bytes of its start.
std::string jpeg_segment(int marker, const std::string& payload);

// EXIF data that says nothing but an orientation, in one byte order or the other.
std::string exif(int orientation, bool little = true);

// A TIFF of one strip a plane, of which `pixels` holds all planes one after the other.
struct TestTiff {
  int width = 4, height = 4;
  std::vector<int> bits;
  int colours = 2;
  std::string pixels;
  int compression = 1;
  int planar = 1;
  bool little = true;
  // Further tags of 16-bit values.
  std::vector<std::pair<int, std::vector<int>>> more = {};

  std::string bytes() const;
};

// The same bytes as often as there are pixels in a 4x4 picture.
std::string sixteen_times(const std::string& pixel);

std::string png_chunk(const std::string& name, const std::string& data);

// The place of the first chunk of that name (of its length) in a PNG.
std::size_t find_chunk(const std::string& png, const std::string& name);

std::string webp_chunk(const std::string& name, const std::string& data);
std::string webp_file(const std::string& chunks);

}  // namespace latentreel::ffmpeg
