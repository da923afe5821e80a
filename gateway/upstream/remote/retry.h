// When a call that has failed is tried again.
#ifndef GATEWAY_UPSTREAM_REMOTE_RETRY_H_
#define GATEWAY_UPSTREAM_REMOTE_RETRY_H_

#include <atomic>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace google::protobuf {
class MethodDescriptor;
}  // namespace google::protobuf

namespace praxis::gateway {

// Attempts at one call, the first included.
inline constexpr int kAttemptsMax = 3;

// How long to wait before the next attempt at a call of which `attempts` have
// been made and the last ended with `status`; none when there is no next one:
// only what is UNAVAILABLE is tried again, and only while `left` of the call's
// time allows. The pause is random, from nothing to a limit that grows ("full
// jitter"), and as long at least as the backend asks for by RetryInfo or by
// `pushback`, the text of grpc-retry-pushback-ms (gRFC A6), which may also
// forbid it; empty: it says nothing.
std::optional<absl::Duration> PauseBefore(int attempts,
                                          const absl::Status& status,
                                          absl::string_view pushback,
                                          absl::Duration left);

// Which calls of a method may be made twice.
class Repeatable {
 public:
  explicit Repeatable(const google::protobuf::MethodDescriptor& method);

  // The method changes nothing or says that it may be repeated
  // (idempotency_level), or the request carries a request_id, with which it
  // acts once.
  bool Is(absl::string_view request) const;
  // The method itself may be repeated: it changes nothing, or says so.
  bool always() const { return always_; }

 private:
  const bool always_;
  // The number of request_id; 0 where there is none.
  const uint32_t request_id_;
};

// Retries of one backend: a tenth of its calls, and a hundred at once. So
// retries add to an outage's load no more than that. Thread-safe.
class RetryBudget {
 public:
  // A call is made for the first time.
  void Deposit();
  // False when there is none left.
  bool Withdraw();

 private:
  static constexpr int64_t kTenthsMax = 1000;
  static constexpr int64_t kRetryTenths = 10;
  std::atomic<int64_t> tenths_{kTenthsMax};
};

}  // namespace praxis::gateway

#endif  // GATEWAY_UPSTREAM_REMOTE_RETRY_H_
