// The tables members and passwords.
#ifndef SERVICES_MEMBERS_STORE_MEMBERS_H_
#define SERVICES_MEMBERS_STORE_MEMBERS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/sql/database.h"
#include "services/members/domain/member.h"

namespace praxis::members::store {

// RESOURCE_NOT_FOUND.
absl::StatusOr<Member> GetMember(sql::Reader& reader, absl::string_view id);

// Whether there is such a person.
absl::StatusOr<bool> HasMember(sql::Reader& reader, absl::string_view id);

// What a sign-in is held against.
struct Account {
  std::string member;
  std::string password_hash;
};

// The account with this handle (in lower case); nothing when nobody has it.
absl::StatusOr<std::optional<Account>> FindAccount(sql::Reader& reader,
                                                   absl::string_view handle);

// NAME_TAKEN when someone else than `member` has its handle or its email.
absl::Status CheckNamesFree(sql::Reader& reader, const Member& member);

// NAME_TAKEN, without saying which: ask CheckNamesFree first.
absl::Status InsertMember(sql::Tx& tx, const Member& member,
                          absl::string_view password_hash);

// Overwrites the row with the member's id.
absl::Status UpdateMember(sql::Tx& tx, const Member& member);

}  // namespace praxis::members::store

#endif  // SERVICES_MEMBERS_STORE_MEMBERS_H_
