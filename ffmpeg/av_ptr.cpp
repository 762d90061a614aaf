#include "ffmpeg/av_ptr.h"

#include <cstdlib>
#include <cstring>
#include <mutex>

namespace latentreel::ffmpeg {

void Options::set(const char* key, const std::string& value) {
  check(av_dict_set(&dictionary_, key, value.c_str(), 0), MediaError::Kind::internal,
        std::string("setting option ") + key);
}

void Options::set(const char* key, std::int64_t value) {
  set(key, std::to_string(value));
}

void Options::require_used(const std::string& doing) const {
  std::string unused;
  const AVDictionaryEntry* entry = nullptr;
  while ((entry = av_dict_get(dictionary_, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    unused += std::string(unused.empty() ? "" : ", ") + entry->key;
  }
  if (unused.empty()) return;
  throw MediaError(MediaError::Kind::internal,
                   doing + ": libav does not know the option " + unused +
                       "; latentreel needs the FFmpeg libraries of version 5.1 or later");
}

std::string av_text(int code) {
  if (const int error = system_error_of(code)) return std::strerror(error);
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof text);
  return text;
}

int system_error_of(int code) {
  // Negated errno values are small; libav's own codes are four letters, hence far from zero.
  return code < 0 && code > -4096 ? AVUNERROR(code) : 0;
}

int check(int code, MediaError::Kind kind, const std::string& doing) {
  if (code < 0) throw MediaError(kind, doing + ": " + av_text(code), system_error_of(code));
  return code;
}

IoPtr make_io(int buffer_size, void* opaque, const IoCalls& calls) {
  auto* buffer =
      static_cast<unsigned char*>(check_alloc(av_malloc(static_cast<std::size_t>(buffer_size))));
  AVIOContext* io = avio_alloc_context(buffer, buffer_size, calls.write != nullptr ? 1 : 0, opaque,
                                       calls.read, calls.write, calls.seek);
  if (io == nullptr) av_free(buffer);
  return IoPtr(check_alloc(io));
}

void silence_libav() {
  static std::once_flag once;
  std::call_once(once, [] {
    av_log_set_level(AV_LOG_QUIET);
    // SVT-AV1 has its own log, which it asks for by this variable only. Someone who set it wants
    // it.
    setenv("SVT_LOG", "-1", 0);
  });
}

}  // namespace latentreel::ffmpeg
