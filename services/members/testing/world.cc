#include "services/members/testing/world.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/common/events/log.h"
#include "services/common/sql/database.h"
#include "services/common/testing/database.h"
#include "services/members/domain/member.h"
#include "services/members/domain/membership.h"
#include "services/members/store/communities.h"
#include "services/members/store/members.h"
#include "services/members/store/memberships.h"

namespace praxis::members {
namespace {

// A test that cannot be set up has failed.
void MustBeOk(const absl::Status& status) {
  if (status.ok()) return;
  ADD_FAILURE() << status;
  std::abort();
}

template <typename T>
T Must(absl::StatusOr<T> result) {
  MustBeOk(result.status());
  return *std::move(result);
}

}  // namespace

World::World() : now_us_(absl::ToUnixMicros(absl::Now())) {
  signer_ = Must(auth::TokenSigner::Open(
      absl::StrCat(folder_.path(), "/signing_key.pem"), auth::TokenRules{}));
  credential_ = std::make_unique<auth::ServiceCredential>(
      Must(auth::ServiceCredential::Open(
          absl::StrCat(folder_.path(), "/service_credential"))));
  server_ = Must(MembersServer::Start({.in_memory = true,
                                       .database = testing::TestPostgres(),
                                       .password_cost = kCheap},
                                      host_.host(), *signer_, *credential_,
                                      [this] { return now(); }));
  caller_ = std::make_unique<testing::Caller>(host_, server_->pipeline());
}

void World::AddMember(absl::string_view id, absl::string_view password) {
  Member member;
  member.id = member.handle = member.display_name = std::string(id);
  member.email = absl::StrCat(id, "@praxis.example");
  member.create_time = member.update_time = now();
  const std::string hash =
      password.empty() ? "" : *auth::HashPassword(password, kCheap);
  MustBeOk(server_->database().Write(
      [&](sql::Tx& tx) { return store::InsertMember(tx, member, hash); }));
}

void World::AddCommunity(absl::string_view id, Visibility visibility,
                         JoinPolicy policy) {
  Community community;
  community.id = std::string(id);
  community.visibility = visibility;
  community.join_policy = policy;
  community.create_time = community.update_time = now();
  MustBeOk(server_->database().Write(
      [&](sql::Tx& tx) { return store::InsertCommunity(tx, community); }));
}

void World::AddMembership(absl::string_view community, absl::string_view member,
                          Role role) {
  Membership membership;
  membership.community = std::string(community);
  membership.member = std::string(member);
  membership.role = role;
  membership.create_time = membership.update_time = now();
  MustBeOk(server_->database().Write(
      [&](sql::Tx& tx) { return store::InsertMembership(tx, membership); }));
}

std::vector<events::v1::Event> World::Announced() {
  const events::v1::ReadEventsResponse read =
      Must(server_->log().Read(seen_, 1000));
  seen_ = read.latest();
  return {read.events().begin(), read.events().end()};
}

std::vector<std::string> World::Events() {
  std::vector<std::string> lines;
  for (const events::v1::Event& event : Announced()) {
    lines.push_back(absl::StrCat(event.type(), " ", event.name()));
  }
  return lines;
}

std::vector<std::string> World::Rows(const char* sql, int columns) {
  std::vector<std::string> rows;
  MustBeOk(server_->database().Read([&](sql::Reader& reader) {
    return reader.Query(sql, {}, [&](const sql::Row& row) {
      std::vector<std::string> texts;
      for (int i = 0; i < columns; ++i) texts.push_back(row.String(i));
      rows.push_back(absl::StrJoin(texts, "|"));
      return absl::OkStatus();
    });
  }));
  return rows;
}

}  // namespace praxis::members
