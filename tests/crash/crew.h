// Crew: all the writers of a crash test.
#ifndef TESTS_CRASH_CREW_H_
#define TESTS_CRASH_CREW_H_

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "tests/crash/history.h"
#include "tests/crash/stage.h"
#include "tests/crash/writer.h"

namespace praxis::crash {

// Ten who write and two who upload, each on a thread of its own, until they are
// stopped.
class Crew {
 public:
  // All outlive it.
  Crew(const system::Suite& suite, Stage& stage, uint64_t seed);
  ~Crew() { Stop(); }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  int64_t acked() const { return work_.acked; }
  // Waits until every change under way has come to its end.
  void Stop();
  // After Stop: what all of them did, after the making of the stage.
  History history() const;

 private:
  const Stage& stage_;
  Work work_;
  std::vector<std::unique_ptr<Writer>> writers_;
  std::vector<std::thread> threads_;
};

}  // namespace praxis::crash

#endif  // TESTS_CRASH_CREW_H_
