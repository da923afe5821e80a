#include "services/members/handlers/person.h"

#include "absl/strings/strip.h"
#include "services/common/status/status.h"
#include "services/members/store/members.h"

namespace praxis::members {

std::string PersonOrNobody(const rpc::Call& call) {
  absl::string_view name = call.caller.name;
  if (!absl::ConsumePrefix(&name, "members/")) return "";
  return std::string(name);
}

absl::StatusOr<std::string> PersonOf(const rpc::Call& call) {
  if (!call.caller.signed_in()) {
    return Error(Reason::TOKEN_MISSING,
                 "Sign in and send the access token as a bearer token.");
  }
  std::string person = PersonOrNobody(call);
  if (!person.empty()) return person;
  return Error(Reason::ROLE_INSUFFICIENT,
               "This is for people; a service has no profile and no "
               "memberships.");
}

absl::StatusOr<std::string> ResolveMember(const rpc::Call& call,
                                          absl::string_view id) {
  if (id == "me") return PersonOf(call);
  return std::string(id);
}

absl::Status CheckAccountExists(sql::Reader& reader, absl::string_view person) {
  ASSIGN_OR_RETURN(const bool exists, store::HasMember(reader, person));
  if (exists) return absl::OkStatus();
  return Error(Reason::TOKEN_INVALID, "The token's account is gone.");
}

}  // namespace praxis::members
