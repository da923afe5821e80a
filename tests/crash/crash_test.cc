// Processes are killed again and again while many write; then everything that
// was acknowledged must be there, once.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <ostream>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/crash/budget.h"
#include "tests/crash/crew.h"
#include "tests/crash/judge.h"
#include "tests/crash/killer.h"
#include "tests/crash/reading.h"
#include "tests/crash/stage.h"
#include "tests/system/ground.h"
#include "tests/system/suite.h"
#include "tests/system/waiting.h"

namespace praxis::crash {
namespace {

constexpr int kAuthors = 5;
constexpr size_t kSearches = 400;
constexpr size_t kObjectionsShown = 20;

double Milliseconds(std::vector<absl::Duration> times, double share) {
  if (times.empty()) return 0;
  std::sort(times.begin(), times.end());
  const size_t at = static_cast<size_t>(share * (times.size() - 1) + 0.5);
  return absl::ToDoubleMilliseconds(times[at]);
}

// What the suite runs in and on.
enum class Form { kOneProcess, kFourProcesses, kPostgres };

std::string FormName(Form form) {
  switch (form) {
    case Form::kOneProcess:
      return "OneProcess";
    case Form::kFourProcesses:
      return "FourProcesses";
    case Form::kPostgres:
      return "Postgres";
  }
  return "";
}

std::vector<Failpoint> FailpointsOf(Form form) {
  switch (form) {
    case Form::kOneProcess:
      return FailpointsOfOneProcess();
    case Form::kFourProcesses:
      return FailpointsOfFourProcesses();
    case Form::kPostgres:
      return FailpointsOverPostgres();
  }
  return {};
}

// None but in the form that has them.
std::unique_ptr<system::Ground> GroundOf(Form form) {
  return form == Form::kPostgres ? std::make_unique<system::Ground>() : nullptr;
}

system::Shape ShapeOf(Form form) {
  return form == Form::kOneProcess ? system::Shape::kOneProcess
                                   : system::Shape::kFourProcesses;
}

system::Suite::Options OptionsOver(const system::Ground* ground) {
  if (ground != nullptr) return ground->OptionsFor(/*replicas=*/2);
  return {.flags = [](const auto&) { return system::WithoutRates(); }};
}

std::vector<Server> ServersOf(system::Ground* ground) {
  if (ground == nullptr) return {};
  return {
      {"redis", [ground] { ground->redis().Kill(); },
       [ground] { ground->redis().Start(); }},
      {"postgres", [ground] { ground->postgres().Crash(); },
       [ground] { ground->postgres().Start(); }},
      {"a process of postgres", [ground] { ground->postgres().KillBackend(); },
       [ground] { ground->postgres().Start(); }}};
}

class CrashTest : public ::testing::TestWithParam<Form> {
 protected:
  CrashTest()
      : ground_(GroundOf(GetParam())),
        suite_(ShapeOf(GetParam()), OptionsOver(ground_.get())),
        killer_(suite_, ServersOf(ground_.get()), TheBudget().seed) {}

  // Until the budget is used up: lets some changes happen, then kills, by turns
  // at any moment and at a failpoint.
  void KillWhile(Crew& crew) {
    const Budget& budget = TheBudget();
    std::vector<Failpoint> failpoints = FailpointsOf(GetParam());
    std::mt19937_64 random(budget.seed);
    std::shuffle(failpoints.begin(), failpoints.end(), random);
    size_t next = 0;
    const absl::Time end = absl::Now() + budget.time;
    while ((killer_.kills() < budget.kills || crew.acked() < budget.acks) &&
           absl::Now() < end && !HasFatalFailure()) {
      const int64_t wanted =
          crew.acked() + 1 +
          static_cast<int64_t>(random() % (2 * budget.acks / budget.kills));
      EXPECT_TRUE(system::Eventually([&] { return crew.acked() >= wanted; }))
          << "nothing is acknowledged any more";
      if (random() % 2 == 0) {
        killer_.KillNow();
      } else {
        killer_.KillAt(failpoints[next++ % failpoints.size()]);
      }
      killer_.Restart();
    }
  }

  void Report(int64_t acked, size_t changes, size_t objections) const {
    for (const auto& [name, times] : killer_.reached()) {
      printf("  %d x killed at %s\n", times, name.c_str());
    }
    printf(
        "crash %s: seed %lu, %d kills at %zu of %zu kinds of moments, %ld of "
        "%zu changes acknowledged, %zu objections; ready p50 %.0f ms, p99 %.0f "
        "ms, slowest after %s\n",
        FormName(GetParam()).c_str(), TheBudget().seed, killer_.kills(),
        killer_.reached().size(),
        FailpointsOf(GetParam()).size() + ServersOf(ground_.get()).size(),
        acked, changes, objections, Milliseconds(killer_.times_to_ready(), 0.5),
        Milliseconds(killer_.times_to_ready(), 0.99),
        killer_.slowest().c_str());
  }

  const std::unique_ptr<system::Ground> ground_;
  system::Suite suite_;
  Killer killer_;
};

// How a failure names it.
void PrintTo(Form form, std::ostream* out) { *out << FormName(form); }

INSTANTIATE_TEST_SUITE_P(Forms, CrashTest,
                         ::testing::Values(Form::kOneProcess,
                                           Form::kFourProcesses,
                                           Form::kPostgres),
                         [](const auto& info) { return FormName(info.param); });

TEST_P(CrashTest, KeepsEverythingThatWasAcknowledgedOnce) {
  const uint64_t seed = TheBudget().seed;
  SCOPED_TRACE(absl::StrCat("--seed=", seed));
  ASSERT_NO_FATAL_FAILURE(suite_.Start());
  Stage stage(suite_, kAuthors);
  Crew crew(suite_, stage, seed);
  KillWhile(crew);
  crew.Stop();
  ASSERT_FALSE(HasFatalFailure());

  const History history = crew.history();
  const Record record = ReadRecord(suite_, stage, history, kSearches);
  const std::vector<std::string> objections = Judge(history, record);
  for (size_t i = 0; i < std::min(objections.size(), kObjectionsShown); ++i) {
    ADD_FAILURE() << objections[i];
  }
  EXPECT_EQ(objections.size(), 0u);
  Report(crew.acked(), history.size(), objections.size());
}

}  // namespace
}  // namespace praxis::crash
