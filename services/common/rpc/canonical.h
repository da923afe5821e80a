// Canonical: a message in the one form that all its wire forms share.
#ifndef SERVICES_COMMON_RPC_CANONICAL_H_
#define SERVICES_COMMON_RPC_CANONICAL_H_

#include <string>

#include "google/protobuf/message.h"

namespace praxis::rpc {

// The same bytes for messages that mean the same, in this build: fields in the
// order of their numbers, map entries in that of their keys. What comes over
// HTTP and over gRPC has its fields in other orders.
std::string Canonical(const google::protobuf::Message& message);

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_CANONICAL_H_
