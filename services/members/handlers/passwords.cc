#include "services/members/handlers/passwords.h"

#include "absl/time/time.h"
#include "services/common/status/status.h"

namespace praxis::members {

namespace {

absl::Status Overloaded() {
  return RetryAfter(
      Error(Reason::OVERLOADED, "Too many people are signing in; try again."),
      absl::Seconds(1));
}

}  // namespace

// The right to run one, from when its turn came until it is destroyed.
class Passwords::Turn {
 public:
  explicit Turn(Passwords& passwords) : passwords_(passwords) {
    absl::MutexLock lock(&passwords_.mutex_);
    if (!passwords_.HasRoom()) {
      if (passwords_.waiting_ >= passwords_.options_.waiting_max) return;
      ++passwords_.waiting_;
      passwords_.mutex_.Await(
          absl::Condition(&passwords_, &Passwords::HasRoom));
      --passwords_.waiting_;
    }
    ++passwords_.running_;
    granted_ = true;
  }
  ~Turn() {
    if (!granted_) return;
    absl::MutexLock lock(&passwords_.mutex_);
    --passwords_.running_;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  bool granted() const { return granted_; }

 private:
  Passwords& passwords_;
  bool granted_ = false;
};

Passwords::Passwords(Options options)
    : options_(options),
      nobodys_hash_(
          auth::HashPassword(auth::RandomToken(), options.cost).value_or("")) {}

absl::StatusOr<std::string> Passwords::Hash(absl::string_view password) {
  Turn turn(*this);
  if (!turn.granted()) return Overloaded();
  return auth::HashPassword(password, options_.cost);
}

absl::StatusOr<bool> Passwords::Match(const std::optional<std::string>& hash,
                                      absl::string_view password) {
  Turn turn(*this);
  if (!turn.granted()) return Overloaded();
  const bool matches =
      auth::PasswordMatches(hash.value_or(nobodys_hash_), password);
  return matches && hash.has_value();
}

}  // namespace praxis::members
