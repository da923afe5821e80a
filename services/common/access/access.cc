#include "services/common/access/access.h"

#include "services/common/status/status.h"

namespace praxis::access {
namespace {

// The least role that `wanted` asks for.
Role LeastRole(options::v1::Access wanted) {
  switch (wanted) {
    case options::v1::OBSERVER:
      return events::v1::OBSERVER;
    case options::v1::MEMBER:
      return events::v1::MEMBER;
    case options::v1::MODERATOR:
      return events::v1::MODERATOR;
    default:
      return events::v1::OWNER;
  }
}

bool IsMember(const Standing& standing) {
  return standing.role >= events::v1::OBSERVER;
}

// Whether `standing`, which sees the scope, suffices.
bool Suffices(const Standing& standing, options::v1::Access wanted) {
  switch (wanted) {
    case options::v1::VIEWER:
      return true;
    case options::v1::READER:
      return MayRead(standing);
    case options::v1::OBSERVER:
    case options::v1::MEMBER:
    case options::v1::MODERATOR:
    case options::v1::OWNER:
      return standing.role >= LeastRole(wanted);
    default:
      return false;
  }
}

absl::Status Refused(bool signed_in) {
  return signed_in ? Error(errors::v1::ROLE_INSUFFICIENT,
                           "Your role does not allow this; ask an owner.")
                   : Error(errors::v1::TOKEN_MISSING,
                           "Sign in and send the token with the call.");
}

}  // namespace

bool MayRead(const Standing& standing) {
  switch (standing.visibility) {
    case events::v1::VISIBILITY_UNSPECIFIED:
      return false;
    case events::v1::PUBLIC:
      return true;
    default:
      return IsMember(standing);
  }
}

bool MaySee(const Standing& standing) {
  return standing.visibility == events::v1::PRIVATE || MayRead(standing);
}

absl::Status MayCall(options::v1::Access wanted, const Standing& standing,
                     bool signed_in) {
  switch (wanted) {
    case options::v1::ANYONE:
      return absl::OkStatus();
    case options::v1::SIGNED_IN:
      return signed_in ? absl::OkStatus() : Refused(signed_in);
    case options::v1::SERVICE:
    case options::v1::ACCESS_UNSPECIFIED:
      return Refused(signed_in);
    default:
      break;
  }
  if (!MaySee(standing)) {
    return Error(errors::v1::RESOURCE_NOT_FOUND, "There is no such resource.");
  }
  return Suffices(standing, wanted) ? absl::OkStatus() : Refused(signed_in);
}

}  // namespace praxis::access
