#include "src/library/response.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "src/library/web_page.h"

namespace latentreel::library {
namespace {

using Clock = std::chrono::steady_clock;
using Outcome = TransferResult::Outcome;

constexpr long kOk = 200;
constexpr long kPartial = 206;
constexpr long kRequestTimeout = 408;
constexpr long kRangeNotSatisfiable = 416;
constexpr long kTooManyRequests = 429;
constexpr long kServerErrors = 500;

TransferResult failed(std::string problem) {
  return {.outcome = Outcome::failed, .problem = std::move(problem), .joined = false};
}

std::string words_of_page(const std::string& title) {
  return title.empty() ? "a web page instead of the file"
                       : fmt::format("a web page (\"{}\") instead of the file", title);
}

TransferResult after_status(long status) {
  const bool passing =
      status == kRequestTimeout || status == kTooManyRequests || status >= kServerErrors;
  return {.outcome = passing ? Outcome::broke_off : Outcome::failed,
          .problem = fmt::format("HTTP {}", status),
          .joined = false};
}

}  // namespace

Response::Response(CURL* curl, std::string url, PartFile& part, const TransferLimits& limits,
                   const TransferWatch& watch)
    : curl_(curl),
      url_(std::move(url)),
      part_(part),
      limits_(limits),
      watch_(watch),
      before_(part.size()) {
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Response::on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Response::on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &Response::on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

void Response::begin() {
  headers_ = {};
  received_ = 0;
  last_came_ = Clock::now();
}

TransferResult Response::finish(CURLcode code, const char* detail) {
  if (started_ && !error_) accept_head(true);
  if (error_) std::rethrow_exception(error_);
  const auto status = this->status();
  if (page_) return failed(words_of_page(*page_));
  if (refused_) return broke_off("a different part of the file came than was asked for");
  if (status == kRangeNotSatisfiable) return after_refused_range();
  if (code != CURLE_OK) return after_curl_error(code, detail);
  if (status != kOk && status != kPartial) return after_status(status);
  if (!started_) return failed("an empty file");
  const auto total = part_.origin().total;
  if (total >= 0 && part_.size() != total) {
    return broke_off(fmt::format("{} of {} bytes came", part_.size(), total));
  }
  return {.outcome = Outcome::complete, .problem = {}, .joined = joined_};
}

std::size_t Response::on_header(char* data, std::size_t, std::size_t size, void* self) {
  static_cast<Response*>(self)->headers_.add({data, size});
  return size;
}

std::size_t Response::on_body(char* data, std::size_t, std::size_t size, void* self) {
  return static_cast<Response*>(self)->body({data, size}) ? size : 0;
}

int Response::on_progress(void* self, curl_off_t, curl_off_t received, curl_off_t, curl_off_t) {
  return static_cast<Response*>(self)->progress(received) ? 0 : 1;
}

template <class Action>
bool Response::guarded(const Action& action) {
  try {
    action();
    return true;
  } catch (...) {
    error_ = std::current_exception();
    return false;
  }
}

bool Response::body(std::string_view bytes) {
  const auto status = this->status();
  if (status != kOk && status != kPartial) return true;  // what an error says is not kept
  if (!started_) {
    started_ = true;
    if (status == kPartial && !join()) return false;
  }
  if (head_done_) return guarded([&] { part_.write(bytes.data(), bytes.size()); });
  head_ += bytes;
  return accept_head(false);
}

// The rest of a file begins: is it the rest of what is here?
bool Response::join() {
  const auto& range = headers_.range;
  const auto total = part_.origin().total;
  head_done_ = true;  // the beginning was looked at when it came
  joined_ = before_ > 0 && range.first == before_ &&
            (total < 0 || range.total < 0 || range.total == total);
  refused_ = !joined_;
  return guarded([&] {
           if (refused_) return part_.restart({});
           if (range.total >= 0) part_.check_room(range.total - before_);
         }) &&
         joined_;
}

// A whole file begins. Only when it is seen not to be a web page does it take the place of what was
// here.
bool Response::accept_head(bool at_end) {
  if (head_done_ || (!at_end && head_.size() < kPageHead)) return true;
  head_done_ = true;
  page_ = page_title(head_);
  return !page_ && guarded([&] {
    part_.restart({.url = url_, .validator = headers_.validator(), .total = headers_.length});
    if (headers_.length > 0) part_.check_room(headers_.length);
    part_.write(head_.data(), head_.size());
  });
}

// About once a second, whether anything comes or not.
bool Response::progress(std::int64_t received) {
  const auto now = Clock::now();
  if (received != received_) {
    received_ = received;
    last_came_ = now;
  }
  stalled_ = now - last_came_ > limits_.stall;
  return !stalled_ &&
         guarded([&] { watch_(part_.size(), std::max<std::int64_t>(0, part_.origin().total)); });
}

long Response::status() const {
  long status = 0;
  curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

TransferResult Response::broke_off(std::string problem) const {
  return {.outcome = Outcome::broke_off, .problem = std::move(problem), .joined = joined_};
}

// The part is as long as the server's file, or longer: then it is of another one.
TransferResult Response::after_refused_range() {
  const auto total = part_.origin().total;
  if (headers_.range.total == part_.size() && (total < 0 || total == part_.size())) {
    return {.outcome = Outcome::complete, .problem = {}, .joined = true};
  }
  part_.restart({});
  return broke_off("the length of the file there has changed");
}

TransferResult Response::after_curl_error(CURLcode code, const char* detail) const {
  if (stalled_) return broke_off(fmt::format("nothing came for {} s", limits_.stall.count()));
  const std::string said = *detail != '\0' ? detail : curl_easy_strerror(code);
  switch (code) {
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return broke_off(said);
    default:
      return failed(said);
  }
}

}  // namespace latentreel::library
