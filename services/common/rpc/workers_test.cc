#include "services/common/rpc/workers.h"

#include <atomic>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace praxis::rpc {
namespace {

TEST(WorkersTest, RunsAllThatWasQueuedBeforeItEnds) {
  std::atomic<int> ran = 0;
  {
    Workers workers({.threads = 3, .queue_max = 1000});
    for (int i = 0; i < 500; ++i) {
      absl::AnyInvocable<void()> work = [&] { ++ran; };
      ASSERT_TRUE(workers.Run(work));
    }
  }
  EXPECT_EQ(ran, 500);
}

TEST(WorkersTest, RefusesMoreThanItsQueueHolds) {
  absl::Notification started;
  absl::Notification release;
  Workers workers({.threads = 1, .queue_max = 1});
  absl::AnyInvocable<void()> blocks = [&] {
    started.Notify();
    release.WaitForNotification();
  };
  ASSERT_TRUE(workers.Run(blocks));
  started.WaitForNotification();

  absl::AnyInvocable<void()> waits = [] {};
  EXPECT_TRUE(workers.Run(waits));
  absl::AnyInvocable<void()> refused = [] {};
  EXPECT_FALSE(workers.Run(refused));
  // What was refused is still the caller's.
  EXPECT_TRUE(refused != nullptr);
  release.Notify();
}

}  // namespace
}  // namespace praxis::rpc
