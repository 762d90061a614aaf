// Pictures as plain values, from files and to files. Nothing here knows a film or a tensor.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace latentreel::ffmpeg {

// An 8-bit picture: rows from the top, pixels from the left, red, green, blue interleaved, no
// padding.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;  // width * height * 3 values

  bool operator==(const Image&) const = default;
};

// The same with 16 bits a value, in the machine's byte order.
struct Image16 {
  int width = 0;
  int height = 0;
  std::vector<std::uint16_t> rgb;  // width * height * 3 values

  bool operator==(const Image16&) const = default;
};

inline constexpr int kMaxPictureSide = 16384;

// Reads a PNG, JPEG, WebP, BMP, TIFF or PPM/PGM picture as 8-bit RGB. The format is recognised by
// the file's first bytes, never by its name, and only a regular file is opened. Transparent parts
// show white, as paper would; a camera's orientation is applied; colour profiles are ignored (sRGB
// is assumed). What a phone appends to a JPEG is passed over, and damage in a PNG's comments.
// Throws MediaError: missing, or invalid for anything damaged, unknown, animated (WebP), wider than
// kMaxPictureSide, or stored in a way that libav would show in wrong colours.
Image read_picture(const std::filesystem::path& file);

// A picture as the bytes of a PNG file, 8 or 16 bits a value, that reads back bit for bit. Throws
// MediaError (internal).
std::vector<std::uint8_t> encode_png(const Image& image);
std::vector<std::uint8_t> encode_png(const Image16& image);

// A picture as the bytes of a JPEG file, for viewing: full chroma, values off by a few where the
// picture is smooth. The same picture gives the same bytes. Throws MediaError (internal).
std::vector<std::uint8_t> encode_jpeg(const Image& image);

// Scales with an antialiased Lanczos-3 window in integer arithmetic, horizontally first: for 8 bits
// the very values that Pillow's LANCZOS gives. Values are scaled as they are stored
// (gamma-encoded).
Image resize(const Image& image, int width, int height);
Image16 resize(const Image16& image, int width, int height);

}  // namespace latentreel::ffmpeg
