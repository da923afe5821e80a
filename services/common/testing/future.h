// Future: what a callback is given, once it is.
#ifndef SERVICES_COMMON_TESTING_FUTURE_H_
#define SERVICES_COMMON_TESTING_FUTURE_H_

#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace praxis::testing {

// Waits for what the callback Done() is called with, once, by whichever thread.
// One that does not come within a minute ends the test program: it would be a
// callback that got lost.
template <typename T>
class Future {
 public:
  absl::AnyInvocable<void(T)> Done() {
    return [state = state_](T value) {
      state->value = std::move(value);
      state->done.Notify();
    };
  }
  T Get() {
    if (!state_->done.WaitForNotificationWithTimeout(absl::Minutes(1))) {
      std::abort();
    }
    return std::move(state_->value);
  }
  bool IsDone() const { return state_->done.HasBeenNotified(); }

 private:
  struct State {
    T value;
    absl::Notification done;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_TESTING_FUTURE_H_
