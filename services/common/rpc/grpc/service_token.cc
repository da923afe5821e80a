#include "services/common/rpc/grpc/service_token.h"

#include <utility>

#include "praxis/members/v1/sessions.pb.h"
#include "services/common/rpc/grpc/channel.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace {

constexpr char kExchangeToken[] =
    "/praxis.members.v1.SessionService/ExchangeToken";
constexpr char kCredentialType[] = "urn:praxis:token-type:service-credential";
// After a failure; short, for members may just be starting.
constexpr absl::Duration kRetryAfter = absl::Milliseconds(200);
// What a call with the token may still take, and clocks may differ.
constexpr absl::Duration kMargin = absl::Seconds(10);

}  // namespace

ServiceToken::ServiceToken(std::shared_ptr<grpc::Channel> members,
                           std::string subject_token,
                           std::function<absl::Time()> clock)
    : members_(std::move(members)),
      subject_token_(std::move(subject_token)),
      clock_(std::move(clock)) {}

absl::StatusOr<std::string> ServiceToken::Get() {
  absl::MutexLock lock(&mutex_);
  while (true) {
    const absl::Time now = clock_();
    const bool good = now < grant_.expire_time - kMargin;
    const bool wanted = now >= grant_.renew_time || !good;
    // A clock that was set back does not stop us either.
    const bool pausing =
        now >= failure_time_ && now < failure_time_ + kRetryAfter;
    if (good && (!wanted || fetching_ || pausing)) {
      return grant_.token;
    }
    if (!fetching_) {
      if (pausing) return failure_;
      break;
    }
    const auto fetched = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !fetching_;
    };
    mutex_.Await(absl::Condition(&fetched));
  }
  fetching_ = true;
  mutex_.Unlock();
  absl::StatusOr<Grant> grant = Exchange();
  mutex_.Lock();
  fetching_ = false;
  if (grant.ok()) {
    grant_ = *std::move(grant);
    return grant_.token;
  }
  failure_ = grant.status();
  failure_time_ = clock_();
  if (clock_() < grant_.expire_time - kMargin) return grant_.token;
  return failure_;
}

void ServiceToken::Drop(const std::string& token) {
  absl::MutexLock lock(&mutex_);
  if (grant_.token == token) grant_ = Grant();
}

absl::StatusOr<ServiceToken::Grant> ServiceToken::Exchange() const {
  members::v1::ExchangeTokenRequest request;
  request.set_subject_token_type(kCredentialType);
  request.set_subject_token(subject_token_);
  // Its life is counted from before it was asked for.
  const absl::Time now = clock_();
  members::v1::ExchangeTokenResponse response;
  RETURN_IF_ERROR(CallUnary(members_, kExchangeToken, {}, request, &response));
  const absl::Duration life = absl::Seconds(response.expires_in_s());
  return Grant{.token = response.access_token(),
               .renew_time = now + life * 2 / 3,
               .expire_time = now + life};
}

}  // namespace praxis::rpc
