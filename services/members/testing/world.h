// World: a members service with people and communities in it, for tests.
#ifndef SERVICES_MEMBERS_TESTING_WORLD_H_
#define SERVICES_MEMBERS_TESTING_WORLD_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/auth/service_credential.h"
#include "services/common/auth/token.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/matchers.h"
#include "services/members/domain/community.h"
#include "services/members/domain/role.h"
#include "services/members/server.h"

namespace praxis::members {

// A whole server in memory, called through its pipeline, with a clock that
// stands still. What is added is written to the tables at once: it announces
// nothing and costs no password hash.
class World {
 public:
  World();

  MembersServer& server() { return *server_; }
  auth::TokenSigner& signer() { return *signer_; }
  const auth::ServiceCredential& credential() const { return *credential_; }

  absl::Time now() const { return absl::FromUnixMicros(now_us_); }
  void Advance(absl::Duration duration) {
    now_us_ += absl::ToInt64Microseconds(duration);
  }

  // The person "members/ID", whose handle is the id. The password, if any, is
  // the only one that signs in.
  void AddMember(absl::string_view id, absl::string_view password = "");
  void AddCommunity(absl::string_view id,
                    Visibility visibility = Visibility::kPublic,
                    JoinPolicy policy = JoinPolicy::kOpen);
  // The person need not be there.
  void AddMembership(absl::string_view community, absl::string_view member,
                     Role role);

  // Calls as a principal, "members/ada"; empty is anyone.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(absl::string_view as, const Request& request) {
    return caller_->Call<Response>(as, request);
  }

  // What was announced since it was last asked for.
  std::vector<events::v1::Event> Announced();
  // Likewise, as "membership.created communities/lean/memberships/bob".
  std::vector<std::string> Events();

  // Every row that `sql` gives, its columns joined by "|".
  std::vector<std::string> Rows(const char* sql, int columns);

 private:
  testing::TemporaryFolder folder_;
  testing::TestHost host_;
  std::unique_ptr<auth::TokenSigner> signer_;
  std::unique_ptr<auth::ServiceCredential> credential_;
  std::atomic<int64_t> now_us_;
  std::unique_ptr<MembersServer> server_;
  std::unique_ptr<testing::Caller> caller_;
  int64_t seen_ = 0;
};

// Small enough that a test may sign in a hundred times.
inline constexpr auth::PasswordCost kCheap = {.passes = 1,
                                              .memory_bytes = 64 << 10};

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_TESTING_WORLD_H_
