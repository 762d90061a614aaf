#include "tests/library/http_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace latentreel::library::testing {
namespace {

// The head of a request, which has no body; empty where the other side went away.
std::string read_head(int socket) {
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {
    char buffer[4096];
    const auto got = recv(socket, buffer, sizeof buffer, 0);
    if (got <= 0) return {};
    head.append(buffer, static_cast<std::size_t>(got));
  }
  return head;
}

Request parse(const std::string& head) {
  Request request;
  std::istringstream lines(head);
  std::string method;
  lines >> method >> request.path;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && line != "\r") {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    auto name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto value = line.substr(line.find_first_not_of(' ', colon + 1));
    request.headers[name] = value.substr(0, value.find('\r'));
  }
  const auto range = request.header("range");
  if (range.rfind("bytes=", 0) == 0) request.from = std::atoll(range.c_str() + 6);
  return request;
}

}  // namespace

std::string Request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

void Reply::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the other side does not want more
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Reply::status(const std::string& status, const std::string& headers,
                   std::string_view body) const {
  send(fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n", status,
                   headers, body.size()));
  send(body);
}

void Reply::file(const Request& request, std::string_view content, const FileAnswer& how) const {
  const auto total = static_cast<std::int64_t>(content.size());
  const auto known = request.header("if-range");
  const bool same = known.empty() || known == how.etag || known == how.last_modified;
  const bool part = how.ranges && request.from >= 0 && same;
  if (part && request.from >= total) {
    return status("416 Range Not Satisfiable", fmt::format("Content-Range: bytes */{}\r\n", total));
  }
  const auto begin = part ? request.from : 0;
  auto head = std::string("HTTP/1.1 ");
  head += part ? "206 Partial Content\r\n" : "200 OK\r\n";
  if (part) {
    head +=
        fmt::format("Content-Range: bytes {}-{}/{}\r\n", begin + how.range_shift, total - 1, total);
  }
  if (!how.etag.empty()) head += fmt::format("ETag: {}\r\n", how.etag);
  if (!how.last_modified.empty()) head += fmt::format("Last-Modified: {}\r\n", how.last_modified);
  const auto length = how.claimed_length >= 0 ? how.claimed_length : total - begin;
  send(head + fmt::format("Content-Length: {}\r\nConnection: close\r\n\r\n", length));
  auto body = content.substr(static_cast<std::size_t>(begin));
  if (how.break_off_after >= 0) {
    body = body.substr(0, static_cast<std::size_t>(how.break_off_after));
  }
  send(body);
}

void Reply::redirect(const std::string& to) const {
  status("302 Found", fmt::format("Location: {}\r\n", to), "<html>over there</html>");
}

void Reply::stall() const {
  pollfd wait{.fd = socket_, .events = POLLRDHUP, .revents = 0};
  poll(&wait, 1, 60'000);
}

Listener::Listener() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (socket_ < 0 || bind(socket_, raw, size) != 0 || listen(socket_, 16) != 0 ||
      getsockname(socket_, raw, &size) != 0) {
    throw std::runtime_error("no port on 127.0.0.1 could be opened");
  }
  port_ = ntohs(address.sin_port);
  setenv("no_proxy", "127.0.0.1", 1);  // nobody stands between it and the test
}

Listener::~Listener() {
  close(socket_);
}

int Listener::accept() const {
  return accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
}

void Listener::stop() {
  shutdown(socket_, SHUT_RDWR);  // wakes accept
}

HttpServer::HttpServer(Answer answer) : answer_(std::move(answer)) {
  thread_ = std::thread([this] { serve(); });
}

HttpServer::~HttpServer() {
  stopping_ = true;
  listener_.stop();
  thread_.join();
}

std::string HttpServer::url(const std::string& path) const {
  return fmt::format("http://127.0.0.1:{}/{}", listener_.port(), path);
}

std::vector<Request> HttpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpServer::serve() {
  while (!stopping_) {
    const int socket = listener_.accept();
    if (socket < 0) continue;
    const auto head = read_head(socket);
    if (!head.empty()) {
      const auto request = parse(head);
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      answer_(request, Reply(socket));
    }
    close(socket);
  }
}

}  // namespace latentreel::library::testing
