// Together: one thing done by many at once, in tests.
#ifndef SERVICES_MEMBERS_TESTING_TOGETHER_H_
#define SERVICES_MEMBERS_TESTING_TOGETHER_H_

#include <functional>
#include <thread>
#include <vector>

#include "absl/status/status.h"

namespace praxis::members {

// What `call` answered to each of 0 ... count - 1, called on as many threads.
inline std::vector<absl::Status> Together(
    int count, const std::function<absl::Status(int)>& call) {
  std::vector<absl::Status> statuses(count);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] { statuses[i] = call(i); });
  }
  for (std::thread& thread : threads) thread.join();
  return statuses;
}

// How many of them went well.
inline int CountOk(const std::vector<absl::Status>& statuses) {
  int ok = 0;
  for (const absl::Status& status : statuses) ok += status.ok();
  return ok;
}

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_TESTING_TOGETHER_H_
