#include "src/library/download.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <span>
#include <stdexcept>

#include "src/files/digest.h"
#include "src/library/error.h"
#include "tests/library/folder.h"
#include "tests/library/http_server.h"
#include "tests/library/https_server.h"

namespace latentreel::library {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::HttpServer;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Reply;
using testing::Request;
using testing::thrown;
using Kind = LibraryError::Kind;

// Bytes that no two places share, so that pieces joined wrongly show.
std::string content(std::size_t size, unsigned seed) {
  std::string text(size, '\0');
  unsigned state = seed;
  for (auto& c : text) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>(state >> 24);
  }
  text[0] = 'P';
  return text;
}

std::string digest_of(const std::string& text) {
  return files::sha256_of(std::as_bytes(std::span(text)));
}

class DownloadNotes : public DownloadWatch {
 public:
  void progress(std::int64_t done, std::int64_t) override {
    if (done >= stop_at) throw std::runtime_error("stopped");
  }
  void note(const std::string& text) override { notes.push_back(text); }

  std::int64_t stop_at = 1LL << 60;
  std::vector<std::string> notes;
};

class Download : public testing::FolderTest {
 protected:
  Downloaded get(const std::vector<std::string>& mirrors, const std::string& sha256 = {}) {
    return download({.mirrors = mirrors,
                     .target = target(),
                     .sha256 = sha256,
                     .sha256_is = "the published one"},
                    limits_, watch_);
  }
  fs::path target() const { return folder_ / "model.ckpt"; }
  fs::path part() const { return folder_ / "model.ckpt.part"; }

