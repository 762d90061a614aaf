#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "ffmpeg/error.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"

// For readers that take nothing but files.

namespace latentreel::models {

// A file in memory, the same for every input: none is written to a disk.
inline std::filesystem::path file_of_bytes(FuzzBytes bytes) {
  static const int descriptor = ::memfd_create("input", MFD_CLOEXEC);
  const auto size = static_cast<off_t>(bytes.size());
  expect(::ftruncate(descriptor, size) == 0 &&
             ::pwrite(descriptor, bytes.data(), bytes.size(), 0) == size,
         "inputs fit into memory");
  return "/proc/self/fd/" + std::to_string(descriptor);
}

// Runs `read`, which may refuse its input, naming `file`.
template <class Read>
void may_refuse_media(const std::filesystem::path& file, const Read& read) {
  try {
    read();
  } catch (const ffmpeg::MediaError& error) {
    const std::string_view text = error.what();
    expect(error.kind() == ffmpeg::MediaError::Kind::invalid, "a bad input is invalid");
    expect(text.find(file.string()) != text.npos, "an error names the file");
    expect(text.size() < 4096, "an error can be read");
  }
}

}  // namespace latentreel::models
