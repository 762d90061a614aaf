#include <cstring>

#include "ffmpeg/image.h"
#include "ffmpeg/picture_headers.h"
#include "tests/fuzz/file_of_bytes.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {
namespace {

constexpr std::int64_t kMostPixels = 1 << 16;  // more take long and tell nothing new

// What the headers say, which is all that is read of most inputs.
ffmpeg::PictureHeaders headers_of(FuzzBytes bytes) {
  const auto packet = ffmpeg::make_packet();
  expect(av_new_packet(packet.get(), static_cast<int>(bytes.size())) == 0, "there is memory");
  if (!bytes.empty()) std::memcpy(packet->data, bytes.data(), bytes.size());
  const auto headers = ffmpeg::prepare_picture(*packet, "input");
  expect(static_cast<std::size_t>(packet->size) <= bytes.size(), "nothing is added to a file");
  expect(headers.orientation >= 1 && headers.orientation <= 8, "pictures stand in eight ways");
  expect(headers.width >= 0 && headers.height >= 0, "no side is negative");
  return headers;
}

}  // namespace

void fuzz_picture(FuzzBytes bytes) {
  may_refuse_media("input", [bytes] {
    const auto headers = headers_of(bytes);
    if (headers.width > kMostPixels || headers.height > kMostPixels ||
        headers.width * headers.height > kMostPixels) {
      return;
    }
    const auto file = file_of_bytes(bytes);
    may_refuse_media(file, [&] {
      const auto image = ffmpeg::read_picture(file);
      expect(image.width >= 1 && image.width <= ffmpeg::kMaxPictureSide && image.height >= 1 &&
                 image.height <= ffmpeg::kMaxPictureSide,
             "sides are bounded");
      expect(image.rgb.size() == std::size_t{3} * static_cast<std::size_t>(image.width) *
                                     static_cast<std::size_t>(image.height),
             "every pixel has its colours");
    });
  });
}

}  // namespace latentreel::models
