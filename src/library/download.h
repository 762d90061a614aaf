#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "src/library/transfer.h"

namespace latentreel::library {

struct DownloadRequest {
  std::vector<std::string> mirrors;  // tried in turn
  std::filesystem::path target;      // appears whole; TARGET.part meanwhile
  std::string sha256;                // 64 lower-case digits; empty: not known
  std::string sha256_is;             // where it is from, in words: "the published one"
};

struct DownloadLimits {
  TransferLimits transfer;
  int attempts = 4;                       // in a row that bring nothing new, at one mirror
  std::chrono::milliseconds pause{1000};  // before the second; twice that before the third, …
};

struct Downloaded {
  std::string url;  // the mirror that gave it
  std::string sha256;
  std::int64_t bytes = 0;
};

// Hears of a download as it goes. Either call may throw, which ends it and keeps the part.
class DownloadWatch {
 public:
  virtual ~DownloadWatch() = default;
  virtual void progress(std::int64_t done, std::int64_t total) = 0;  // bytes; total 0: not known
  virtual void note(const std::string& text) = 0;  // a sentence: what broke off, what is tried next
};

// Brings one file, from the first mirror that gives it whole and right. Goes on where an earlier
// call ended. Throws LibraryError: unreachable where no mirror gave anything, invalid where what
// came was not what the digest says, both with what each mirror answered; write_failed,
// cannot_create, busy.
Downloaded download(const DownloadRequest& request, const DownloadLimits& limits,
                    DownloadWatch& watch);

}  // namespace latentreel::library
