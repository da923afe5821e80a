// Content codings: answers made smaller on their way.
#ifndef GATEWAY_FORMS_CODING_H_
#define GATEWAY_FORMS_CODING_H_

#include "absl/strings/string_view.h"
#include "gateway/http/head.h"
#include "gateway/http/response.h"

namespace praxis::gateway {

enum class Coding { kIdentity, kGzip, kZstd };

// The coding that a client likes best by its Accept-Encoding (RFC 9110,
// 12.5.3). Of those that it likes alike, zstd: it is smaller and takes a third
// of the time. None is kIdentity, which is always allowed.
Coding ChooseCoding(absl::string_view accept_encoding);

// Codes the body of an answer to GET or HEAD where that pays: text or JSON of a
// KiB or more, which would not fit into one packet. What is answered to other
// methods stays as it is: tokens are, and how far a body shrinks tells who
// watches the line what a secret has in common with what else is in there
// (BREACH). So does what says itself that it varies by Accept-Encoding. Says
// Vary, and makes the ETag a weak one: two codings of an answer are not the
// same bytes.
void EncodeBody(const RequestHead& head, Response* response);

}  // namespace praxis::gateway

#endif  // GATEWAY_FORMS_CODING_H_
