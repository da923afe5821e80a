// Envelopes: how Connect's streams and gRPC-Web put messages into a body.
#ifndef GATEWAY_FORMS_ENVELOPE_H_
#define GATEWAY_FORMS_ENVELOPE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway/forms/form.h"

namespace praxis::gateway {

// A byte of flags and four of length, the greatest first.
inline constexpr size_t kEnvelopePrefixBytes = 5;

// The flag of Connect's last envelope, and of gRPC-Web's with the trailers.
inline constexpr uint8_t kConnectEnd = 0x02;
inline constexpr uint8_t kGrpcWebTrailers = 0x80;

// Appends an envelope; in base64, padded, where the form has it so.
void AppendEnvelope(const Form& form, uint8_t flags, absl::string_view payload,
                    std::string* out);

// The message in a body of one envelope; the view is into `body`. BODY_INVALID
// for anything else, COMPRESSION_UNSUPPORTED for a message that is compressed.
absl::StatusOr<absl::string_view> OnlyMessage(absl::string_view body);

}  // namespace praxis::gateway

#endif  // GATEWAY_FORMS_ENVELOPE_H_
