// RemoteKeys: members' keys, for who verifies tokens in another process.
#ifndef SERVICES_COMMON_RPC_GRPC_REMOTE_KEYS_H_
#define SERVICES_COMMON_RPC_GRPC_REMOTE_KEYS_H_

#include <memory>

#include "services/common/auth/fetched_keys.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace praxis::rpc {

// The keys of SessionService.GetJwks: fetched as soon as members is there, kept
// when it goes away, and fetched anew every few minutes and when a token names
// a key that is not among them. Thread-safe.
class RemoteKeys : public auth::FetchedKeys {
 public:
  // `members` leads to a server of SessionService.
  explicit RemoteKeys(std::shared_ptr<grpc::Channel> members,
                      Options options = {});
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_REMOTE_KEYS_H_
