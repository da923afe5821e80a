#include "services/common/program/program.h"

#include <sys/resource.h>

#include <cstdlib>

#include "gtest/gtest.h"

namespace praxis::program {
namespace {

// As a login shell or systemd starts it.
TEST(ProgramTest, MayOpenMoreFilesThanItWasStartedWith) {
  rlimit limit;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit before = limit;
  limit.rlim_cur = 100;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(program::Run("test", {},
                         [&](telemetry::Log&) {
                           getrlimit(RLIMIT_NOFILE, &limit);
                           return absl::OkStatus();
                         }),
            EXIT_SUCCESS);
  EXPECT_GT(limit.rlim_cur, 100);
  EXPECT_EQ(limit.rlim_max, before.rlim_max);
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST(ProgramTest, EndsAsItWasServed) {
  EXPECT_EQ(program::Run("test", {},
                         [](telemetry::Log&) {
                           return absl::UnavailableError("The port is taken.");
                         }),
            EXIT_FAILURE);
}

}  // namespace
}  // namespace praxis::program
