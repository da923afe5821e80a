// Authority: the service that says who is who and who may do what.
#ifndef SERVICES_COMMON_PROGRAM_AUTHORITY_H_
#define SERVICES_COMMON_PROGRAM_AUTHORITY_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "services/common/auth/service_credential.h"
#include "services/common/rpc/grpc/channel.h"
#include "services/common/rpc/grpc/event_source.h"
#include "services/common/rpc/grpc/remote_keys.h"
#include "services/common/rpc/grpc/service_token.h"

namespace praxis::program {

// What a program needs of the authority in another process: the keys that
// verify tokens, a token of its own, and the events of access.
class Authority {
 public:
  // `address` as rpc::OpenChannel takes it, `name` its name in events; `self`
  // is the program's own service, "services/...".
  Authority(const std::string& address, const std::string& name,
            const auth::ServiceCredential& credential, absl::string_view self)
      : channel_(rpc::OpenChannel(address)),
        keys_(channel_),
        token_(channel_, credential.SubjectToken(self)),
        events_(channel_, token_, name) {}

  auth::KeySource& keys() { return keys_; }
  rpc::ServiceToken& token() { return token_; }
  events::Source& events() { return events_; }

 private:
  const std::shared_ptr<grpc::Channel> channel_;
  rpc::RemoteKeys keys_;
  rpc::ServiceToken token_;
  rpc::GrpcSource events_;
};

}  // namespace praxis::program

#endif  // SERVICES_COMMON_PROGRAM_AUTHORITY_H_
