#include "services/common/rpc/grpc/remote_keys.h"

#include <utility>
#include <vector>

#include "praxis/members/v1/sessions.pb.h"
#include "services/common/rpc/grpc/channel.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace {

constexpr char kGetJwks[] = "/praxis.members.v1.SessionService/GetJwks";

// Asks members for its keys. Until it has answered once, nobody's token can be
// verified and the call waits for it; later who asks, with a token in hand that
// names an unknown key, is not held up by a members that is down.
class KeyFetch {
 public:
  explicit KeyFetch(std::shared_ptr<grpc::Channel> members)
      : members_(std::move(members)) {}

  absl::StatusOr<std::vector<auth::PublicKey>> operator()() {
    members::v1::Jwks jwks;
    RETURN_IF_ERROR(CallUnary(
        members_, kGetJwks,
        {.timeout = absl::Seconds(3), .wait_for_ready = !has_answered_},
        members::v1::GetJwksRequest(), &jwks));
    has_answered_ = true;
    std::vector<auth::PublicKey> keys;
    for (const members::v1::Jwk& key : jwks.keys()) {
      if (key.kty() != "EC" || key.crv() != "P-256") continue;
      keys.push_back({.kid = key.kid(), .x = key.x(), .y = key.y()});
    }
    return keys;
  }

 private:
  std::shared_ptr<grpc::Channel> members_;
  bool has_answered_ = false;
};

}  // namespace

RemoteKeys::RemoteKeys(std::shared_ptr<grpc::Channel> members, Options options)
    : FetchedKeys(KeyFetch(std::move(members)), std::move(options)) {}

}  // namespace praxis::rpc
