#include "ffmpeg/error.h"

namespace latentreel::ffmpeg {

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return text + '"';
}

}  // namespace latentreel::ffmpeg
