#include "gateway/connect/message.h"

#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gateway/call/request.h"
#include "gateway/forms/envelope.h"
#include "gateway/routes/percent.h"
#include "gateway/transcode/json_reader.h"
#include "gateway/transcode/json_writer.h"
#include "google/protobuf/descriptor.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

absl::Status NotCompressed() {
  return Error(Reason::COMPRESSION_UNSUPPORTED,
               "Requests must be sent as they are, not compressed: the only "
               "coding read is identity.");
}

// Connect says by the media type whether a method streams; gRPC-Web does not.
bool Carries(const Form& form, const Route& route) {
  const bool streams = route.method->server_streaming();
  switch (form.protocol) {
    case Protocol::kConnect:
      return !streams;
    case Protocol::kConnectStream:
      return streams;
    default:
      return true;
  }
}

size_t MessageBytesMax(Codec codec) {
  return codec == Codec::kJson ? kJsonBytesMax : kWireBytesMax;
}

absl::StatusOr<std::string> Decode(Codec codec, const Route& route,
                                   absl::string_view message) {
  if (codec == Codec::kProto) return std::string(message);
  std::string wire;
  RETURN_IF_ERROR(ReadJson(*route.request, message, &wire));
  return wire;
}

absl::StatusOr<std::map<std::string, std::string>> ParametersOf(
    absl::string_view query) {
  std::map<std::string, std::string> parameters;
  for (const absl::string_view parameter :
       absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(parameter, absl::MaxSplits('=', 1));
    std::string name;
    std::string value;
    if (!AppendDecoded(parts.first, Percent::kForm, &name) ||
        !AppendDecoded(parts.second, Percent::kForm, &value)) {
      return Error(Reason::URL_INVALID,
                   "The query has a \"%\" that two hexadecimal digits do not "
                   "follow.");
    }
    if (!parameters.emplace(std::move(name), std::move(value)).second) {
      return Error(Reason::URL_INVALID,
                   "The query has a parameter more than once.");
    }
  }
  return parameters;
}

// Padded or not; "+" has become a space if nobody encoded it.
bool DecodeBase64(std::string text, std::string* bytes) {
  for (char& c : text) {
    if (c == '+' || c == ' ') c = '-';
    if (c == '/') c = '_';
  }
  return absl::WebSafeBase64Unescape(text, bytes);
}

}  // namespace

absl::StatusOr<Form> RpcFormOf(const Route& route, const RequestHead& head) {
  if (route.method->client_streaming()) {
    return Error(Reason::STREAM_UNSUPPORTED,
                 "A stream of requests needs gRPC, or the method's route for "
                 "raw bodies.");
  }
  const Form* form = FindRpcForm(head[Header::kContentType]);
  if (form == nullptr || !Carries(*form, route)) {
    return Error(Reason::MEDIA_TYPE_UNSUPPORTED,
                 route.method->server_streaming()
                     ? "This method streams: post to it as application/"
                       "connect+json, application/connect+proto or "
                       "application/grpc-web."
                     : "Post to this method as application/json, "
                       "application/proto or application/grpc-web.");
  }
  const absl::string_view coding = head[Header::kContentEncoding];
  if (!coding.empty() && !absl::EqualsIgnoreCase(coding, "identity")) {
    return NotCompressed();
  }
  const absl::string_view version = head[Header::kConnectProtocolVersion];
  if (!version.empty() && version != "1") {
    return Error(Reason::HEADER_INVALID, "Connect-Protocol-Version must be 1.");
  }
  return *form;
}

size_t BodyBytesMax(const Form& form) {
  size_t bytes = MessageBytesMax(form.codec);
  if (form.is_framed()) bytes += kEnvelopePrefixBytes;
  if (form.protocol == Protocol::kGrpcWebText) bytes = (bytes + 2) / 3 * 4;
  return bytes;
}

absl::StatusOr<std::string> ReadMessage(const Form& form, const Route& route,
                                        absl::string_view body) {
  std::string bytes;
  if (form.protocol == Protocol::kGrpcWebText) {
    if (!absl::Base64Unescape(body, &bytes)) {
      return Error(Reason::BODY_INVALID, "The body is not base64.");
    }
    body = bytes;
  }
  if (form.is_framed()) {
    ASSIGN_OR_RETURN(body, OnlyMessage(body));
  }
  return Decode(form.codec, route, body);
}

absl::StatusOr<std::string> ReadRequest(const Form& form,
                                        const Operation& operation,
                                        const RequestHead& head,
                                        absl::string_view body) {
  ASSIGN_OR_RETURN(std::string wire, ReadMessage(form, operation.route, body));
  RETURN_IF_ERROR(AddHeaders(operation, head, &wire));
  return wire;
}

absl::StatusOr<std::string> ReadQuery(const Route& route,
                                      absl::string_view query, Form* form) {
  ASSIGN_OR_RETURN(auto parameters, ParametersOf(query));
  const auto connect = parameters.find("connect");
  if (connect != parameters.end() && connect->second != "v1") {
    return Error(Reason::URL_INVALID, "The parameter connect must be v1.");
  }
  const Form* named =
      FindRpcForm(absl::StrCat("application/", parameters["encoding"]));
  if (named == nullptr || named->protocol != Protocol::kConnect) {
    return Error(Reason::MEDIA_TYPE_UNSUPPORTED,
                 "The parameter encoding must be json or proto.");
  }
  *form = *named;
  const std::string& coding = parameters["compression"];
  if (!coding.empty() && coding != "identity") return NotCompressed();
  if (parameters.count("message") == 0) {
    return Error(Reason::URL_INVALID, "The parameter message is missing.");
  }
  std::string message = parameters["message"];
  if (parameters["base64"] == "1" &&
      !DecodeBase64(parameters["message"], &message)) {
    return Error(Reason::URL_INVALID, "The parameter message is not base64.");
  }
  return Decode(form->codec, route, message);
}

absl::Status WriteMessage(const Form& form, const Route& route,
                          absl::string_view wire, std::string* body) {
  std::string json;
  if (form.codec == Codec::kJson) {
    RETURN_IF_ERROR(WriteJson(*route.response, wire, &json));
    wire = json;
  }
  if (form.is_framed()) {
    AppendEnvelope(form, 0, wire, body);
  } else {
    body->append(wire.data(), wire.size());
  }
  return absl::OkStatus();
}

}  // namespace praxis::gateway
