#include "models/files/digest.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "models/files/error.h"

namespace latentreel::models {
namespace {

class Sha256 {
 public:
  explicit Sha256(std::string_view label) : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    check(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
    add(label.data(), label.size());
  }
  void add(const void* data, std::size_t size) {
    check(EVP_DigestUpdate(context_.get(), data, size) == 1);
  }
  std::string finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    check(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
      text += kDigits[digest[i] >> 4];
      text += kDigits[digest[i] & 15];
    }
    return text;
  }

 private:
  static void check(bool succeeded) {
    if (!succeeded) throw std::runtime_error("OpenSSL could not compute a SHA-256 digest");
  }
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

[[noreturn]] void refuse(const std::filesystem::path& path, int error) {
  throw WeightsError(WeightsError::Kind::missing,
                     {.doing = "computing the digest of " + path.string(),
                      .tensor = {},
                      .problem = std::generic_category().message(error),
                      .advice = {}});
}

}  // namespace

std::string sha256_of(std::span<const std::byte> bytes, std::string_view label) {
  Sha256 sha(label);
  sha.add(bytes.data(), bytes.size());
  return sha.finish();
}

std::string sha256_of_file(const std::filesystem::path& path, std::string_view label) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) refuse(path, errno);
  const std::unique_ptr<const int, void (*)(const int*)> closer(&fd,
                                                                [](const int* f) { ::close(*f); });
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  Sha256 sha(label);
  std::vector<std::byte> buffer(1 << 20);
  while (true) {
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse(path, errno);
    if (got == 0) return sha.finish();
    sha.add(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace latentreel::models
