#include "services/members/convert.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/rpc/etag.h"
#include "services/common/rpc/event.h"
#include "services/common/status/status.h"

namespace praxis::members {
namespace {

using google::protobuf::RepeatedPtrField;

// Domain enums have the contract's numbers, so that converting is a cast.
static_assert(static_cast<int>(Role::kObserver) == events::v1::OBSERVER);
static_assert(static_cast<int>(Role::kMember) == events::v1::MEMBER);
static_assert(static_cast<int>(Role::kModerator) == events::v1::MODERATOR);
static_assert(static_cast<int>(Role::kOwner) == events::v1::OWNER);
static_assert(static_cast<int>(Visibility::kPublic) == events::v1::PUBLIC);
static_assert(static_cast<int>(Visibility::kPrivate) == events::v1::PRIVATE);
static_assert(static_cast<int>(Visibility::kHidden) == events::v1::HIDDEN);
static_assert(static_cast<int>(JoinPolicy::kOpen) == v1::OPEN);
static_assert(static_cast<int>(JoinPolicy::kRequest) == v1::REQUEST);
static_assert(static_cast<int>(JoinPolicy::kInvite) == v1::INVITE);

// Without those that say nothing.
std::vector<std::string> TextsFrom(const RepeatedPtrField<std::string>& field) {
  std::vector<std::string> texts;
  for (const std::string& text : field) {
    if (!text.empty()) texts.push_back(text);
  }
  return texts;
}

FieldViolation BadEmail(absl::string_view field) {
  return {std::string(field), "must be an email address, such as a@b.example"};
}

FieldViolation Undeclared(absl::string_view field) {
  return {std::string(field), "must be a declared value"};
}

}  // namespace

std::string MemberName(absl::string_view member) {
  return absl::StrCat("members/", member);
}

std::string CommunityName(absl::string_view community) {
  return absl::StrCat("communities/", community);
}

std::string MembershipName(const Membership& membership) {
  return absl::StrCat("communities/", membership.community, "/memberships/",
                      membership.member);
}

v1::Member ToProto(const Member& member) {
  v1::Member proto = ToPublicProto(member);
  proto.set_email(member.email);
  return proto;
}

v1::Member ToPublicProto(const Member& member) {
  v1::Member proto;
  proto.set_name(MemberName(member.id));
  proto.set_handle(member.handle);
  proto.set_display_name(member.display_name);
  proto.set_organisation(member.organisation);
  proto.set_bio(member.bio);
  proto.mutable_expertise()->Assign(member.expertise.begin(),
                                    member.expertise.end());
  *proto.mutable_create_time() = rpc::ToTimestamp(member.create_time);
  *proto.mutable_update_time() = rpc::ToTimestamp(member.update_time);
  proto.set_etag(rpc::EtagOf(member.version));
  return proto;
}

v1::Community ToProto(const Community& community) {
  v1::Community proto;
  proto.set_name(CommunityName(community.id));
  proto.set_display_name(community.display_name);
  proto.set_domain(community.domain);
  proto.mutable_topics()->Assign(community.topics.begin(),
                                 community.topics.end());
  proto.set_visibility(
      static_cast<events::v1::Visibility>(community.visibility));
  proto.set_join_policy(static_cast<v1::JoinPolicy>(community.join_policy));
  *proto.mutable_create_time() = rpc::ToTimestamp(community.create_time);
  *proto.mutable_update_time() = rpc::ToTimestamp(community.update_time);
  proto.set_etag(rpc::EtagOf(community.version));
  return proto;
}

v1::Membership ToProto(const Membership& membership) {
  v1::Membership proto;
  proto.set_name(MembershipName(membership));
  proto.set_member(MemberName(membership.member));
  proto.set_role(static_cast<events::v1::Role>(membership.role));
  *proto.mutable_create_time() = rpc::ToTimestamp(membership.create_time);
  *proto.mutable_update_time() = rpc::ToTimestamp(membership.update_time);
  proto.set_etag(rpc::EtagOf(membership.version));
  return proto;
}

absl::StatusOr<Member> FromProto(const v1::RegisterMemberRequest& request) {
  if (!IsEmail(request.email())) return FieldErrors({BadEmail("email")});
  Member member;
  member.handle = HandleKey(request.handle());
  member.display_name =
      request.display_name().empty() ? member.handle : request.display_name();
  member.email = request.email();
  return member;
}

absl::StatusOr<Member> FromProto(const v1::Member& record, Member member) {
  std::vector<FieldViolation> violations;
  if (!IsHandle(record.handle())) {
    violations.push_back({"member.handle",
                          "must be 2 to 32 of [a-z0-9_-], the first a letter "
                          "or digit"});
  }
  if (!IsEmail(record.email())) violations.push_back(BadEmail("member.email"));
  if (!violations.empty()) return FieldErrors(violations);
  member.handle = record.handle();
  member.display_name =
      record.display_name().empty() ? record.handle() : record.display_name();
  member.email = record.email();
  member.organisation = record.organisation();
  member.bio = record.bio();
  member.expertise = TextsFrom(record.expertise());
  return member;
}

absl::StatusOr<Community> FromProto(const v1::Community& record,
                                    Community community) {
  std::vector<FieldViolation> violations;
  if (!events::v1::Visibility_IsValid(record.visibility())) {
    violations.push_back(Undeclared("community.visibility"));
  }
  if (!v1::JoinPolicy_IsValid(record.join_policy())) {
    violations.push_back(Undeclared("community.join_policy"));
  }
  if (!violations.empty()) return FieldErrors(violations);
  community.display_name = record.display_name();
  community.domain = record.domain();
  community.topics = TextsFrom(record.topics());
  community.visibility =
      record.visibility() == events::v1::VISIBILITY_UNSPECIFIED
          ? Visibility::kPrivate
          : static_cast<Visibility>(record.visibility());
  community.join_policy = record.join_policy() == v1::JOIN_POLICY_UNSPECIFIED
                              ? JoinPolicy::kRequest
                              : static_cast<JoinPolicy>(record.join_policy());
  return community;
}

absl::StatusOr<Role> FromProto(events::v1::Role role) {
  if (role == events::v1::ROLE_UNSPECIFIED || !events::v1::Role_IsValid(role)) {
    return FieldErrors({Undeclared("membership.role")});
  }
  return static_cast<Role>(role);
}

}  // namespace praxis::members
