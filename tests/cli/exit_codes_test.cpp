#include "src/cli/exit_codes.h"

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include "src/cluster/error.h"
#include "src/files/error.h"

namespace latentreel::cli {
namespace {

template <class Error>
Failure failure_of(const Error& error) {
  try {
    throw error;
  } catch (const std::exception&) {
    return current_failure();
  }
}

c10::SourceLocation here() {
  return {__func__, __FILE__, static_cast<uint32_t>(__LINE__)};
}

TEST(ExitCodes, OfADeviceThatFailsAreThoseOfADevice) {
  const auto failure =
      failure_of(c10::AcceleratorError(here(), 700, "CUDA error: an illegal memory access"));
  EXPECT_EQ(failure.code, kUnavailable);
  EXPECT_NE(failure.text.find("the device failed: CUDA error: an illegal memory access"),
            std::string::npos)
      << failure.text;
  EXPECT_EQ(failure.text.find("internal error"), std::string::npos);
}

TEST(ExitCodes, OfADeviceWithoutMemorySayWhatToTurnDown) {
  const auto failure = failure_of(c10::AcceleratorError(here(), 2, "CUDA error: out of memory"));
  EXPECT_EQ(failure.code, kUnavailable);
  EXPECT_NE(failure.text.find("[video] size"), std::string::npos) << failure.text;
}

TEST(ExitCodes, OfAFileSayWhetherItIsReadBegunOrFinished) {
  using Kind = files::FileError::Kind;
  EXPECT_EQ(failure_of(files::FileError(Kind::cannot_read, "no")).code, kMissing);
  EXPECT_EQ(failure_of(files::FileError(Kind::cannot_create, "no")).code, kCannotCreate);
  EXPECT_EQ(failure_of(files::FileError(Kind::write_failed, "no")).code, kWriteFailed);
}

TEST(ExitCodes, OfAClusterSayWhetherThePlanOrTheSchedulerIsWrong) {
  using Kind = cluster::ClusterError::Kind;
  EXPECT_EQ(failure_of(cluster::ClusterError(Kind::plan, "no")).code, kData);
  EXPECT_EQ(failure_of(cluster::ClusterError(Kind::missing, "no")).code, kMissing);
  EXPECT_EQ(failure_of(cluster::ClusterError(Kind::unavailable, "no")).code, kUnavailable);
  EXPECT_EQ(failure_of(cluster::ClusterError(Kind::unseen, "not yet")).code, kTryAgain);
}

TEST(ExitCodes, OfOurOwnMistakesAreInternal) {
  EXPECT_EQ(failure_of(std::logic_error("no")).code, kInternal);
}

}  // namespace
}  // namespace latentreel::cli
