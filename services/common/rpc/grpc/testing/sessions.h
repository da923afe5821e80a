// FakeSessions: SessionService as the clients of this folder need it.
#ifndef SERVICES_COMMON_RPC_GRPC_TESTING_SESSIONS_H_
#define SERVICES_COMMON_RPC_GRPC_TESTING_SESSIONS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "praxis/members/v1/sessions.pb.h"
#include "services/common/auth/secrets.h"
#include "services/common/auth/token.h"
#include "services/common/rpc/call.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"
#include "services/common/testing/access.h"
#include "services/common/testing/caller.h"

namespace praxis::testing {

// Grants the token of "services/discussions" to the credential
// "services/discussions:secret". Thread-safe.
class FakeSessions {
 public:
  explicit FakeSessions(TestHost& host);

  rpc::Pipeline& pipeline() { return *pipeline_; }

  // Tokens granted from here on are good for so long, as they say.
  void SetLifeSeconds(int seconds);
  // Tokens granted from here on are these bytes; empty: real ones.
  void SetToken(const std::string& token);
  void SetKeys(std::vector<auth::PublicKey> keys);
  // How often ExchangeToken was called.
  int exchanges() const;

  absl::StatusOr<members::v1::SessionTokens> CreateSession(
      const rpc::Call& call, const members::v1::CreateSessionRequest& request);
  absl::StatusOr<members::v1::SessionTokens> RefreshSession(
      const rpc::Call& call, const members::v1::RefreshSessionRequest& request);
  absl::StatusOr<members::v1::ExchangeTokenResponse> ExchangeToken(
      const rpc::Call& call, const members::v1::ExchangeTokenRequest& request);
  absl::StatusOr<members::v1::Jwks> GetJwks(
      const rpc::Call& call, const members::v1::GetJwksRequest& request);

 private:
  TestHost& host_;
  StaticAccess access_;
  const auth::Sealer sealer_ = auth::Sealer::Random();
  rpc::Methods methods_;
  std::unique_ptr<rpc::Pipeline> pipeline_;
  mutable absl::Mutex mutex_;
  int life_s_ ABSL_GUARDED_BY(mutex_) = 600;
  int exchanges_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string token_ ABSL_GUARDED_BY(mutex_);
  std::vector<auth::PublicKey> keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_RPC_GRPC_TESTING_SESSIONS_H_
