// Conditional requests (RFC 9110, 13): entity tags in headers.
#ifndef GATEWAY_CALL_CONDITIONS_H_
#define GATEWAY_CALL_CONDITIONS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway/transcode/message_schema.h"

namespace praxis::gateway {

// The entity tag, without quotes, of an answer of `message`, in wire bytes,
// whose object has `etag`: "v3.0123456789abcdef", the etag and a digest. The
// etag says which state of an object a change is about; an answer depends on
// who asks too, and tells what is no change of the object, such as how many
// have replied.
std::string EntityTagOf(absl::string_view etag, absl::string_view message);

// Whether If-None-Match names the etag of what would be sent. `etag` is without
// quotes and compared weakly, as RFC 9110, 13.1.2 asks. "*" names every one.
bool NamesEtag(absl::string_view if_none_match, absl::string_view etag);

// The etag, without quotes, that If-Match asks the object to have: that of one
// entity tag, with or without a digest, or "*" for any. HEADER_INVALID for
// anything else: a call carries one etag. A weak tag is as good as a strong
// one, other than RFC 9110, 13.1.1, has it: what a change is about is the
// version of a resource, not bytes, and ours are weak only where the answer
// that brought them was compressed.
absl::StatusOr<absl::string_view> EtagOfIfMatch(absl::string_view if_match);

// Appends the field ETag with `etag` as a strong entity tag, if it can be one.
void AddEtag(absl::string_view etag, std::string* fields);

// The value of a message's string field of this number, in wire bytes; empty
// when it is not there. The last one counts.
absl::string_view StringField(absl::string_view wire, uint32_t number);

}  // namespace praxis::gateway

#endif  // GATEWAY_CALL_CONDITIONS_H_
