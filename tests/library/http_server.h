#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// A web server on 127.0.0.1 that answers as badly as a test asks it to.

namespace latentreel::library::testing {

struct Request {
  std::string path;                            // "/model.ckpt"
  std::map<std::string, std::string> headers;  // names in lower case
  std::int64_t from = -1;                      // of "Range: bytes=100-"; below 0: no such header

  std::string header(const std::string& name) const;
};

// How a file is answered. By default: whole, or from where it is asked for.
struct FileAnswer {
  std::string etag = "\"1\"";         // empty: none is sent
  std::string last_modified = {};     // empty: none is sent
  bool ranges = true;                 // false: always the whole file
  std::int64_t claimed_length = -1;   // below 0: the true one
  std::int64_t break_off_after = -1;  // bytes of this answer; below 0: never
  std::int64_t range_shift = 0;       // added to where a part is said to begin
};

// One connection, to be answered once.
class Reply {
 public:
  explicit Reply(int socket) : socket_(socket) {}
  void send(std::string_view bytes) const;
  void status(const std::string& status, const std::string& headers = {},
              std::string_view body = {}) const;  // "404 Not Found"; headers end with \r\n each
  void file(const Request& request, std::string_view content, const FileAnswer& how = {}) const;
  void redirect(const std::string& to) const;
  void stall() const;  // until the other side gives up

 private:
  int socket_;
};

// A port of 127.0.0.1 that the system chose.
class Listener {
 public:
  Listener();
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const { return port_; }
  int accept() const;  // a connection's socket, or below 0
  void stop();         // accept returns from now on, with nothing

 private:
  int socket_;
  int port_ = 0;
};

class HttpServer {
 public:
  using Answer = std::function<void(const Request&, const Reply&)>;

  explicit HttpServer(Answer answer);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url(const std::string& path) const;
  std::vector<Request> requests() const;  // so far

 private:
  void serve();

  Answer answer_;
  Listener listener_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::thread thread_;
};

}  // namespace latentreel::library::testing
