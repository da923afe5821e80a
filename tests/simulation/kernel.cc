#include "tests/simulation/kernel.h"

#include "absl/strings/str_cat.h"

namespace praxis::simulation {

void Kernel::RunUntil(Micros end) {
  while (!failed() && !queue_.empty() && queue_.top().time <= end) {
    const Event event = queue_.top();
    queue_.pop();
    now_ = std::max(now_, event.time);
    Slot& slot = slots_[event.wait.slot];
    if (slot.turn != event.wait.turn || !slot.parked) continue;
    std::exchange(slot.parked, {}).resume();
  }
  now_ = std::max(now_, end);
}

void Kernel::Fail(const std::string& what) {
  if (!failed()) failure_ = absl::StrCat("at ", now_, " us: ", what);
}

Wait::Wait(Kernel& kernel) : kernel_(kernel) {
  if (kernel.free_.empty()) {
    ref_.slot = static_cast<uint32_t>(kernel.slots_.size());
    kernel.slots_.emplace_back();
  } else {
    ref_.slot = kernel.free_.back();
    kernel.free_.pop_back();
  }
  ref_.turn = kernel.slots_[ref_.slot].turn;
}

Wait::~Wait() {
  Kernel::Slot& slot = kernel_.slots_[ref_.slot];
  ++slot.turn;
  slot.parked = {};
  kernel_.free_.push_back(ref_.slot);
}

void Node::Run(Process process) {
  constexpr size_t kSweepAt = 16;
  if (processes_.size() >= kSweepAt) {
    std::erase_if(processes_, [](const Process& p) { return p.done(); });
  }
  processes_.push_back(std::move(process));
  processes_.back().Begin();
}

void Node::RunCaller(Process process) {
  std::erase_if(callers_, [](const Process& p) { return p.done(); });
  callers_.push_back(std::move(process));
  callers_.back().Begin();
}

void Node::Crash() {
  up_ = false;
  ++life_;
  processes_.clear();
  if (calls == 0) callers_.clear();
}

}  // namespace praxis::simulation
