// Judge: what must be true of every run.
#ifndef TESTS_SIMULATION_JUDGE_H_
#define TESTS_SIMULATION_JUDGE_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "tests/simulation/kernel.h"
#include "tests/simulation/tables.h"

namespace praxis::simulation {

// Knows of each scope the last change that took access away and was answered.
// Who asks later must not be told what was true before it. (That numbers have
// no holes is judged by SourceTables, what consumers apply by their tables.)
class Judge {
 public:
  explicit Judge(Kernel& kernel) : kernel_(kernel) {}

  // The call that took access away in `version` of `scope` has answered.
  void Promise(int scope, int64_t version) {
    ++promises;
    promised_[scope] = std::max(promised_[scope], version);
  }

  // What a read that begins now must see.
  int64_t FloorOf(int scope) const { return promised_[scope]; }

  // A read that had to see `floor` was answered by what was true at `version`.
  void Answered(int scope, int64_t floor, int64_t version) {
    ++answers;
    if (version < floor) {
      kernel_.Fail(absl::StrCat("scope ", scope, " was read as of its change ",
                                version, ", though ", floor,
                                " took access away and was answered before"));
    }
  }

  int64_t promises = 0;
  int64_t answers = 0;
  int64_t refusals = 0;

 private:
  Kernel& kernel_;
  std::array<int64_t, kScopes> promised_{};
};

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_JUDGE_H_
