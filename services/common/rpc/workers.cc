#include "services/common/rpc/workers.h"

#include <utility>

namespace praxis::rpc {

Workers::Workers(Options options) : options_(options) {
  threads_.reserve(options_.threads);
  for (int i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this] { Loop(); });
  }
}

Workers::~Workers() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

bool Workers::Run(absl::AnyInvocable<void()>& work) {
  absl::MutexLock lock(&mutex_);
  if (queue_.size() >= static_cast<size_t>(options_.queue_max)) return false;
  queue_.push_back(std::move(work));
  return true;
}

void Workers::Loop() {
  while (true) {
    absl::AnyInvocable<void()> work;
    {
      absl::MutexLock lock(&mutex_, absl::Condition(this, &Workers::HasWork));
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

}  // namespace praxis::rpc
