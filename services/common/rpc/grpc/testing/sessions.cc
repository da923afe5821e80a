#include "services/common/rpc/grpc/testing/sessions.h"

#include <utility>

#include "services/common/rpc/host.h"
#include "services/common/status/status.h"

namespace praxis::testing {
namespace {

absl::Status NobodySignsIn() {
  return Error(errors::v1::CREDENTIALS_INVALID, "Nobody signs in here.");
}

}  // namespace

FakeSessions::FakeSessions(TestHost& host) : host_(host) {
  methods_.Add(this, &FakeSessions::CreateSession);
  methods_.Add(this, &FakeSessions::RefreshSession);
  methods_.Add(this, &FakeSessions::ExchangeToken);
  methods_.Add(this, &FakeSessions::GetJwks);
  const rpc::Pipeline::Parts parts = {.methods = methods_,
                                      .access = access_,
                                      .sealer = sealer_,
                                      .host = host.host()};
  pipeline_ = std::make_unique<rpc::Pipeline>(parts, rpc::PipelineOptions());
}

void FakeSessions::SetLifeSeconds(int seconds) {
  absl::MutexLock lock(&mutex_);
  life_s_ = seconds;
}

void FakeSessions::SetToken(const std::string& token) {
  absl::MutexLock lock(&mutex_);
  token_ = token;
}

void FakeSessions::SetKeys(std::vector<auth::PublicKey> keys) {
  absl::MutexLock lock(&mutex_);
  keys_ = std::move(keys);
}

int FakeSessions::exchanges() const {
  absl::MutexLock lock(&mutex_);
  return exchanges_;
}

absl::StatusOr<members::v1::SessionTokens> FakeSessions::CreateSession(
    const rpc::Call&, const members::v1::CreateSessionRequest&) {
  return NobodySignsIn();
}

absl::StatusOr<members::v1::SessionTokens> FakeSessions::RefreshSession(
    const rpc::Call&, const members::v1::RefreshSessionRequest&) {
  return NobodySignsIn();
}

absl::StatusOr<members::v1::ExchangeTokenResponse> FakeSessions::ExchangeToken(
    const rpc::Call&, const members::v1::ExchangeTokenRequest& request) {
  absl::MutexLock lock(&mutex_);
  ++exchanges_;
  if (request.subject_token_type() !=
          "urn:praxis:token-type:service-credential" ||
      request.subject_token() != "services/discussions:secret") {
    return Error(errors::v1::TOKEN_INVALID, "The credential is not known.");
  }
  members::v1::ExchangeTokenResponse response;
  response.set_access_token(
      token_.empty() ? host_.TokenFor("services/discussions") : token_);
  response.set_issued_token_type(
      "urn:ietf:params:oauth:token-type:access_token");
  response.set_expires_in_s(life_s_);
  return response;
}

absl::StatusOr<members::v1::Jwks> FakeSessions::GetJwks(
    const rpc::Call&, const members::v1::GetJwksRequest&) {
  absl::MutexLock lock(&mutex_);
  members::v1::Jwks jwks;
  for (const auth::PublicKey& key : keys_) {
    members::v1::Jwk* added = jwks.add_keys();
    added->set_kty("EC");
    added->set_crv("P-256");
    added->set_alg("ES256");
    added->set_use("sig");
    added->set_kid(key.kid);
    added->set_x(key.x);
    added->set_y(key.y);
  }
  return jwks;
}

}  // namespace praxis::testing
