// How far a projection is behind, as an operator sees it.
#ifndef TESTS_CHAOS_LAG_H_
#define TESTS_CHAOS_LAG_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "tests/system/suite.h"
#include "tests/system/world.h"

namespace praxis::chaos {

// A gauge or counter without labels, or the first with any, as /metrics of a
// port has it.
std::optional<double> MetricOf(int port, const std::string& name);

// Somebody who joins and leaves a community of their own making, so that
// members has news.
class Newsmaker {
 public:
  // The suite serves the metrics of services.
  explicit Newsmaker(const system::Suite& suite);

  // Somebody joins; how long after the answer the process `part` has applied
  // it. None when it has not within `limit`.
  std::optional<absl::Duration> MakeNews(const std::string& part,
                                         absl::Duration limit);

 private:
  const system::Suite& suite_;
  system::Person ada_;
  system::Person bob_;
  system::Caller service_;
};

}  // namespace praxis::chaos

#endif  // TESTS_CHAOS_LAG_H_
