#include "services/members/handlers/passwords.h"

#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::members {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;

constexpr auth::PasswordCost kCheap = {.passes = 1, .memory_bytes = 64 << 10};

TEST(PasswordsTest, MatchesTheHashOfTheSamePasswordOnly) {
  Passwords passwords({.cost = kCheap});
  const absl::StatusOr<std::string> hash = passwords.Hash("correct horse");
  ASSERT_THAT(hash, Succeeds());
  EXPECT_TRUE(*passwords.Match(*hash, "correct horse"));
  EXPECT_FALSE(*passwords.Match(*hash, "Correct horse"));
  EXPECT_FALSE(*passwords.Match(*hash, ""));
}

TEST(PasswordsTest, MatchesNothingWithoutAHash) {
  Passwords passwords({.cost = kCheap});
  EXPECT_FALSE(*passwords.Match(std::nullopt, "correct horse"));
  EXPECT_FALSE(*passwords.Match(std::nullopt, ""));
}

TEST(PasswordsTest, RefusesAtOnceWhenTooManyWait) {
  Passwords passwords({.parallel_max = 0, .waiting_max = 0, .cost = kCheap});
  EXPECT_THAT(passwords.Hash("correct horse"), FailsWith(Reason::OVERLOADED));
  EXPECT_THAT(passwords.Match("hash", "correct horse"),
              FailsWith(Reason::OVERLOADED));
  // Nobody's password is compared too, and takes its turn.
  EXPECT_THAT(passwords.Match(std::nullopt, "correct horse"),
              FailsWith(Reason::OVERLOADED));
}

TEST(PasswordsTest, GivesEachOfThoseWhoWaitTheirTurn) {
  Passwords passwords({.parallel_max = 1, .waiting_max = 8, .cost = kCheap});
  const std::string hash = *passwords.Hash("correct horse");
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) {
        const absl::StatusOr<bool> matches =
            passwords.Match(hash, "correct horse");
        ASSERT_THAT(matches, Succeeds());
        EXPECT_TRUE(*matches);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace praxis::members
