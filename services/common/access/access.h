// Who may do what where: the port the pipeline asks, and the pure rules.
#ifndef SERVICES_COMMON_ACCESS_ACCESS_H_
#define SERVICES_COMMON_ACCESS_ACCESS_H_

#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "praxis/events/v1/events.pb.h"
#include "praxis/options/v1/options.pb.h"

namespace praxis::access {

using events::v1::Role;
using events::v1::Visibility;

// Where a principal stands in one scope.
struct Standing {
  // VISIBILITY_UNSPECIFIED: no such scope.
  Visibility visibility = events::v1::VISIBILITY_UNSPECIFIED;
  // ROLE_UNSPECIFIED: not one of its members.
  Role role = events::v1::ROLE_UNSPECIFIED;
};

// Whether content of the scope may be read, and whether its existence may be
// known. A visibility that this build does not know counts as HIDDEN.
bool MayRead(const Standing& standing);
bool MaySee(const Standing& standing);

// The verdict on a method whose policy asks for `wanted` in a scope, for a
// caller who stands there as `standing`. Permission comes before existence
// (AIP-193), and a scope that is hidden from the caller is answered word for
// word like one that does not exist:
// - not to be seen: RESOURCE_NOT_FOUND;
// - seen, but not allowed: TOKEN_MISSING when `signed_in` is false, else
//   ROLE_INSUFFICIENT.
// ANYONE and SIGNED_IN ask for no standing. SERVICE and ACCESS_UNSPECIFIED are
// allowed to nobody here: the caller lets services pass by itself.
absl::Status MayCall(options::v1::Access wanted, const Standing& standing,
                     bool signed_in);

// Answers where a principal stands. Thread-safe.
class Access {
 public:
  virtual ~Access() = default;

  // `principal` is "members/..."; empty is anyone. `scope` is a resource name
  // of two segments. Whatever was taken back before this call, and said to be,
  // is left out; where that cannot be known, the answer is ACCESS_UNKNOWN or
  // what anyone has in a scope that is public.
  virtual absl::StatusOr<Standing> StandingOf(absl::string_view principal,
                                              absl::string_view scope) = 0;

  // Waits until what was committed at the source before this call is known
  // here. The pipeline calls it before it refuses someone, so that who has
  // just been let in is not turned away; single-flight.
  virtual absl::Status CatchUp() = 0;

  // Whether StandingOf and CheckCurrent can answer now without asking another
  // process. CatchUp may always have to.
  virtual bool IsCurrent() const { return true; }

  // Number of an event of access, at the source, that every later answer takes
  // into account, with all before it. 0: that cannot be told now. Who decides
  // access takes everything into account that was ever committed.
  virtual int64_t AppliedPosition() const {
    return std::numeric_limits<int64_t>::max();
  }

  // Whether a list or a search over every scope that `principal` may read can
  // be answered here: ACCESS_UNKNOWN while this copy cannot tell whether
  // something was taken back. Anyone may go on reading what is public. Who
  // decides access, or asks who does, always can.
  virtual absl::Status CheckCurrent(absl::string_view) {
    return absl::OkStatus();
  }
};

}  // namespace praxis::access

#endif  // SERVICES_COMMON_ACCESS_ACCESS_H_
