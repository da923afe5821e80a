#include "services/discussions/domain/thread.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::discussions {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::HasSubstr;

constexpr int kKinds = 11;

ThreadKind KindOf(int number) { return static_cast<ThreadKind>(number); }

Thread ThreadOf(ThreadKind kind) {
  Thread thread;
  thread.kind = kind;
  thread.author = "members/ada";
  thread.create_time = absl::FromUnixSeconds(1000);
  thread.update_time = thread.create_time;
  return thread;
}

const Actor kAda{.name = "members/ada"};
const absl::Time kNow = absl::FromUnixSeconds(2000);

TEST(MayResolve, IsForTheAuthorAndForWhoModerates) {
  const struct {
    Actor actor;
    Reason refusal;
  } kCases[] = {
      {{.name = "members/ada", .moderates = false}, {}},
      {{.name = "members/ada", .moderates = true}, {}},
      {{.name = "members/bob", .moderates = true}, {}},
      {{.name = "members/bob", .moderates = false}, Reason::NOT_AUTHOR},
      {{.name = "members/ad", .moderates = false}, Reason::NOT_AUTHOR},
      {{.name = "", .moderates = false}, Reason::NOT_AUTHOR},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(MayResolve(ThreadOf(ThreadKind::kProblemSolving), c.actor),
                FailsWith(c.refusal))
        << c.actor.name;
  }
}

TEST(Resolve, TakesOnlyTheOutcomeOfTheThreadsKind) {
  for (int kind = 1; kind <= kKinds; ++kind) {
    for (int other = 1; other <= kKinds; ++other) {
      Thread thread = ThreadOf(KindOf(kind));
      const absl::Status status =
          Resolve(thread, {.closes = KindOf(other)}, kAda, kNow);
      EXPECT_EQ(status.ok(), kind == other) << kind << " by " << other;
      EXPECT_EQ(thread.resolution.has_value(), kind == other);
      if (kind == other) continue;
      EXPECT_THAT(status, FailsWith(Reason::OUTCOME_MISMATCH));
      EXPECT_THAT(
          std::string(status.message()),
          HasSubstr("outcome." + std::string(OutcomeName(KindOf(kind)))));
    }
  }
}

TEST(Resolve, RefusesAnEmptyOutcome) {
  Thread thread = ThreadOf(ThreadKind::kVisit);
  EXPECT_THAT(Resolve(thread, Outcome{}, kAda, kNow),
              FailsWith(Reason::OUTCOME_MISMATCH));
}

TEST(Resolve, KeepsWhatWhoAndWhen) {
  Thread thread = ThreadOf(ThreadKind::kVisit);
  const Outcome outcome{.closes = ThreadKind::kVisit, .content = "notes"};
  ASSERT_THAT(Resolve(thread, outcome, {.name = "members/bob"}, kNow),
              Succeeds());
  EXPECT_EQ(thread.resolution->outcome, "notes");
  EXPECT_EQ(thread.resolution->resolver, "members/bob");
  EXPECT_EQ(thread.resolution->time, kNow);
  EXPECT_EQ(thread.update_time, kNow);
  EXPECT_EQ(thread.version, 2);
}

TEST(Resolve, IsForGood) {
  Thread thread = ThreadOf(ThreadKind::kVisit);
  const Outcome first{.closes = ThreadKind::kVisit, .content = "first"};
  ASSERT_THAT(Resolve(thread, first, kAda, kNow), Succeeds());

  const Outcome second{.closes = ThreadKind::kVisit, .content = "second"};
  EXPECT_THAT(Resolve(thread, second, kAda, kNow + absl::Seconds(1)),
              FailsWith(Reason::ALREADY_RESOLVED));
  EXPECT_EQ(thread.resolution->outcome, "first");
  EXPECT_EQ(thread.update_time, kNow);
  EXPECT_EQ(thread.version, 2);
}

TEST(Resolve, SaysThatAThreadIsClosedBeforeItLooksAtTheOutcome) {
  Thread thread = ThreadOf(ThreadKind::kVisit);
  ASSERT_THAT(Resolve(thread, {.closes = ThreadKind::kVisit}, kAda, kNow),
              Succeeds());
  EXPECT_THAT(Resolve(thread, Outcome{}, kAda, kNow),
              FailsWith(Reason::ALREADY_RESOLVED));
}

}  // namespace
}  // namespace praxis::discussions
