// The crash tests. Beside GoogleTest's flags it takes --seed=N, --kills=N,
// --acks=N and --seconds=N, each for one shape.
#include <random>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "tests/crash/budget.h"

namespace praxis::crash {
namespace {

bool ReadFlag(absl::string_view flag, absl::string_view name, int64_t* value) {
  return absl::ConsumePrefix(&flag, name) && absl::SimpleAtoi(flag, value);
}

int Main(int argc, char** argv) {
  ::testing::InitGoogleMock(&argc, argv);
  Budget& budget = TheBudget();
  budget.seed = std::random_device()() % 1'000'000;
  for (int i = 1; i < argc; ++i) {
    int64_t value = 0;
    if (ReadFlag(argv[i], "--seed=", &value)) {
      budget.seed = value;
    } else if (ReadFlag(argv[i], "--kills=", &value)) {
      budget.kills = static_cast<int>(value);
    } else if (ReadFlag(argv[i], "--acks=", &value)) {
      budget.acks = value;
    } else if (ReadFlag(argv[i], "--seconds=", &value)) {
      budget.time = absl::Seconds(value);
    } else {
      printf("what is %s?\n", argv[i]);
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}

}  // namespace

Budget& TheBudget() {
  static Budget& budget = *new Budget;
  return budget;
}

}  // namespace praxis::crash

int main(int argc, char** argv) { return praxis::crash::Main(argc, argv); }
