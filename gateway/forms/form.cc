#include "gateway/forms/form.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "gateway/forms/accept.h"

namespace praxis::gateway {
namespace {

constexpr absl::string_view kJsonType = "application/json";
constexpr absl::string_view kProblemType = "application/problem+json";

constexpr Form kStatusForm = {kJsonType, Protocol::kHttp, Codec::kJson};
constexpr Form kProblemForm = {kProblemType, Protocol::kHttpProblem,
                               Codec::kJson};
// Errors of Connect are JSON whatever the codec.
constexpr Form kConnectForm = {kJsonType, Protocol::kConnect, Codec::kJson};

constexpr Form kRpcForms[] = {
    kConnectForm,
    {"application/proto", Protocol::kConnect, Codec::kProto},
    {"application/connect+proto", Protocol::kConnectStream, Codec::kProto},
    {"application/connect+json", Protocol::kConnectStream, Codec::kJson},
    {"application/grpc-web+proto", Protocol::kGrpcWeb, Codec::kProto},
    {"application/grpc-web", Protocol::kGrpcWeb, Codec::kProto},
    {"application/grpc-web+json", Protocol::kGrpcWeb, Codec::kJson},
    {"application/grpc-web-text", Protocol::kGrpcWebText, Codec::kProto},
    {"application/grpc-web-text+proto", Protocol::kGrpcWebText, Codec::kProto},
};

// Clients that read both mostly name JSON first and mean nothing by it.
bool PrefersProblem(absl::string_view accept) {
  const double problem = QualityOf(accept, kProblemType).value_or(0);
  return problem > 0 && problem >= QualityOf(accept, kJsonType).value_or(0);
}

// Other paths begin with a version, or with a word that has no dot.
bool IsRpcPath(absl::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == path.npos || slash < 2 || !absl::ascii_isalpha(path[1])) {
    return false;
  }
  const absl::string_view service = path.substr(1, slash - 1);
  return absl::StrContains(service, '.') && !absl::StrContains(service, '/');
}

}  // namespace

const Form* FindRpcForm(absl::string_view content_type) {
  const absl::string_view type = absl::StripAsciiWhitespace(
      content_type.substr(0, content_type.find(';')));
  for (const Form& form : kRpcForms) {
    if (absl::EqualsIgnoreCase(type, form.media_type)) return &form;
  }
  return nullptr;
}

// Elsewhere a media type says nothing: a file that is uploaded may be of any.
const Form& ErrorFormOf(const RequestHead& head) {
  if (!IsRpcPath(head.path)) {
    return PrefersProblem(head[Header::kAccept]) ? kProblemForm : kStatusForm;
  }
  const Form* form = FindRpcForm(head[Header::kContentType]);
  return form != nullptr && form->is_framed() ? *form : kConnectForm;
}

}  // namespace praxis::gateway
