// The person who calls.
#ifndef SERVICES_MEMBERS_HANDLERS_PERSON_H_
#define SERVICES_MEMBERS_HANDLERS_PERSON_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/rpc/call.h"
#include "services/common/sql/database.h"

namespace praxis::members {

// The id of the calling person; empty for a service and for anyone.
std::string PersonOrNobody(const rpc::Call& call);

// The id of the calling person. TOKEN_MISSING for anyone, ROLE_INSUFFICIENT for
// a service: it has no profile and belongs to no community.
absl::StatusOr<std::string> PersonOf(const rpc::Call& call);

// The member that `id` stands for: "me" is the calling person.
absl::StatusOr<std::string> ResolveMember(const rpc::Call& call,
                                          absl::string_view id);

// TOKEN_INVALID when `person` has no account any more: a token outlives it by
// some minutes. Asked before anything is stored that names the person.
absl::Status CheckAccountExists(sql::Reader& reader, absl::string_view person);

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_HANDLERS_PERSON_H_
