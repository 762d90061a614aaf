#include "ffmpeg/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

constexpr int kReadBuffer = 1 << 16;

int read_bytes(void* opaque, std::uint8_t* bytes, int size) {
  const auto done = static_cast<PlainFile*>(opaque)->read(bytes, static_cast<std::size_t>(size));
  if (done == 0) return AVERROR_EOF;
  return static_cast<int>(done);
}

std::int64_t seek_bytes(void* opaque, std::int64_t offset, int whence) {
  auto* file = static_cast<PlainFile*>(opaque);
  if (whence & AVSEEK_SIZE) return file->size();
  return file->seek(offset, whence & ~AVSEEK_FORCE);
}

int refuse_further_files(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
  return AVERROR(EACCES);
}

}  // namespace

PlainFile::PlainFile(const std::filesystem::path& file, const std::string& doing) {
  // Without O_NONBLOCK opening a named pipe would wait for its writer.
  descriptor_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor_ < 0) {
    const int error = errno;
    throw MediaError(
        Kind::missing,
        fmt::format("{}: {}; check the path, which in a scene is relative to the scene's folder",
                    doing, std::strerror(error)),
        error);
  }
  struct stat status {};
  if (::fstat(descriptor_, &status) < 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    throw MediaError(Kind::invalid, doing + ": it is not a file; name a file on this machine");
  }
  size_ = status.st_size;
}

PlainFile::~PlainFile() {
  ::close(descriptor_);
}

std::int64_t PlainFile::read(std::uint8_t* bytes, std::size_t size) noexcept {
  ssize_t done = 0;
  do {
    done = ::read(descriptor_, bytes, size);
  } while (done < 0 && errno == EINTR);
  if (done < 0) return AVERROR(errno);
  for (const auto& patch : patches_) {
    for (std::size_t i = 0; i < patch.bytes.size(); ++i) {
      const std::int64_t at = patch.offset + static_cast<std::int64_t>(i) - position_;
      if (at >= 0 && at < done) bytes[at] = patch.bytes[i];
    }
  }
  position_ += done;
  return done;
}

std::int64_t PlainFile::seek(std::int64_t offset, int whence) noexcept {
  const off_t position = ::lseek(descriptor_, offset, whence);
  if (position < 0) return AVERROR(errno);
  return position_ = position;
}

InputFile::InputFile(const std::filesystem::path& file, const std::string& doing,
                     const char* formats, const char* codecs, std::vector<BytePatch> patches)
    : doing_(doing), file_(file, doing) {
  file_.set_patches(std::move(patches));
  silence_libav();
  io_ = make_io(kReadBuffer, &file_, {.read = read_bytes, .seek = seek_bytes});
  AVFormatContext* context = check_alloc(avformat_alloc_context());
  context->pb = io_.get();
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  context->io_open = refuse_further_files;
  Options options;
  options.set("format_whitelist", formats);
  options.set("codec_whitelist", codecs);
  options.set("protocol_whitelist", "none");
  // On failure this frees the context itself.
  const int opened = avformat_open_input(&context, "", nullptr, options.address());
  if (opened < 0) {
    throw MediaError(Kind::invalid, fmt::format("{}: this kind of file cannot be read ({})", doing,
                                                av_text(opened)));
  }
  context_.reset(context);
  options.require_used(doing);
  check(avformat_find_stream_info(context_.get(), nullptr), Kind::invalid, doing);
}

InputFile::~InputFile() = default;

void InputFile::keep_only(std::initializer_list<int> streams) {
  for (unsigned i = 0; i < context_->nb_streams; ++i) {
    const bool keep =
        std::find(streams.begin(), streams.end(), static_cast<int>(i)) != streams.end();
    context_->streams[i]->discard = keep ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
}

bool InputFile::read(AVPacket* packet) {
  for (;;) {
    const int got = av_read_frame(context_.get(), packet);
    if (got == AVERROR_EOF) {
      if (io_->error < 0 && io_->error != AVERROR_EOF) check(io_->error, Kind::invalid, doing_);
      return false;
    }
    if (got == AVERROR(EAGAIN)) continue;
    check(got, Kind::invalid, doing_);
    if (context_->streams[packet->stream_index]->discard == AVDISCARD_ALL) {
      av_packet_unref(packet);
      continue;
    }
    return true;
  }
}

}  // namespace latentreel::ffmpeg
