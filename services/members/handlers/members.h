// MemberService: people.
#ifndef SERVICES_MEMBERS_HANDLERS_MEMBERS_H_
#define SERVICES_MEMBERS_HANDLERS_MEMBERS_H_

#include "absl/status/statusor.h"
#include "praxis/members/v1/members.pb.h"
#include "services/common/rpc/call.h"
#include "services/common/sql/database.h"
#include "services/members/handlers/passwords.h"
#include "services/members/handlers/sign_in.h"

namespace praxis::members {

// The methods of MemberService, as members.proto describes them. Thread-safe.
class Members {
 public:
  // All must outlive this.
  Members(sql::Database& db, Passwords& passwords, SignIn& sign_in)
      : db_(db), passwords_(passwords), sign_in_(sign_in) {}

  // Makes an account and its first session, in two writes: only the first is
  // repeated by request_id. NAME_TAKEN, OVERLOADED.
  absl::StatusOr<v1::RegisterMemberResponse> RegisterMember(
      const rpc::Call& call, const v1::RegisterMemberRequest& request);

  // One person, with the email if it is the caller. RESOURCE_NOT_FOUND.
  absl::StatusOr<v1::Member> GetMember(const rpc::Call& call,
                                       const v1::GetMemberRequest& request);

  // Changes the caller's own profile. NOT_AUTHOR for anyone else's, there or
  // not; ETAG_MISMATCH, MASK_INVALID, NAME_TAKEN.
  absl::StatusOr<v1::Member> UpdateMember(
      const rpc::Call& call, const v1::UpdateMemberRequest& request);

 private:
  sql::Database& db_;
  Passwords& passwords_;
  SignIn& sign_in_;
};

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_HANDLERS_MEMBERS_H_
