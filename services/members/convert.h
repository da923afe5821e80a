// Between the contract's messages and the domain's structs.
#ifndef SERVICES_MEMBERS_CONVERT_H_
#define SERVICES_MEMBERS_CONVERT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "praxis/events/v1/events.pb.h"
#include "praxis/members/v1/communities.pb.h"
#include "praxis/members/v1/members.pb.h"
#include "praxis/members/v1/memberships.pb.h"
#include "services/members/domain/community.h"
#include "services/members/domain/member.h"
#include "services/members/domain/membership.h"
#include "services/members/domain/role.h"

namespace praxis::members {

// Resource names from ids.
std::string MemberName(absl::string_view member);
std::string CommunityName(absl::string_view community);
std::string MembershipName(const Membership& membership);

// As the member reads it.
v1::Member ToProto(const Member& member);
// As others do: without the email.
v1::Member ToPublicProto(const Member& member);
v1::Community ToProto(const Community& community);
v1::Membership ToProto(const Membership& membership);

// What was asked to be registered, without id and times. FIELD_INVALID.
absl::StatusOr<Member> FromProto(const v1::RegisterMemberRequest& request);

// `member` with what `record`, a message that keeps its field rules, says of
// the fields that can be set. FIELD_INVALID names them as "member.email".
absl::StatusOr<Member> FromProto(const v1::Member& record, Member member);

// Likewise; a visibility or join policy that is not set is the default one.
absl::StatusOr<Community> FromProto(const v1::Community& record,
                                    Community community);

// FIELD_INVALID for no role and for a number that is no role.
absl::StatusOr<Role> FromProto(events::v1::Role role);

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_CONVERT_H_
