// Owning pointers to libav's objects and the one way to check its return values. Internal to this
// room: besides .cpp files only this header and those that include it see libav.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/avstring.h>
#include <libavutil/channel_layout.h>
#include <libavutil/cpu.h>
#include <libavutil/dict.h>
#include <libavutil/dovi_meta.h>
#include <libavutil/frame.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "ffmpeg/error.h"

namespace latentreel::ffmpeg {

// Frees with libav's own function, whether that takes a T* or a T**.
template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* p) const noexcept {
    if constexpr (std::is_invocable_v<decltype(Free), T**>) {
      Free(&p);
    } else {
      Free(p);
    }
  }
};

// An I/O context of ours: libav may have replaced its buffer, so the buffer is freed through it.
inline void free_io(AVIOContext* io) noexcept {
  av_freep(&io->buffer);
  avio_context_free(&io);
}

using FramePtr = std::unique_ptr<AVFrame, Deleter<av_frame_free>>;
using PacketPtr = std::unique_ptr<AVPacket, Deleter<av_packet_free>>;
using CodecPtr = std::unique_ptr<AVCodecContext, Deleter<avcodec_free_context>>;
using ParametersPtr = std::unique_ptr<AVCodecParameters, Deleter<avcodec_parameters_free>>;
using ScalerPtr = std::unique_ptr<SwsContext, Deleter<sws_freeContext>>;
using ResamplerPtr = std::unique_ptr<SwrContext, Deleter<swr_free>>;
using AudioFifoPtr = std::unique_ptr<AVAudioFifo, Deleter<av_audio_fifo_free>>;
using IoPtr = std::unique_ptr<AVIOContext, Deleter<free_io>>;
using DemuxerPtr = std::unique_ptr<AVFormatContext, Deleter<avformat_close_input>>;
using MuxerPtr = std::unique_ptr<AVFormatContext, Deleter<avformat_free_context>>;

// Options for an open call. libav takes out those it knows and reallocates the rest, so the owner
// is a class and not a unique_ptr. Whatever is left afterwards is a misspelt option, see
// require_used().
class Options {
 public:
  Options() = default;
  ~Options() { av_dict_free(&dictionary_); }
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  void set(const char* key, const std::string& value);
  void set(const char* key, std::int64_t value);
  AVDictionary** address() { return &dictionary_; }

  // Throws MediaError (internal) naming the options that libav did not take.
  void require_used(const std::string& doing) const;

 private:
  AVDictionary* dictionary_ = nullptr;
};

// libav's words for one of its error codes.
std::string av_text(int code);

// The errno inside a libav error code, 0 where the code is libav's own.
int system_error_of(int code);

// Throws MediaError "DOING: libav's words" where `code` is an error; else returns it.
int check(int code, MediaError::Kind kind, const std::string& doing);

// `p`, or MediaError (internal) where libav had no memory.
template <class T>
T* check_alloc(T* p) {
  if (p == nullptr) throw MediaError(MediaError::Kind::internal, "out of memory in libav");
  return p;
}

inline FramePtr make_frame() {
  return FramePtr(check_alloc(av_frame_alloc()));
}
inline PacketPtr make_packet() {
  return PacketPtr(check_alloc(av_packet_alloc()));
}

// Unrefs a packet that every iteration of a loop fills again.
class PacketScope {
 public:
  explicit PacketScope(AVPacket* packet) : packet_(packet) {}
  ~PacketScope() { av_packet_unref(packet_); }
  PacketScope(const PacketScope&) = delete;
  PacketScope& operator=(const PacketScope&) = delete;

 private:
  AVPacket* packet_;
};

// What libav calls in the place of a file's own reading, writing and seeking; null: it cannot.
struct IoCalls {
  int (*read)(void* opaque, std::uint8_t* bytes, int size) = nullptr;
  int (*write)(void* opaque, std::uint8_t* bytes, int size) = nullptr;
  std::int64_t (*seek)(void* opaque, std::int64_t offset, int whence) = nullptr;
};

// An I/O context that is read or written by these calls, which get `opaque`.
IoPtr make_io(int buffer_size, void* opaque, const IoCalls& calls);

// Keeps libav and the encoders behind it from writing to standard error: only the program prints.
// Called by everything that opens something; only the first call has an effect.
void silence_libav();

}  // namespace latentreel::ffmpeg
