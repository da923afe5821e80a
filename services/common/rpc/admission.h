// Admission: everything that is decided about a call before its handler runs.
#ifndef SERVICES_COMMON_RPC_ADMISSION_H_
#define SERVICES_COMMON_RPC_ADMISSION_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/access/access.h"
#include "services/common/auth/secrets.h"
#include "services/common/auth/token.h"
#include "services/common/rpc/call.h"
#include "services/common/rpc/host.h"
#include "services/common/rpc/methods.h"

namespace praxis::rpc {

// Verifies the caller and holds the call against the method's policy, then
// the message against its field rules. In that order: who may not call learns
// neither whether something exists nor how a message should look. Thread-safe.
class Admission {
 public:
  // All outlive this.
  Admission(auth::TokenVerifier& tokens, access::Access& access,
            const auth::Sealer& sealer, const CallRates& rates = {})
      : tokens_(tokens), access_(access), sealer_(sealer), rates_(rates) {}

  // Parses `bytes` into the empty `request` and decides. Fills what it finds
  // out into `call`, whose time, deadline and cancel flag are set.
  //
  // On a thread that must not wait for other processes, `must_wait` is given:
  // it becomes true, and the answer means nothing, where that would be needed.
  absl::Status Admit(const Handler& handler, absl::string_view token,
                     absl::string_view bytes, Call* call, Message* request,
                     bool* must_wait = nullptr);

  // Whether a stream that was let in may go on at `now`: asks again for what
  // may have been taken back since, and for the token if it is not empty.
  absl::Status AdmitAgain(const Handler& handler, absl::string_view token,
                          const Message& request, const Call& call,
                          absl::Time now);

 private:
  absl::Status Identify(const Handler& handler, absl::string_view token,
                        Call* call);
  // RATE_LIMITED for a person who calls too often, or when too many do who have
  // not signed in. A call is counted once.
  absl::Status Count(const Handler& handler, Call* call) const;
  absl::Status Authorize(const Handler& handler, const Message& request,
                         Call* call, bool* must_wait);

  auth::TokenVerifier& tokens_;
  access::Access& access_;
  const auth::Sealer& sealer_;
  const CallRates rates_;
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_ADMISSION_H_
