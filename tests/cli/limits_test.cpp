// Limits of the machine and traces of it: memory (F32), files (F43), locales (F44), private data
// (F47).

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/cli/small_film.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::asked;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run;
using testing::run_in;
using testing::SmallFilm;
using testing::undisturbed;

// LATENTREEL_FRAMES=10000: the longer film's frames.
TEST(Memory, DoesNotGrowWithTheFilmsLength) {
  const Folder folder;
  const SmallFilm film(folder);
  const auto most = [&](int frames) {
    film.restart();
    const auto result = run(film.call({"--set", "video.fps=24", "--set", "video.quality=30",
                                       "--set", "interpolate.loop=true", "--set",
                                       "video.duration=\"frame " + std::to_string(frames) + "\""}),
                            folder.path());
    EXPECT_EQ(result.code, 0) << result.error;
    EXPECT_THAT(result.error, HasSubstr(": " + std::to_string(frames) + " frames"));
    return static_cast<double>(result.most_memory);
  };
  const double few = most(100), many = most(asked("LATENTREEL_FRAMES", 2000));
  std::cout << few / 1024 << " MiB, " << many / 1024 << " MiB\n";
  EXPECT_LT(many, few * 1.05);
}

TEST(Files, AFewAtOnceSuffice) {
  const Folder folder;
  const SmallFilm film(folder);
  const auto limit = [] {
    const rlimit few = {16, 16};
    setrlimit(RLIMIT_NOFILE, &few);
  };
  const auto result = run_in({.before = limit}, film.call(), folder.path());
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_TRUE(film.bytes() == undisturbed().film);
}

TEST(Files, NamesThatAreTooLongAreSaidBeforeAnyWork) {
  const Folder folder;
  const SmallFilm film(folder);
  auto call = film.call({"--progress", "json"});
  call[3] = (film.work() / (std::string(252, 'n') + ".mp4")).string();
  const auto name = run(call, folder.path());
  EXPECT_EQ(name.code, 73);
  EXPECT_THAT(name.error, AllOf(HasSubstr("File name too long"), Not(HasSubstr("iteration"))));
  call[3] = (film.work() / (std::string(5000, 'n') + "/film.mp4")).string();
  const auto path = run(call, folder.path());
  EXPECT_EQ(path.code, 73) << path.error;
  EXPECT_THAT(path.error, AllOf(HasSubstr("File name too long"), Not(HasSubstr("iteration"))));
}

// libav reads numbers as the process's locale writes them, so the program must stay in C's.
TEST(Locale, WithADecimalCommaChangesNothing) {
  const Folder folder;
  // Made from the system's sources, as the program's users would have it installed.
  const auto make =
      "localedef -i de_DE -f UTF-8 '" + (folder / "de_DE.UTF-8").string() + "' > /dev/null 2>&1";
  if (std::system(make.c_str()) != 0) GTEST_SKIP() << "no German locale can be made here";
  std::string scene = SmallFilm::kScene;
  scene.replace(scene.find("at = 3"), 6, "at = 2.75");
  const SmallFilm film(folder, "work", scene);
  const auto call = [&](const std::string& progress) {
    return film.call({"--set", "optimize.learning_rate=0.125", "--progress", progress});
  };
  ASSERT_EQ(run(call("none"), folder.path()).code, 0);
  const auto plain = film.bytes();
  fs::remove(film.file());
  const testing::Surroundings german = {
      .environment = {{"LOCPATH", folder.path().string()}, {"LC_ALL", "de_DE.UTF-8"}}};
  // Everything is found again under its name, so the plan's hashes are the same.
  const auto again = run_in(german, call("json"), folder.path());
  EXPECT_EQ(again.code, 0) << again.error;
  EXPECT_THAT(again.error,
              AllOf(HasSubstr("\"seg:0\",\"state\":\"reused\""), Not(HasSubstr("\"iteration\""))));
  EXPECT_TRUE(film.bytes() == plain);
  film.restart();
  const auto anew = run_in(german, call("json"), folder.path());
  EXPECT_EQ(anew.code, 0) << anew.error;
  EXPECT_THAT(anew.error, HasSubstr("\"seconds\":0."));
  EXPECT_TRUE(film.bytes() == plain);
  film.restart();
  const auto text = run_in(german, film.call({"--progress", "plain"}), folder.path());
  EXPECT_THAT(text.error, AllOf(HasSubstr("loss 1."), HasSubstr(" 3.00 s")));
}

TEST(Private, NothingOfTheMachineIsInTheFilm) {
  const Folder folder;
  const SmallFilm film(folder);
  auto call = film.call();
  std::erase(call, "--no-embed-scene");
  const testing::Surroundings known = {
      .environment = {{"USER", "someuser"}, {"LOGNAME", "someuser"}, {"HOME", "/home/someuser"}}};
  ASSERT_EQ(run_in(known, call, folder.path()).code, 0);
  const auto bytes = film.bytes();
  EXPECT_THAT(bytes, HasSubstr("a red heart on a white background"));
  std::vector<std::string> names = {"someuser", folder.path().string(),
                                    folder.path().filename().string(), "/tmp/"};
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) == 0) names.push_back(host);
  if (const auto* user = getpwuid(geteuid())) names.push_back(user->pw_name);
  for (const auto& name : names) {
    if (name.size() <= 3) continue;  // may be part of anything
    EXPECT_EQ(bytes.find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace latentreel::cli
