// Forms: the ways in which clients write requests and read answers.
#ifndef GATEWAY_FORMS_FORM_H_
#define GATEWAY_FORMS_FORM_H_

#include "absl/strings/string_view.h"
#include "gateway/http/head.h"

namespace praxis::gateway {

enum class Protocol {
  // JSON over HTTP by google.api.http; errors as google.rpc.Status.
  kHttp,
  // The same with errors as problem+json (RFC 9457).
  kHttpProblem,
  // Connect (connectrpc.com/docs/protocol): one message is the whole body.
  kConnect,
  // Messages in envelopes, and how it ended in the last one.
  kConnectStream,
  // gRPC-Web (grpc/grpc, doc/PROTOCOL-WEB.md): the same with trailers.
  kGrpcWeb,
  // gRPC-Web in base64, for browsers that cannot read bytes.
  kGrpcWebText,
};

// How messages are written.
enum class Codec { kProto, kJson };

// A protocol with a codec, as a media type names them.
struct Form {
  absl::string_view media_type;
  Protocol protocol = Protocol::kHttp;
  Codec codec = Codec::kJson;

  // Whether it is one of those that clients of RPCs speak.
  bool is_rpc() const { return protocol >= Protocol::kConnect; }
  // Whether messages are in envelopes.
  bool is_framed() const { return protocol >= Protocol::kConnectStream; }
};

// The form of a request to an RPC's own path, by its Content-Type; null for a
// media type of none.
const Form* FindRpcForm(absl::string_view content_type);

// The form in which the client reads errors, told from the head alone: a
// request may be refused before its route is found. At the path of an RPC
// ("/package.Service/Method") it is that of the protocol that the media type
// names, else Connect's; elsewhere problem+json if Accept prefers it to JSON.
const Form& ErrorFormOf(const RequestHead& head);

}  // namespace praxis::gateway

#endif  // GATEWAY_FORMS_FORM_H_
