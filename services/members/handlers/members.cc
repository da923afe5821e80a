#include "services/members/handlers/members.h"

#include <string>
#include <utility>

#include "services/common/events/log.h"
#include "services/common/rpc/etag.h"
#include "services/common/rpc/fields.h"
#include "services/common/rpc/id.h"
#include "services/common/rpc/mask.h"
#include "services/common/rpc/write.h"
#include "services/common/status/status.h"
#include "services/members/convert.h"
#include "services/members/domain/member.h"
#include "services/members/handlers/events.h"
#include "services/members/handlers/person.h"
#include "services/members/store/members.h"

namespace praxis::members {

// The tokens are made anew each time and are never kept with the request_id. A
// retry that is answered from there has not proven that it knows the password
// of today, so it signs in like anyone.
absl::StatusOr<v1::RegisterMemberResponse> Members::RegisterMember(
    const rpc::Call& call, const v1::RegisterMemberRequest& request) {
  ASSIGN_OR_RETURN(Member member, FromProto(request));
  member.id = rpc::NewId(call.time);
  member.create_time = member.update_time = call.time;
  ASSIGN_OR_RETURN(const std::string hash, passwords_.Hash(request.password()));

  // Hashing is done by now: the one thread that writes must not wait for it.
  bool is_new = false;
  ASSIGN_OR_RETURN(
      v1::Member registered,
      rpc::Write(call, db_, request.request_id(),
                 [&](sql::Tx& tx) -> absl::StatusOr<v1::Member> {
                   is_new = true;
                   RETURN_IF_ERROR(store::CheckNamesFree(tx, member));
                   RETURN_IF_ERROR(store::InsertMember(tx, member, hash));
                   v1::Member proto = ToProto(member);
                   RETURN_IF_ERROR(
                       events::Emit(tx, MemberRegistered(proto, call)));
                   return proto;
                 }));
  ASSIGN_OR_RETURN(v1::SessionTokens tokens,
                   is_new ? sign_in_.AsNew(member.id, call.time)
                          : sign_in_.WithPassword(
                                member.handle, request.password(), call.time));

  v1::RegisterMemberResponse response;
  *response.mutable_member() = std::move(registered);
  response.set_access_token(std::move(*tokens.mutable_access_token()));
  response.set_refresh_token(std::move(*tokens.mutable_refresh_token()));
  response.set_expires_in_s(tokens.expires_in_s());
  return response;
}

// Any signed-in caller may know any person; communities decide who is in them.
absl::StatusOr<v1::Member> Members::GetMember(
    const rpc::Call& call, const v1::GetMemberRequest& request) {
  ASSIGN_OR_RETURN(const std::string id,
                   ResolveMember(call, rpc::IdAt(request.name(), 0)));
  Member member;
  RETURN_IF_ERROR(
      rpc::Read(call, db_, [&](sql::Reader& reader) -> absl::Status {
        ASSIGN_OR_RETURN(member, store::GetMember(reader, id));
        return absl::OkStatus();
      }));
  return id == PersonOrNobody(call) ? ToProto(member) : ToPublicProto(member);
}

// Whose profile it is, is asked before whether it exists.
absl::StatusOr<v1::Member> Members::UpdateMember(
    const rpc::Call& call, const v1::UpdateMemberRequest& request) {
  const v1::Member& patch = request.member();
  ASSIGN_OR_RETURN(const std::string id,
                   ResolveMember(call, rpc::IdAt(patch.name(), 0)));
  RETURN_IF_ERROR(MayUpdateMember(PersonOrNobody(call), id));

  return rpc::Write(
      call, db_, request.request_id(),
      [&](sql::Tx& tx) -> absl::StatusOr<v1::Member> {
        ASSIGN_OR_RETURN(Member member, store::GetMember(tx, id));
        RETURN_IF_ERROR(rpc::CheckEtag(patch.etag(), member.version));
        v1::Member record = ToProto(member);
        RETURN_IF_ERROR(rpc::ApplyMask(request.update_mask(), patch, &record));
        ASSIGN_OR_RETURN(member, FromProto(record, std::move(member)));
        RETURN_IF_ERROR(store::CheckNamesFree(tx, member));

        member.update_time = call.time;
        ++member.version;
        RETURN_IF_ERROR(store::UpdateMember(tx, member));
        v1::Member updated = ToProto(member);
        RETURN_IF_ERROR(events::Emit(tx, MemberUpdated(updated, call)));
        return updated;
      });
}

}  // namespace praxis::members