  DownloadLimits limits_{.transfer = {.connect = std::chrono::seconds(2),
                                      .stall = std::chrono::seconds(1),
                                      .redirects = 3},
                         .attempts = 2,
                         .pause = std::chrono::milliseconds(1)};
  DownloadNotes watch_;
  const std::string file_ = content(300'000, 1);
};

TEST_F(Download, BringsAFileWhole) {
  const HttpServer server(
      [&](const Request& request, const Reply& reply) { reply.file(request, file_); });
  const auto done = get({server.url("model.ckpt")}, digest_of(file_));
  EXPECT_EQ(read(target()), file_);
  EXPECT_EQ(done.sha256, digest_of(file_));
  EXPECT_EQ(done.bytes, 300'000);
  EXPECT_EQ(done.url, server.url("model.ckpt"));
  EXPECT_FALSE(fs::exists(part()));
  EXPECT_EQ(server.requests().front().header("range"), "");
}

TEST_F(Download, GoesOnWhereTheServerBrokeOff) {
  const HttpServer server([&](const Request& request, const Reply& reply) {
    reply.file(request, file_, {.break_off_after = 100'000});
  });
  get({server.url("model.ckpt")});
  EXPECT_EQ(read(target()), file_);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[1].from, 100'000);
  EXPECT_EQ(requests[1].header("if-range"), "\"1\"");
  EXPECT_EQ(requests[2].from, 200'000);
}

// A stopped call leaves the part; the next one asks for the rest.
TEST_F(Download, GoesOnWhereAnEarlierCallWasStopped) {
  bool stalls = true;
  const HttpServer server([&](const Request& request, const Reply& reply) {
    if (!stalls) return reply.file(request, file_);
    reply.file(request, file_, {.break_off_after = 100'000});
    reply.stall();
  });
  watch_.stop_at = 100'000;
  EXPECT_THROW(get({server.url("model.ckpt")}), std::runtime_error);
  EXPECT_EQ(fs::file_size(part()), 100'000u);
  EXPECT_FALSE(fs::exists(target()));
  stalls = false;
  watch_.stop_at = 1LL << 60;
  get({server.url("model.ckpt")});
  EXPECT_EQ(read(target()), file_);
  EXPECT_EQ(server.requests().back().from, 100'000);
}

TEST_F(Download, DoesNotGlueTwoFilesTogether) {
  const auto newer = content(300'000, 2);
  int answers = 0;
  const HttpServer server([&](const Request& request, const Reply& reply) {
    if (answers++ == 0) return reply.file(request, file_, {.break_off_after = 100'000});
    reply.file(request, newer, {.etag = "\"2\""});
  });
  get({server.url("model.ckpt")});
  EXPECT_EQ(read(target()), newer);
}

// Without an ETag or a date, only a digest can tell that the pieces are of one file.
TEST_F(Download, JoinsPiecesUnlabelledOnlyWhereADigestTells) {
  int answers = 0;
  const HttpServer server([&](const Request& request, const Reply& reply) {
    reply.file(request, file_, {.etag = "", .break_off_after = answers++ == 0 ? 100'000 : -1});
  });
  get({server.url("model.ckpt")});
  EXPECT_EQ(server.requests()[1].from, -1);
  answers = 0;
  get({server.url("model.ckpt")}, digest_of(file_));
  EXPECT_EQ(server.requests()[3].from, 100'000);
  EXPECT_EQ(read(target()), file_);
}

TEST_F(Download, FetchesAnewWhatWasJoinedWrongly) {
  const auto newer = content(300'000, 2);
  int answers = 0;
  const HttpServer server([&](const Request& request, const Reply& reply) {
    const bool first = answers++ == 0;
    reply.file(request, first ? file_ : newer,
               {.etag = "", .break_off_after = first ? 100'000 : -1});
  });
  get({server.url("model.ckpt")}, digest_of(newer));
  EXPECT_EQ(read(target()), newer);
  EXPECT_THAT(watch_.notes, ::testing::Contains(HasSubstr("fetching it again")));
}

TEST_F(Download, WeakLabelsGiveWayToTheDate) {
  const testing::FileAnswer broken{.etag = "W/\"1\"",
                                   .last_modified = "Tue, 03 Nov 2020 10:00:00 GMT",
                                   .break_off_after = 200'000};
  const HttpServer server(
      [&](const Request& request, const Reply& reply) { reply.file(request, file_, broken); });
  get({server.url("model.ckpt")});
  EXPECT_EQ(read(target()), file_);
  EXPECT_EQ(server.requests()[1].header("if-range"), "Tue, 03 Nov 2020 10:00:00 GMT");
}

TEST_F(Download, TakesTheWholeFileWhereAServerIgnoresRanges) {
  int answers = 0;
  const HttpServer server([&](const Request& request, const Reply& reply) {
    reply.file(request, file_, {.ranges = false, .break_off_after = answers++ == 0 ? 100'000 : -1});
  });
  get({server.url("model.ckpt")});
  EXPECT_EQ(read(target()), file_);
}

TEST_F(Download, DoesNotTakeAnotherPartThanItAskedFor) {
  int answers = 0;
  const HttpServer server([&](const Request& request, const Reply& reply) {
    ++answers;
    reply.file(
        request, file_,
        {.break_off_after = answers == 1 ? 100'000 : -1, .range_shift = answers == 2 ? 50 : 0});
  });
  get({server.url("model.ckpt")});
  EXPECT_EQ(read(target()), file_);
  EXPECT_EQ(answers, 3);
}

TEST_F(Download, EndsWhereAServerPromisesMoreThanItHas) {
  const HttpServer server([&](const Request& request, const Reply& reply) {
    const auto sent = request.from < 0 ? 0 : request.from;
    reply.file(request, file_, {.claimed_length = 600'000 - sent});
  });
  const auto error = thrown<LibraryError>([&] { get({server.url("model.ckpt")}); });
  EXPECT_EQ(error.kind(), Kind::unreachable);
  EXPECT_FALSE(fs::exists(target()));
}

TEST_F(Download, RefusesWhatAServerCutsShort) {
  const HttpServer server([&](const Request& request, const Reply& reply) {
    reply.file(request, file_, {.claimed_length = 200'000});
  });
  const auto error =
      thrown<LibraryError>([&] { get({server.url("model.ckpt")}, digest_of(file_)); });
  EXPECT_EQ(error.kind(), Kind::invalid);
  EXPECT_THAT(error.what(), AllOf(HasSubstr(digest_of(file_.substr(0, 200'000))),
                                  HasSubstr(digest_of(file_)), HasSubstr("the published one")));
  EXPECT_FALSE(fs::exists(target()));
  EXPECT_FALSE(fs::exists(part()));
}

TEST_F(Download, KnowsAWebPageInPlaceOfAFile) {
  const HttpServer server([&](const Request&, const Reply& reply) {
    reply.status("200 OK", "Content-Type: application/octet-stream\r\n",
                 "\n \t<!DOCTYPE html><html><Title>\n Link does\n not exist</title>");
  });
  const auto error = thrown<LibraryError>([&] { get({server.url("model.ckpt")}); });
  EXPECT_EQ(error.kind(), Kind::unreachable);
  EXPECT_THAT(error.what(), HasSubstr("a web page (\"Link does not exist\") instead of the file"));
  EXPECT_FALSE(fs::exists(target()));
}

// What came before a server began to answer with web pages is not lost.
TEST_F(Download, KeepsItsPartWhereAWebPageComes) {
  int answers = 0;
  const HttpServer server([&](const Request& request, const Reply& reply) {
    ++answers;
    if (answers == 1) return reply.file(request, file_, {.break_off_after = 100'000});
    if (answers == 2) return reply.status("200 OK", "", "<html>gone for now</html>");
    reply.file(request, file_);
  });
  EXPECT_THROW(get({server.url("model.ckpt")}), LibraryError);
  EXPECT_EQ(fs::file_size(part()), 100'000u);
  get({server.url("model.ckpt")});
  EXPECT_EQ(server.requests().back().from, 100'000);
  EXPECT_EQ(read(target()), file_);
}

TEST_F(Download, TriesMirrorsInTurn) {
  const HttpServer server([&](const Request& request, const Reply& reply) {
    if (request.path == "/good") return reply.file(request, file_);
    if (request.path == "/page") return reply.status("200 OK", "", "<html>");
    if (request.path == "/wrong") return reply.file(request, content(300'000, 3));
    reply.status("404 Not Found");
  });
  const auto done =
      get({server.url("gone"), server.url("page"), server.url("wrong"), server.url("good")},
          digest_of(file_));
  EXPECT_EQ(done.url, server.url("good"));
  EXPECT_EQ(read(target()), file_);
  EXPECT_THAT(watch_.notes,
              ElementsAre(HasSubstr("HTTP 404"), HasSubstr("a web page"), HasSubstr("SHA-256")));
}

// Another server would begin anew, and what came would be lost.
TEST_F(Download, AsksTheServerOfItsPartFirst) {
  bool broken = true;
  const HttpServer server([&](const Request& request, const Reply& reply) {
    if (request.path == "/busy" && broken) return reply.status("503 Service Unavailable");
    reply.file(request, file_, {.break_off_after = broken ? 100'000 : -1});
    if (broken) reply.stall();
  });
  watch_.stop_at = 100'000;
  const std::vector<std::string> mirrors = {server.url("busy"), server.url("good")};
  EXPECT_THROW(get(mirrors), std::runtime_error);
  broken = false;
  watch_.stop_at = 1LL << 60;
  EXPECT_EQ(get(mirrors).url, server.url("good"));
  EXPECT_EQ(server.requests().back().from, 100'000);
  EXPECT_EQ(read(target()), file_);
}

TEST_F(Download, SaysWhatEachMirrorAnswered) {
  const HttpServer server([&](const Request& request, const Reply& reply) {
    reply.status(request.path == "/a" ? "404 Not Found" : "403 Forbidden");
  });
  const auto error = thrown<LibraryError>([&] {
    get({server.url("a"), server.url("b"), "http://127.0.0.1:1/c"});
  });
  EXPECT_EQ(error.kind(), Kind::unreachable);
  EXPECT_THAT(
      error.what(),
      AllOf(HasSubstr("model.ckpt"), HasSubstr(server.url("a") + ": HTTP 404"),
            HasSubstr(server.url("b") + ": HTTP 403"), HasSubstr("http://127.0.0.1:1/c: ")));
  EXPECT_FALSE(fs::exists(part()));
}

TEST_F(Download, TriesAgainWhereAServerIsBusy) {
  int answers = 0;
  const HttpServer server([&](const Request& request, const Reply& reply) {
    if (answers++ == 0) return reply.status("503 Service Unavailable");
    reply.file(request, file_);
  });
  get({server.url("model.ckpt")});
  EXPECT_EQ(read(target()), file_);
}

TEST_F(Download, FollowsRedirectsUpToABound) {
  const HttpServer server([&](const Request& request, const Reply& reply) {
    if (request.path == "/model.ckpt") return reply.redirect("/hop?file=1");
    if (request.path == "/hop?file=1") return reply.redirect("/real");
    if (request.path == "/real") return reply.file(request, file_, {.break_off_after = 200'000});
    reply.redirect(request.path);
  });
  get({server.url("model.ckpt")});
  EXPECT_EQ(read(target()), file_);
  EXPECT_EQ(server.requests().back().from, 200'000);  // the rest too, after redirects
  fs::remove(target());
  const auto error = thrown<LibraryError>([&] { get({server.url("round-and-round")}); });
  EXPECT_THAT(error.what(), HasSubstr("redirects more than 3 times"));
}

TEST_F(Download, DoesNotLeaveTheWeb) {
  write(folder_ / "secret", "secret");
  const HttpServer server([&](const Request& request, const Reply& reply) {
    reply.redirect(request.path == "/file" ? "file://" + (folder_ / "secret").string()
                                           : "ftp://127.0.0.1/x");
  });
  for (const std::string path : {"file", "ftp"}) {
    const auto error = thrown<LibraryError>([&] { get({server.url(path)}); });
    EXPECT_THAT(error.what(), HasSubstr("neither https nor http")) << path;
  }
  EXPECT_THAT(thrown<LibraryError>([&] { get({"file:///etc/passwd"}); }).what(),
              HasSubstr("neither https nor http"));
}

TEST_F(Download, TrustsTheCertificatesThatCurlWouldTrust) {
  const testing::HttpsServer server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nmodel",
                                    folder_ / "certificate.pem");
  EXPECT_THAT(thrown<LibraryError>([&] { get({server.url("model.ckpt")}); }).what(),
              HasSubstr("certificate"));
  const Variable trust("CURL_CA_BUNDLE", folder_ / "certificate.pem");
  get({server.url("model.ckpt")});
  EXPECT_EQ(read(target()), "model");
}

TEST_F(Download, StaysEncrypted) {
  const HttpServer plain(
      [&](const Request& request, const Reply& reply) { reply.file(request, file_); });
  const testing::HttpsServer server(
      fmt::format("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
                  plain.url("model.ckpt")),
      folder_ / "certificate.pem");
  const Variable unset("CURL_CA_BUNDLE", "");
  const Variable trust("SSL_CERT_FILE", folder_ / "certificate.pem");
  EXPECT_THAT(thrown<LibraryError>([&] { get({server.url("model.ckpt")}); }).what(),
              HasSubstr("redirects from https to " + plain.url("model.ckpt")));
  EXPECT_THAT(plain.requests(), IsEmpty());
}

TEST_F(Download, GoesThroughAProxy) {
  const HttpServer proxy([&](const Request& request, const Reply& reply) {
    reply.file(request, request.path == "http://models.invalid/x" ? file_ : "");
  });
  const Variable variable("http_proxy", proxy.url(""));
  get({"http://models.invalid/x"});
  EXPECT_EQ(read(target()), file_);
}

TEST_F(Download, GivesUpAServerThatStalls) {
  int answers = 0;
  const HttpServer server([&](const Request& request, const Reply& reply) {
    if (answers++ > 0) return reply.file(request, file_);
    reply.file(request, file_, {.break_off_after = 100'000});
    reply.stall();
  });
  get({server.url("model.ckpt")});
  EXPECT_EQ(read(target()), file_);
  EXPECT_EQ(server.requests()[1].from, 100'000);
}

TEST_F(Download, RefusesAnEmptyFile) {
  const HttpServer server([](const Request&, const Reply& reply) { reply.status("200 OK"); });
  EXPECT_THAT(thrown<LibraryError>([&] { get({server.url("model.ckpt")}); }).what(),
              HasSubstr("an empty file"));
}

TEST_F(Download, KnowsAPartThatIsAllThereAlready) {
  const HttpServer server(
      [&](const Request& request, const Reply& reply) { reply.file(request, file_); });
  write(part(), file_);
  write(folder_ / "model.ckpt.part.json",
        fmt::format(R"({{"url": "{}", "validator": "\"1\"", "total": 300000}})",
                    server.url("model.ckpt")));
  get({server.url("model.ckpt")});
  EXPECT_EQ(read(target()), file_);
}

TEST_F(Download, DropsAPartThatIsLongerThanTheFile) {
  const HttpServer server(
      [&](const Request& request, const Reply& reply) { reply.file(request, file_); });
  write(part(), content(400'000, 4));
  get({server.url("model.ckpt")}, digest_of(file_));
  EXPECT_EQ(read(target()), file_);
}

TEST_F(Download, SaysBeforehandThatTheDiskIsTooSmall) {
  const HttpServer server([&](const Request& request, const Reply& reply) {
    reply.file(request, file_, {.claimed_length = 1LL << 60});
  });
  const auto error = thrown<LibraryError>([&] { get({server.url("model.ckpt")}); });
  EXPECT_EQ(error.kind(), Kind::write_failed);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("has room for"), HasSubstr("--models DIR")));
}

// As on a full disk, a write fails half-way; what came before it is kept.
TEST_F(Download, KeepsWhatCameWhereAWriteFails) {
  const HttpServer server(
      [&](const Request& request, const Reply& reply) { reply.file(request, file_); });
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  const rlimit small{.rlim_cur = 150'000, .rlim_max = old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  std::optional<LibraryError> error;
  try {
    get({server.url("model.ckpt")});
  } catch (const LibraryError& caught) {
    error = caught;
  }
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), Kind::write_failed);
  EXPECT_THAT(error->what(), AllOf(HasSubstr("model.ckpt.part"), HasSubstr("is kept")));
  EXPECT_EQ(fs::file_size(part()), 150'000u);
  get({server.url("model.ckpt")});
  EXPECT_EQ(read(target()), file_);
  EXPECT_EQ(server.requests().back().from, 150'000);
}

TEST_F(Download, NamesAFolderThatCannotBeMade) {
  write(folder_ / "file", "");
  const auto error = thrown<LibraryError>([&] {
    download({.mirrors = {"http://127.0.0.1:1/x"}, .target = folder_ / "file/model.ckpt"}, limits_,
             watch_);
  });
  EXPECT_EQ(error.kind(), Kind::cannot_create);
  EXPECT_THAT(error.what(), HasSubstr("file/model.ckpt.part"));
}

TEST_F(Download, IsDoneByOneAtATime) {
  const PartFile other(target());
  EXPECT_EQ(thrown<LibraryError>([&] { get({"http://127.0.0.1:1/x"}); }).kind(), Kind::busy);
}

}  // namespace
}  // namespace latentreel::library
