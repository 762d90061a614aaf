#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "src/library/part_file.h"

namespace latentreel::library {

struct TransferLimits {
  std::chrono::seconds connect{20};
  std::chrono::seconds stall{30};  // without a byte: the transfer is given up
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
  bool joined = false;  // what came was added to what was there before
};

// Hears how far a transfer is: bytes there, bytes in all (0: not known). It may throw, and so end
// the transfer; what it throws arrives at the caller.
using TransferWatch = std::function<void(std::int64_t done, std::int64_t total)>;

// One GET of `url` into `part`, which may hold the file's beginning already: the rest alone is
// asked for where the server can tell that its file is the same (or where `any_origin` says that a
// digest of the whole will tell), and the beginning is dropped where it is not. Follows redirects
// to http and https only, never from https to http. Proxies and certificates as curl: http_proxy,
// https_proxy, no_proxy, CURL_CA_BUNDLE, SSL_CERT_FILE, SSL_CERT_DIR. A web page in place of a file
// is a failure. Throws LibraryError (write_failed).
TransferResult transfer(const std::string& url, PartFile& part, bool any_origin,
                        const TransferLimits& limits, const TransferWatch& watch);

}  // namespace latentreel::library
