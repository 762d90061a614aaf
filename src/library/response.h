#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "src/library/part_file.h"
#include "src/library/response_headers.h"
#include "src/library/transfer.h"

namespace latentreel::library {

// A server's answer to one GET: its body goes into a part, if it is what was asked for. Registers
// itself as the receiver of `curl`, and has to outlive its transfers.
//
// Note [Errors inside curl]
// curl is C: no exception may pass through it. What goes wrong in a callback is kept here, the
// callback tells curl to stop, and the error is thrown once curl has returned.
class Response {
 public:
  Response(CURL* curl, std::string url, PartFile& part, const TransferLimits& limits,
           const TransferWatch& watch);
  Response(const Response&) = delete;
  Response& operator=(const Response&) = delete;

  void begin();  // before each request of a chain of redirects
  // After the last one, however it ended; `detail` is curl's own text. Throws what the watch or the
  // part threw.
  TransferResult finish(CURLcode code, const char* detail);

 private:
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self);
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t received, curl_off_t, curl_off_t);

  bool body(std::string_view bytes);
  bool join();
  bool accept_head(bool at_end);
  bool progress(std::int64_t received);
  template <class Action>
  bool guarded(const Action& action);

  long status() const;
  TransferResult broke_off(std::string problem) const;
  TransferResult after_refused_range();
  TransferResult after_curl_error(CURLcode code, const char* detail) const;

  CURL* curl_;
  std::string url_;
  PartFile& part_;
  const TransferLimits& limits_;
  const TransferWatch& watch_;
  std::int64_t before_;  // bytes of the part when this began
  std::int64_t received_ = 0;
  std::chrono::steady_clock::time_point last_came_;
  ResponseHeaders headers_;
  std::string head_;  // start of a whole file, held until it is known not to be a web page
  std::optional<std::string> page_;  // the title of the web page that came instead
  bool started_ = false;             // the body's first bytes came
  bool head_done_ = false;
  bool joined_ = false;   // the server sends the rest of our part
  bool refused_ = false;  // the server sends a range that does not continue our part
  bool stalled_ = false;
  std::exception_ptr error_;
};

}  // namespace latentreel::library
