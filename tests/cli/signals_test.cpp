// Asked to stop, or its terminal gone (F25, F26).

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "models/files/mapped_file.h"
#include "src/cli/signals.h"
#include "tests/cli/small_film.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Program;
using testing::run;
using testing::run_in;
using testing::SmallFilm;
using testing::undisturbed;

// What a call has said when it reaches a phase.
struct Phase {
  const char* name;
  const char* said;
};

constexpr Phase kPhases[] = {{"Loading", ""},
                             {"Optimizing", "\"iteration\":1,"},
                             {"NextKeyframe", "\"key:1\",\"state\":\"started\""},
                             {"Pacing", "\"pace:0\",\"state\":\"started\""},
                             {"Encoding", "\"done\":2,"},
                             {"NextSegment", "\"seg:1\",\"state\":\"started\""},
                             {"Joining", "\"film\",\"state\":\"started\""}};

struct Asked {
  int signal, code;
  std::vector<std::string> more;
};

class Signals : public ::testing::TestWithParam<Phase> {
 protected:
  std::vector<std::string> call(const Asked& asked) const {
    auto call = film_.call({"--progress", "json"});
    call.insert(call.end(), asked.more.begin(), asked.more.end());
    return call;
  }

  testing::Result stop(const Asked& asked) {
    Program program(call(asked), folder_.path());
    program.handles(asked.signal);
    EXPECT_TRUE(program.says(GetParam().said));
    const auto sent = std::chrono::steady_clock::now();
    program.send(asked.signal);
    const auto result = program.wait();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - sent;
    EXPECT_LT(took.count(), 10);
    return result;
  }

  const Folder folder_;
  const SmallFilm film_{folder_};
};

TEST_P(Signals, EndSoonAndTheSameCallGoesOn) {
  for (const auto& asked : {Asked{SIGINT, 130, {}}, Asked{SIGTERM, 143, {}},
                            Asked{SIGTERM, 75, {"--on-term", "retry"}}}) {
    film_.restart();
    const auto stopped = stop(asked);
    if (stopped.code == 0) {  // the signal came after the last moment to stop
      EXPECT_TRUE(film_.bytes() == undisturbed().film);
    } else {
      EXPECT_EQ(stopped.code, asked.code) << stopped.error;
      EXPECT_THAT(stopped.error, HasSubstr("run the same command again"));
      EXPECT_EQ(film_.bytes(), SmallFilm::kOlder);
    }
    EXPECT_THAT(film_.names(), ElementsAre("film.mp4"));
  }
  const auto rest = run(call({}), folder_.path());
  EXPECT_EQ(rest.code, 0) << rest.error;
  EXPECT_TRUE(film_.bytes() == undisturbed().film);
}

INSTANTIATE_TEST_SUITE_P(At, Signals, ::testing::ValuesIn(kPhases),
                         [](const auto& tested) { return std::string(tested.param.name); });

// Its encoder needs to be ended before it can be left.
TEST(Signal, WhileAnAv1FilmIsEncoded) {
  const Folder folder;
  const SmallFilm film(folder);
  Program program(film.call({"--set", "video.codec=\"av1\"", "--set", "video.size=64x64", "--set",
                             "video.fps=24", "--progress", "json"}),
                  folder.path());
  ASSERT_TRUE(program.says("\"done\":7,"));
  const auto sent = std::chrono::steady_clock::now();
  program.send(SIGTERM);
  EXPECT_EQ(program.wait().code, 143);
  EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - sent).count(), 10);
}

TEST(Signal, ASecondOneLeavesAtOnce) {
  const Folder folder;
  const SmallFilm film(folder);
  // One step takes long enough for two signals.
  Program program(film.call({"--set", "video.size=512x512", "--set", "optimize.cutouts=64", "--set",
                             "optimize.iterations=1000", "--progress", "json"}),
                  folder.path());
  ASSERT_TRUE(program.says("\"iteration\":0,"));
  program.send(SIGTERM);
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  program.send(SIGINT);
  const auto sent = std::chrono::steady_clock::now();
  // The first may have been quicker where the step was at its end.
  EXPECT_THAT(program.wait().code, ::testing::AnyOf(128 + SIGINT, 128 + SIGTERM));
  EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - sent).count(), 5);
  EXPECT_EQ(film.bytes(), SmallFilm::kOlder);
}

// The contents of a mapped file are gone: cut here, on a shared disk also replaced by another
// machine.
TEST(LostContents, AreNamedAndWorthAnotherTry) {
  const Folder folder;
  const auto path = folder.write("weights", std::string(100000, 'x'));
  EXPECT_EXIT(
      {
        install_signal_handlers();
        const auto file = models::MappedFile::open(path);
        fs::resize_file(path, 10);
        const volatile auto read = file->bytes()[50000];
        _exit(static_cast<int>(read));
      },
      ::testing::ExitedWithCode(75), "reading \".*weights\": its contents are gone");
}

TEST(LostContents, OfNoFileOfOursEndBySigbusAsEver) {
  EXPECT_EXIT(
      {
        install_signal_handlers();
        raise(SIGBUS);
        _exit(0);
      },
      ::testing::KilledBySignal(SIGBUS), "");
}

// The program with a stream closed, as `>&-` does: the next file opened would get its number.
TEST(NoTerminal, ClosedStreamsDoNotEndUpInTheFilm) {
  const Folder folder;
  for (const int closed : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const SmallFilm film(folder);
    const auto result = run_in({.before = [=] { close(closed); }}, film.call(), folder.path());
    EXPECT_EQ(result.code, 0) << closed << result.error;
    EXPECT_TRUE(film.bytes() == undisturbed().film) << closed;
  }
  const SmallFilm film(folder);
  const auto all = run_in({.before =
                               [] {
                                 for (int stream = 0; stream < 3; ++stream) close(stream);
                               }},
                          film.call(), folder.path());
  EXPECT_EQ(all.code, 0);
  EXPECT_TRUE(film.bytes() == undisturbed().film);
}

// As into `head -1`: whoever reads the messages has gone.
TEST(NoTerminal, AReaderThatLeftDoesNotEndTheWork) {
  const Folder folder;
  const SmallFilm film(folder);
  const auto broken_pipe = [](int stream) {
    int ends[2];
    if (pipe(ends) != 0 || dup2(ends[1], stream) < 0) _exit(126);
    close(ends[0]);
    close(ends[1]);
  };
  const auto quiet = run_in({.before = [&] { broken_pipe(STDERR_FILENO); }},
                            film.call({"--progress", "json"}), folder.path());
  EXPECT_EQ(quiet.code, 0);
  EXPECT_TRUE(film.bytes() == undisturbed().film);
  film.restart();
  // The film is made; whoever left did not want to know its name.
  const auto deaf =
      run_in({.before = [&] { broken_pipe(STDOUT_FILENO); }}, film.call(), folder.path());
  EXPECT_EQ(deaf.code, 0);
  EXPECT_THAT(deaf.error, Not(HasSubstr("standard output")));
  EXPECT_TRUE(film.bytes() == undisturbed().film);
}

}  // namespace
}  // namespace latentreel::cli
