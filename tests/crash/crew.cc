#include "tests/crash/crew.h"

namespace praxis::crash {
namespace {

constexpr int kWriters = 10;
constexpr int kUploaders = 2;

}  // namespace

Crew::Crew(const system::Suite& suite, Stage& stage, uint64_t seed)
    : stage_(stage) {
  for (int i = 0; i < kWriters + kUploaders; ++i) {
    writers_.push_back(std::make_unique<Writer>(suite, stage, work_, i, seed));
    threads_.emplace_back([writer = writers_.back().get(), i] {
      if (i < kWriters) {
        writer->Run();
      } else {
        writer->RunUploads();
      }
    });
  }
}

void Crew::Stop() {
  work_.stop = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

History Crew::history() const {
  History history = stage_.history();
  for (const auto& writer : writers_) {
    history.insert(history.end(), writer->history().begin(),
                   writer->history().end());
  }
  return history;
}

}  // namespace praxis::crash
