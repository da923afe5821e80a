// Ids of everything that is not named by a person.
#ifndef SERVICES_COMMON_RPC_ID_H_
#define SERVICES_COMMON_RPC_ID_H_

#include <string>

#include "absl/time/time.h"

namespace praxis::rpc {

// A new id: a UUID of version 7 (RFC 9562, 5.7) as 26 digits of Crockford's
// base32 in lower case. Ids sort as text by the millisecond they were made in.
// Those that one process makes sort in the order of the calls, also within a
// millisecond and when the clock steps back by up to ten seconds (then they
// keep the latest time). The rest of the bits is random, yet an id is no
// secret: who knows it has shown nothing. Thread-safe.
std::string NewId(absl::Time now);

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_ID_H_
