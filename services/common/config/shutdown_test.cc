#include "services/common/config/shutdown.h"

#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "gtest/gtest.h"

namespace praxis::config {
namespace {

// The signals of this process belong to the test: each case runs in a child.
// Its exit code, or minus the signal that ended it.
int ExitOf(const std::function<int()>& run) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(30);
    _exit(run());
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(ShutdownTest, WaitsForEitherSignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    EXPECT_EQ(ExitOf([signal] {
                Shutdown shutdown;
                kill(getpid(), signal);
                return shutdown.Wait();
              }),
              signal);
  }
}

TEST(ShutdownTest, CanBeAskedForFromWithin) {
  EXPECT_EQ(ExitOf([] {
              Shutdown shutdown;
              Shutdown::Request();
              return shutdown.Wait();
            }),
            SIGTERM);
}

TEST(ShutdownTest, EndsAtOnceAtTheSecondSignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    EXPECT_EQ(ExitOf([signal] {
                Shutdown shutdown;
                kill(getpid(), SIGTERM);
                shutdown.Wait();
                kill(getpid(), signal);
                // The drain that is not waited for.
                for (;;) pause();
                return 0;
              }),
              128 + signal);
  }
}

TEST(ShutdownTest, LetsAWriteToNobodyFail) {
  EXPECT_EQ(ExitOf([] {
              Shutdown shutdown;
              int ends[2];
              if (pipe(ends) != 0) return 1;
              close(ends[0]);
              return write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 2;
            }),
            0);
}

}  // namespace
}  // namespace praxis::config
