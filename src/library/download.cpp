#include "src/library/download.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "src/files/digest.h"
#include "src/files/sizes.h"
#include "src/library/error.h"

namespace latentreel::library {
namespace {

using Outcome = TransferResult::Outcome;

// One request, as it goes from mirror to mirror.
class Download {
 public:
  Download(const DownloadRequest& request, const DownloadLimits& limits, DownloadWatch& watch)
      : request_(request), limits_(limits), watch_(watch), part_(request.target) {}

  Downloaded run() {
    auto mirrors = request_.mirrors;
    // The server that gave the part is asked for its rest before another begins anew.
    std::stable_partition(mirrors.begin(), mirrors.end(), [this](const std::string& mirror) {
      return part_.size() > 0 && mirror == part_.origin().url;
    });
    for (const auto& mirror : mirrors) {
      if (!answers_.empty()) watch_.note(fmt::format("{}; trying {}", last_answer_, mirror));
      if (const auto done = from(mirror)) return *done;
    }
    throw LibraryError(
        wrong_came_ ? LibraryError::Kind::invalid : LibraryError::Kind::unreachable,
        fmt::format("downloading {}: no server delivered it.{}\nIf the network works, name another "
                    "server with --mirror, or import a file of your own.",
                    name(), answers_));
  }

 private:
  std::string name() const { return request_.target.filename().string(); }

  // The file, or nothing where this mirror does not give it.
  std::optional<Downloaded> from(const std::string& mirror) {
    bool restarted = false;  // because two parts did not fit together
    std::int64_t furthest = part_.size();
    for (int in_vain = 0; in_vain < limits_.attempts;) {
      const auto result =
          transfer(mirror, part_, !request_.sha256.empty(), limits_.transfer,
                   [this](std::int64_t done, std::int64_t total) { watch_.progress(done, total); });
      if (result.outcome == Outcome::complete) {
        const auto sha256 = files::sha256_of_file(part_.path());
        if (request_.sha256.empty() || sha256 == request_.sha256) return publish(mirror, sha256);
        part_.restart({});
        if (result.joined && !restarted) {
          watch_.note(fmt::format(
              "{}: the pieces do not fit together; fetching it again from the start", name()));
          restarted = true;
          continue;
        }
        wrong_came_ = true;
        return answered(mirror, fmt::format("its file has the SHA-256 {}, not {}, {}", sha256,
                                            request_.sha256, request_.sha256_is));
      }
      if (result.outcome == Outcome::failed) return answered(mirror, result.problem);
      in_vain = part_.size() > furthest ? 0 : in_vain + 1;
      furthest = std::max(furthest, part_.size());
      if (in_vain == limits_.attempts) return answered(mirror, result.problem);
      watch_.note(fmt::format("{}: {}; trying again from {} on", name(), result.problem,
                              files::format_bytes(static_cast<double>(part_.size()))));
      wait(in_vain);
    }
    return std::nullopt;
  }

  // Listening to the watch meanwhile.
  void wait(int in_vain) {
    constexpr auto kStep = std::chrono::milliseconds(50);
    const auto end = std::chrono::steady_clock::now() + limits_.pause * (1 << std::min(in_vain, 6));
    while (std::chrono::steady_clock::now() < end) {
      watch_.progress(part_.size(), std::max<std::int64_t>(0, part_.origin().total));
      std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(kStep, limits_.pause));
    }
  }

  std::nullopt_t answered(const std::string& mirror, const std::string& problem) {
    last_answer_ = fmt::format("{}: {}", mirror, problem);
    answers_ += "\n  " + last_answer_;
    return std::nullopt;
  }

  Downloaded publish(const std::string& mirror, const std::string& sha256) {
    const auto bytes = part_.size();
    part_.publish();
    return {.url = mirror, .sha256 = sha256, .bytes = bytes};
  }

  const DownloadRequest& request_;
  const DownloadLimits& limits_;
  DownloadWatch& watch_;
  PartFile part_;
  std::string answers_;  // of the mirrors that did not give it, a line each
  std::string last_answer_;
  bool wrong_came_ = false;
};

}  // namespace

Downloaded download(const DownloadRequest& request, const DownloadLimits& limits,
                    DownloadWatch& watch) {
  return Download(request, limits, watch).run();
}

}  // namespace latentreel::library
