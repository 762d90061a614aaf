#include "src/library/model_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <optional>

namespace latentreel::library {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Sets a variable of the environment for one test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (old_) {
      setenv(name_, old_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

class ModelFolders : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        fs::temp_directory_path() / ("latentreel-names-" + std::to_string(getpid()) + test->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // A pack with a VQGAN of that name below `data`, a user's data folder.
  fs::path pack(const fs::path& data, const std::string& name) const {
    const auto file = data / "latentreel/models" / name / "vqgan.safetensors";
    fs::create_directories(file.parent_path());
    std::ofstream(file).flush();
    return file;
  }
  static fs::path find(const std::string& name) {
    return ModelNames::standard({}).find(name, ModelKind::vqgan);
  }

  fs::path folder_;
};

TEST_F(ModelFolders, AreTheUsersAndThePrograms) {
  const Variable data("XDG_DATA_HOME", folder_ / "data");
  const auto file = pack(folder_ / "data", "mine");
  EXPECT_EQ(find("mine"), file);
  EXPECT_EQ(find("tiny"), fs::path(LATENTREEL_SOURCE_DIR "/models/tiny/vqgan.safetensors"));
  try {
    find("yours");
    FAIL();
  } catch (const UnknownModel& error) {
    EXPECT_THAT(error.what(), HasSubstr("Known names: mine, tiny."));
  }
}

// The specification of the XDG folders: a path that is not absolute counts as not given.
TEST_F(ModelFolders, CountARelativeDataFolderAsNotGiven) {
  const Variable home("HOME", folder_ / "home");
  const auto file = pack(folder_ / "home/.local/share", "mine");
  const auto here = fs::current_path();
  fs::current_path(folder_);
  pack("data", "elsewhere");
  const Variable data("XDG_DATA_HOME", "data");
  EXPECT_EQ(find("mine"), file);
  EXPECT_THROW(find("elsewhere"), UnknownModel);
  fs::current_path(here);
}

}  // namespace
}  // namespace latentreel::library
