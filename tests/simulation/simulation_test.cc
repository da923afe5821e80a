// Deterministic simulation of the log, its relay, its consumers, their leases
// the cache and what gateways keep, over simulated time, network, databases and
// Redis.
//
//   simulation_test              5,000 seeds, and each bug until it is caught
//   ... --seeds=100000           more of them, from --seed=S on
//   ... --seed=S                 that one, again
//   ... --seed=S --bug=NAME      with something wrong, see bug.h
#include <chrono>
#include <cstdint>
#include <iostream>
#include <ostream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/simulation/bug.h"
#include "tests/simulation/world.h"

namespace praxis::simulation {

void PrintTo(const BugName& bug, std::ostream* out) { *out << bug.name; }

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What the command line asks for.
struct Flags {
  uint64_t seeds = 5'000;
  uint64_t seed = 1;
  bool has_seed = false;
  std::string bug;
};

Flags& TheFlags() {
  static Flags& flags = *new Flags;
  return flags;
}

Outcome RunSeed(uint64_t seed, Bug bug) { return World(seed, bug).Run(); }

TEST(SimulationTest, KeepsEveryPromiseWhateverHappens) {
  const Flags& flags = TheFlags();
  if (!flags.bug.empty()) GTEST_SKIP() << "asked for a bug";
  const auto start = std::chrono::steady_clock::now();
  Outcome sum;
  uint64_t failures = 0;
  for (uint64_t seed = flags.seed; seed < flags.seed + flags.seeds; ++seed) {
    const Outcome outcome = RunSeed(seed, Bug::kNone);
    sum += outcome;
    if (outcome.failure.empty()) continue;
    ADD_FAILURE() << "--seed=" << seed << ": " << outcome.failure;
    if (++failures == 10) break;
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  std::cout << "simulation: " << flags.seeds << " seeds from " << flags.seed
            << ", " << failures << " violations, "
            << static_cast<int64_t>(flags.seeds / seconds) << " seeds/s, "
            << sum.steps << " steps, " << sum.events << " events, "
            << sum.promises << " revocations answered, " << sum.answers
            << " reads answered and " << sum.refusals << " refused, "
            << sum.cache_hits << " cache hits, " << sum.gateway_hits
            << " of gateways\n";
}

TEST(SimulationTest, IsTheSameForTheSameSeed) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(RunSeed(seed, Bug::kNone).steps, RunSeed(seed, Bug::kNone).steps);
  }
}

// With one bug.
class SimulationOfBugTest : public ::testing::TestWithParam<BugName> {};

TEST_P(SimulationOfBugTest, Catches) {
  constexpr uint64_t kSeedsMax = 10'000;
  const Flags& flags = TheFlags();
  const BugName bug = GetParam();
  if (!flags.bug.empty() && flags.bug != bug.name) GTEST_SKIP();
  if (flags.bug.empty() && flags.has_seed) GTEST_SKIP() << "asked for a seed";
  const uint64_t last =
      flags.has_seed ? flags.seed : flags.seed + kSeedsMax - 1;
  for (uint64_t seed = flags.seed; seed <= last; ++seed) {
    const Outcome outcome = RunSeed(seed, bug.bug);
    if (outcome.failure.empty()) continue;
    ASSERT_THAT(outcome.failure, Not(HasSubstr("not simulated")));
    std::cout << bug.name << " (" << bug.text << "): caught by seed " << seed
              << ", " << outcome.failure << "\n";
    return;
  }
  ADD_FAILURE() << bug.name << " was not caught";
}

INSTANTIATE_TEST_SUITE_P(All, SimulationOfBugTest, ::testing::ValuesIn(kBugs),
                         [](const auto& param) {
                           const absl::string_view name = param.param.name;
                           return std::string(name.data(), name.size());
                         });

bool ReadFlag(absl::string_view argument) {
  Flags& flags = TheFlags();
  if (absl::ConsumePrefix(&argument, "--seeds=")) {
    return absl::SimpleAtoi(argument, &flags.seeds);
  }
  if (absl::ConsumePrefix(&argument, "--seed=")) {
    flags.has_seed = true;
    return absl::SimpleAtoi(argument, &flags.seed);
  }
  if (absl::ConsumePrefix(&argument, "--bug=")) {
    flags.bug = std::string(argument.data(), argument.size());
    return true;
  }
  return false;
}

}  // namespace
}  // namespace praxis::simulation

int main(int argc, char** argv) {
  ::testing::InitGoogleMock(&argc, argv);
  bool has_seeds = false;
  for (int i = 1; i < argc; ++i) {
    if (!praxis::simulation::ReadFlag(argv[i])) {
      std::cerr << "what is " << argv[i] << "?\n";
      return 2;
    }
    has_seeds = has_seeds || absl::StartsWith(argv[i], "--seeds=");
  }
  praxis::simulation::Flags& flags = praxis::simulation::TheFlags();
  if (flags.has_seed && !has_seeds) flags.seeds = 1;
  return RUN_ALL_TESTS();
}
