#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/library/http_server.h"

// An encrypted web server on 127.0.0.1, with a certificate of its own making.

struct ssl_ctx_st;  // OpenSSL's

namespace latentreel::library::testing {

class HttpsServer {
 public:
  // Answers every request with `response`, a whole HTTP answer. Writes its certificate to
  // `certificate`, for those who are to trust it.
  HttpsServer(std::string response, const std::filesystem::path& certificate);
  ~HttpsServer();
  HttpsServer(const HttpsServer&) = delete;
  HttpsServer& operator=(const HttpsServer&) = delete;

  std::string url(const std::string& path) const;

 private:
  void serve();

  std::string response_;
  Listener listener_;
  ssl_ctx_st* context_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace latentreel::library::testing
