#include "services/members/store/members.h"

#include "services/common/status/status.h"
#include "services/members/store/lines.h"

namespace praxis::members::store {
namespace {

Member MemberFrom(const sql::Row& row) {
  Member member;
  member.id = row.String(0);
  member.handle = row.String(1);
  member.display_name = row.String(2);
  member.email = row.String(3);
  member.organisation = row.String(4);
  member.bio = row.String(5);
  member.expertise = SplitLines(row.Text(6));
  member.create_time = row.Time(7);
  member.update_time = row.Time(8);
  member.version = row.Int(9);
  return member;
}

}  // namespace

absl::StatusOr<Member> GetMember(sql::Reader& reader, absl::string_view id) {
  return reader.One(
      "SELECT id, handle, display_name, email, organisation, bio, expertise, "
      "create_time, update_time, version FROM members WHERE id = $1",
      {id}, "There is no such member.", MemberFrom);
}

// Apart from GetMember: it is asked in every write that names a person, and
// reads no profile.
absl::StatusOr<bool> HasMember(sql::Reader& reader, absl::string_view id) {
  bool found = false;
  RETURN_IF_ERROR(reader.Query("SELECT 1 FROM members WHERE id = $1", {id},
                               [&](const sql::Row&) {
                                 found = true;
                                 return absl::OkStatus();
                               }));
  return found;
}

// The only query that reads a password's hash.
absl::StatusOr<std::optional<Account>> FindAccount(sql::Reader& reader,
                                                   absl::string_view handle) {
  std::optional<Account> account;
  RETURN_IF_ERROR(reader.Query(
      "SELECT members.id, passwords.hash FROM members "
      "JOIN passwords ON passwords.member_id = members.id "
      "WHERE members.handle = $1",
      {handle}, [&](const sql::Row& row) {
        account =
            Account{.member = row.String(0), .password_hash = row.String(1)};
        return absl::OkStatus();
      }));
  return account;
}

// The unique keys would refuse it too, but could not say which name it is. With
// one writer the answer holds until the commit; with several, the keys find out
// who was first, and the other transaction runs again and asks here again.
absl::Status CheckNamesFree(sql::Reader& reader, const Member& member) {
  return reader.Query(
      "SELECT handle FROM members "
      "WHERE (handle = $1 OR email_key = $2) AND id <> $3",
      {member.handle, EmailKey(member.email), member.id},
      [&](const sql::Row& row) {
        return row.Text(0) == member.handle
                   ? Error(Reason::NAME_TAKEN,
                           "This handle is taken; choose another.")
                   : Error(Reason::NAME_TAKEN,
                           "An account with this email exists; sign in to it.");
      });
}

absl::Status InsertMember(sql::Tx& tx, const Member& member,
                          absl::string_view password_hash) {
  ASSIGN_OR_RETURN(
      const int64_t inserted,
      tx.Execute("INSERT INTO members (id, handle, email, email_key, "
                 "display_name, organisation, bio, expertise, create_time, "
                 "update_time, version) "
                 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
                 "ON CONFLICT DO NOTHING",
                 {member.id, member.handle, member.email,
                  EmailKey(member.email), member.display_name,
                  member.organisation, member.bio, JoinLines(member.expertise),
                  member.create_time, member.update_time, member.version}));
  if (inserted == 0) {
    return Error(Reason::NAME_TAKEN, "The handle or the email is taken.");
  }
  return tx
      .Execute("INSERT INTO passwords (member_id, hash) VALUES ($1, $2)",
               {member.id, password_hash})
      .status();
}

absl::Status UpdateMember(sql::Tx& tx, const Member& member) {
  return tx
      .Execute(
          "UPDATE members SET handle = $2, email = $3, email_key = $4, "
          "display_name = $5, organisation = $6, bio = $7, "
          "expertise = $8, update_time = $9, version = $10 "
          "WHERE id = $1",
          {member.id, member.handle, member.email, EmailKey(member.email),
           member.display_name, member.organisation, member.bio,
           JoinLines(member.expertise), member.update_time, member.version})
      .status();
}

}  // namespace praxis::members::store
