#include "src/files/digest.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include "src/files/error.h"

namespace latentreel::files {
namespace {

class Sha256 {
 public:
  explicit Sha256(std::string_view label) : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    check(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
    add(std::as_bytes(std::span(label)));
  }
  void add(std::span<const std::byte> bytes) {
    check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }
  std::string finish() {
    std::array<unsigned char, 32> digest{};
    check(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
    return fmt::format("{:02x}", fmt::join(digest, ""));
  }

 private:
  static void check(bool succeeded) {
    if (!succeeded) throw std::runtime_error("OpenSSL could not compute a SHA-256 digest");
  }
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

[[noreturn]] void fail_read(const std::filesystem::path& path, int error) {
  throw FileError(FileError::Kind::cannot_read,
                  fmt::format("reading {}: {}; check that it is there and that you may read it",
                              quoted(path.string()), std::strerror(error)),
                  error);
}

}  // namespace

std::string sha256_of(std::span<const std::byte> bytes, std::string_view label) {
  Sha256 sha(label);
  sha.add(bytes);
  return sha.finish();
}

std::string sha256_of_text(std::string_view text) {
  return sha256_of(std::as_bytes(std::span(text)));
}

namespace {

std::string read_digest(const std::filesystem::path& path, std::string_view label) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail_read(path, errno);
  const std::unique_ptr<const int, void (*)(const int*)> closer(&fd,
                                                                [](const int* f) { ::close(*f); });
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  Sha256 sha(label);
  std::vector<std::byte> buffer(1 << 20);
  while (true) {
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_read(path, errno);
    if (got == 0) return sha.finish();
    sha.add(std::span(buffer).first(static_cast<std::size_t>(got)));
  }
}

}  // namespace

std::string sha256_of_file(const std::filesystem::path& path, std::string_view label) {
  constexpr int kTries = 3;
  for (int tries = 1;; ++tries) {
    try {
      return read_digest(path, label);
    } catch (const FileError& error) {
      if (error.system_error() != ESTALE || tries == kTries) throw;
    }
  }
}

}  // namespace latentreel::files
