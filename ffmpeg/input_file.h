// Media files opened for reading by descriptor. libav never sees the name, so "concat:a|b",
// "http://x" and the like are plain file names; what a file refers to is not opened; and only the
// container formats and decoders that the caller lists are tried. Internal to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "ffmpeg/av_ptr.h"

namespace latentreel::ffmpeg {

// Bytes that are read in the place of a file's own.
struct BytePatch {
  std::int64_t offset = 0;
  std::vector<std::uint8_t> bytes;
};

// A regular file open for reading. Throws MediaError: missing, or invalid for folders and devices.
class PlainFile {
 public:
  PlainFile(const std::filesystem::path& file, const std::string& doing);
  ~PlainFile();
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;

  std::int64_t size() const { return size_; }
  void set_patches(std::vector<BytePatch> patches) { patches_ = std::move(patches); }

  // Up to `size` bytes from the current position; a negated errno for a failure.
  std::int64_t read(std::uint8_t* bytes, std::size_t size) noexcept;
  std::int64_t seek(std::int64_t offset, int whence) noexcept;

 private:
  int descriptor_ = -1;
  std::int64_t size_ = 0;
  std::int64_t position_ = 0;
  std::vector<BytePatch> patches_;
};

// A song's or film's container, opened and its streams known.
class InputFile {
 public:
  // `formats` and `codecs` are comma-separated names of libav's demuxers and decoders.
  InputFile(const std::filesystem::path& file, const std::string& doing, const char* formats,
            const char* codecs, std::vector<BytePatch> patches = {});
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  AVFormatContext* context() const { return context_.get(); }
  std::int64_t size() const { return file_.size(); }

  // Makes read() skip the packets of all other streams.
  void keep_only(std::initializer_list<int> streams);

  // The next packet of a kept stream; false at the end. Throws MediaError (invalid) for a read
  // error.
  bool read(AVPacket* packet);

 private:
  std::string doing_;
  PlainFile file_;
  IoPtr io_;
  DemuxerPtr context_;
};

}  // namespace latentreel::ffmpeg
