// Brings the records of a message into the order in which they are written.
#ifndef GATEWAY_TRANSCODE_WIRE_ORDER_H_
#define GATEWAY_TRANSCODE_WIRE_ORDER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gateway/transcode/message_schema.h"

namespace praxis::gateway {

// Rewrites one level of a message as a parser would understand it: known
// records by field number, of a singular value the last one, of a oneof the
// member set last, several records of one message merged into one, lists in
// the order they came. Nested messages and map entries are left as they are.
// False if the bytes are malformed. Linear, but for a sort.
bool OrderWire(const MessageSchema& schema, absl::string_view wire,
               std::string* ordered);

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_WIRE_ORDER_H_
