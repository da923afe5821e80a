// Call: what a handler knows about the request besides the message.
#ifndef SERVICES_COMMON_RPC_CALL_H_
#define SERVICES_COMMON_RPC_CALL_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/access/access.h"
#include "services/common/auth/principal.h"
#include "services/common/sql/database.h"
#include "services/common/telemetry/trace.h"

namespace google::protobuf {
class MethodDescriptor;
}  // namespace google::protobuf

namespace praxis::auth {
class Sealer;
}  // namespace praxis::auth

namespace praxis::rpc {

// Set once the caller is gone or the server stops waiting. Shared by the
// transport, which sets it, and the work, which looks.
using CancelFlag = std::shared_ptr<std::atomic<bool>>;

// One call that the pipeline has let through: the caller is verified, holds
// what the method's policy asks for, and the message keeps its field rules.
struct Call {
  const google::protobuf::MethodDescriptor* method = nullptr;
  auth::Principal caller;
  // Where the caller stands in the scope the policy names. Default when the
  // policy names none or the scope is "-".
  access::Standing standing;
  // When it came in: what create_time and update_time are set to.
  absl::Time time;
  // When the caller stops waiting.
  absl::Time deadline = absl::InfiniteFuture();
  // W3C trace id, 32 hex digits.
  std::string trace_id;
  // What this call is in that trace.
  telemetry::Span span;
  // Whether it was counted against its caller's rate.
  bool counted = false;
  // Keyed digest of the message, for idempotency.
  std::string digest;
  CancelFlag cancelled;
  // Seals page tokens.
  const auth::Sealer* sealer = nullptr;
};

// How long the call's work in the database is wanted.
inline sql::Limit LimitOf(const Call& call) {
  return {.deadline = call.deadline, .cancelled = call.cancelled};
}

// Reads for `call`: db.Read, until it is not wanted any more.
inline absl::Status Read(const Call& call, sql::Database& db,
                         absl::FunctionRef<absl::Status(sql::Reader&)> body) {
  return db.Read(body, LimitOf(call));
}

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_CALL_H_
