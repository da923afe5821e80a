// Passwords: hashing and checking, a few at a time.
#ifndef SERVICES_MEMBERS_HANDLERS_PASSWORDS_H_
#define SERVICES_MEMBERS_HANDLERS_PASSWORDS_H_

#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "services/common/auth/secrets.h"

namespace praxis::members {

// Hashes passwords and compares them, on the calling thread.
//
// One takes about 64 MiB and 50 ms, far more than any other call: if every
// worker did it at once, sign-ins alone would take the memory and the time of
// the whole process. So only a few run at a time, a few more wait, and the next
// is refused at once. Thread-safe.
class Passwords {
 public:
  struct Options {
    int parallel_max = 2;
    int waiting_max = 32;
    auth::PasswordCost cost;
  };
  explicit Passwords(Options options);

  // How the password is stored. OVERLOADED.
  absl::StatusOr<std::string> Hash(absl::string_view password);

  // Whether `password` has this hash. Without a hash (no such account) it is
  // compared to a hash of nothing anybody knows, so that the answer takes as
  // long and tells nothing. OVERLOADED.
  absl::StatusOr<bool> Match(const std::optional<std::string>& hash,
                             absl::string_view password);

 private:
  class Turn;

  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return running_ < options_.parallel_max;
  }

  const Options options_;
  const std::string nobodys_hash_;
  absl::Mutex mutex_;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_HANDLERS_PASSWORDS_H_
