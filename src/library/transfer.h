#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "src/library/part_file.h"

namespace latentreel::library {

struct TransferLimits {
  std::chrono::seconds connect{20};
  std::chrono::seconds stall{30};  // the longest wait for a byte
  int redirects = 10;
};

struct TransferResult {
  enum class Outcome {
    complete,   // the part holds the whole file
    broke_off,  // another attempt at the same server may go on from there
    failed,     // this server does not give the file
  };
  Outcome outcome = Outcome::failed;
  std::string problem;  // what came instead, unless complete: "HTTP 404"
  bool joined = false;  // the new bytes were appended to the earlier ones
};

// Called with the bytes of the file present so far and the total (0: not known). It may throw to
// end the transfer; the exception reaches the caller.
using TransferWatch = std::function<void(std::int64_t done, std::int64_t total)>;

// One GET of `url` into `part`. If the part already holds the beginning of a file, only the rest is
// requested where the server can tell that its file is the same (or where `any_origin` says that a
// digest of the whole will tell); a beginning of another file is dropped. Follows redirects to http
// and https only, never from https to http. Proxies and certificates as curl: http_proxy,
// https_proxy, no_proxy, CURL_CA_BUNDLE, SSL_CERT_FILE, SSL_CERT_DIR. A web page in place of a file
// is a failure. Throws LibraryError (write_failed).
TransferResult transfer(const std::string& url, PartFile& part, bool any_origin,
                        const TransferLimits& limits, const TransferWatch& watch);

}  // namespace latentreel::library
