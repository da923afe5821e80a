// ServiceToken: the token by which a service calls others.
#ifndef SERVICES_COMMON_RPC_GRPC_SERVICE_TOKEN_H_
#define SERVICES_COMMON_RPC_GRPC_SERVICE_TOKEN_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace praxis::rpc {

// Gets a token from SessionService.ExchangeToken for the service's credential
// (RFC 8693), when it is first asked for, and a new one when two thirds of its
// life are over. As long as a token is good, members may be down: whoever asks
// is given it and need not wait. Thread-safe.
class ServiceToken {
 public:
  // `members` leads to a server of SessionService. `subject_token` is
  // "services/NAME:SECRET" (auth::ServiceCredential::SubjectToken).
  ServiceToken(
      std::shared_ptr<grpc::Channel> members, std::string subject_token,
      std::function<absl::Time()> clock = [] { return absl::Now(); });

  // The token, for one call. Blocks up to 5 s when there is none. After a
  // failure members is not asked again for a moment.
  absl::StatusOr<std::string> Get();

  // Forgets `token`, which a server has refused: its key may be gone.
  void Drop(const std::string& token);

 private:
  // What members gave.
  struct Grant {
    std::string token;
    absl::Time renew_time;
    absl::Time expire_time = absl::InfinitePast();
  };

  absl::StatusOr<Grant> Exchange() const;

  const std::shared_ptr<grpc::Channel> members_;
  const std::string subject_token_;
  const std::function<absl::Time()> clock_;
  absl::Mutex mutex_;
  Grant grant_ ABSL_GUARDED_BY(mutex_);
  // One call fetches; the others have the old token or wait for the new one.
  bool fetching_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time failure_time_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_SERVICE_TOKEN_H_
