#include "src/library/transfer.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "src/library/response.h"

namespace latentreel::library {
namespace {

using Outcome = TransferResult::Outcome;

struct FreeEasy {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

void initialise_curl() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(once);
}

bool is_https(std::string_view url) {
  return url.substr(0, 8) == "https://";
}
bool is_http(std::string_view url) {
  return url.substr(0, 7) == "http://";
}

// As the curl program does; libcurl alone reads the proxies only.
void set_certificates(CURL* curl) {
  const auto value = [](const char* name) -> const char* {
    const char* text = std::getenv(name);
    return text != nullptr && *text != '\0' ? text : nullptr;
  };
  if (const char* file = value("CURL_CA_BUNDLE")) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, file);
    return;
  }
  if (const char* file = value("SSL_CERT_FILE")) curl_easy_setopt(curl, CURLOPT_CAINFO, file);
  if (const char* folder = value("SSL_CERT_DIR")) curl_easy_setopt(curl, CURLOPT_CAPATH, folder);
}

using List = std::unique_ptr<curl_slist, FreeList>;

void append(List& list, const std::string& line) {
  list.reset(curl_slist_append(list.release(), line.c_str()));
}

// Asks for what is missing of `part`, where that can be joined to it.
List range_headers(const PartFile& part, const std::string& url, bool any_origin) {
  List list;
  const auto& origin = part.origin();
  const bool same = origin.url == url && !origin.validator.empty();
  if (part.size() == 0 || (!same && !any_origin)) return list;
  append(list, fmt::format("Range: bytes={}-", part.size()));
  if (same) append(list, "If-Range: " + origin.validator);
  return list;
}

// Where a redirect leads, or nothing; `problem` says why it is not followed.
std::string redirect_of(CURL* curl, const std::string& from, std::string& problem) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  char* to = nullptr;
  curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &to);
  if (status / 100 != 3 || to == nullptr) return {};
  const std::string target = to;
  if (!is_https(target) && !is_http(target)) {
    problem = "it redirects to " + target + ", which is neither https nor http";
  } else if (is_https(from) && !is_https(target)) {
    problem = "it redirects from https to " + target + ", which is not encrypted";
  }
  return target;
}

}  // namespace

TransferResult transfer(const std::string& url, PartFile& part, bool any_origin,
                        const TransferLimits& limits, const TransferWatch& watch) {
  const auto failed = [](std::string problem) {
    return TransferResult{
        .outcome = Outcome::failed, .problem = std::move(problem), .joined = false};
  };
  if (!is_https(url) && !is_http(url)) return failed("its address is neither https nor http");
  initialise_curl();
  const std::unique_ptr<CURL, FreeEasy> curl(curl_easy_init());
  if (!curl) return failed("curl could not be started");
  std::array<char, CURL_ERROR_SIZE> detail{};
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, detail.data());
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "latentreel");
  set_certificates(curl.get());
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, static_cast<long>(limits.connect.count()));
  const auto ask = range_headers(part, url, any_origin);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, ask.get());

  Response response(curl.get(), url, part, limits, watch);
  std::string at = url;
  for (int hop = 0; hop <= limits.redirects; ++hop) {
    response.begin();
    curl_easy_setopt(curl.get(), CURLOPT_URL, at.c_str());
    const auto code = curl_easy_perform(curl.get());
    std::string problem;
    const auto next = code == CURLE_OK ? redirect_of(curl.get(), at, problem) : std::string();
    if (next.empty()) return response.finish(code, detail.data());
    if (!problem.empty()) return failed(problem);
    at = next;
  }
  return failed(fmt::format("it redirects more than {} times", limits.redirects));
}

}  // namespace latentreel::library
