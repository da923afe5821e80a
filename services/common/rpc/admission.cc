#include "services/common/rpc/admission.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "services/common/rpc/canonical.h"
#include "services/common/rpc/fields.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using options::v1::Access;

// The bit of the token that the method needs.
unsigned NeededScope(const Handler& handler) {
  switch (handler.policy.token_scope()) {
    case options::v1::TOKEN_SCOPE_READ:
      return auth::kRead;
    case options::v1::TOKEN_SCOPE_WRITE:
      return auth::kWrite;
    case options::v1::TOKEN_SCOPE_MODERATE:
      return auth::kModerate;
    case options::v1::TOKEN_SCOPE_ADMIN:
      return auth::kAdmin;
    default:
      return handler.reads_only ? auth::kRead : auth::kWrite;
  }
}

absl::Status TokenMissing() {
  return Error(Reason::TOKEN_MISSING,
               "Sign in and send the access token as a bearer token.");
}

// The string that `path` leads to; empty when a message on the way is unset.
std::string StringAt(const Message& message,
                     const std::vector<const FieldDescriptor*>& path) {
  const Message* holder = &message;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    holder = &holder->GetReflection()->GetMessage(*holder, path[i]);
  }
  return holder->GetReflection()->GetString(*holder, path.back());
}

std::string PathName(const std::vector<const FieldDescriptor*>& path) {
  std::string name;
  for (const FieldDescriptor* field : path) {
    absl::StrAppend(&name, name.empty() ? "" : ".", field->name());
  }
  return name;
}

// The first two segments of a resource name; empty when there are not two.
absl::string_view ScopeOf(absl::string_view name) {
  const size_t first = name.find('/');
  if (first == name.npos) return "";
  return name.substr(0, name.find('/', first + 1));
}

}  // namespace

absl::Status Admission::Admit(const Handler& handler, absl::string_view token,
                              absl::string_view bytes, Call* call,
                              Message* request, bool* must_wait) {
  call->method = handler.method;
  call->sealer = &sealer_;
  RETURN_IF_ERROR(Identify(handler, token, call));
  RETURN_IF_ERROR(Count(handler, call));
  if (!request->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Error(Reason::MESSAGE_INVALID,
                 absl::StrCat("The message is no valid ",
                              request->GetDescriptor()->full_name(),
                              " (or a string in it is no UTF-8)."));
  }
  RETURN_IF_ERROR(Authorize(handler, *request, call, must_wait));
  if (handler.request_id != nullptr &&
      request->GetReflection()->HasField(*request, handler.request_id)) {
    // Not of the bytes as they came: a retry may come by another transport.
    call->digest = sealer_.Digest(Canonical(*request));
  }
  return CheckRequest(request);
}

// Nothing is caught up with before a refusal: whoever was let in again since
// comes back.
absl::Status Admission::AdmitAgain(const Handler& handler,
                                   absl::string_view token,
                                   const Message& request, const Call& call,
                                   absl::Time now) {
  if (!token.empty()) RETURN_IF_ERROR(tokens_.Verify(token, now).status());
  if (handler.scope_path.empty()) return absl::OkStatus();
  const std::string name = StringAt(request, handler.scope_path);
  if (IdAt(name, 0) == "-") return absl::OkStatus();
  ASSIGN_OR_RETURN(const access::Standing standing,
                   access_.StandingOf(call.caller.name, ScopeOf(name)));
  return access::MayCall(handler.policy.access(), standing,
                         call.caller.signed_in());
}

absl::Status Admission::Identify(const Handler& handler,
                                 absl::string_view token, Call* call) {
  if (!token.empty()) {
    ASSIGN_OR_RETURN(call->caller, tokens_.Verify(token, call->time));
    if ((call->caller.scopes & NeededScope(handler)) == 0 &&
        handler.policy.access() != Access::ANYONE) {
      return Error(Reason::TOKEN_SCOPE_INSUFFICIENT,
                   "The token's scope does not cover this method.");
    }
  }
  switch (handler.policy.access()) {
    case Access::ANYONE:
    case Access::READER:
    case Access::VIEWER:
      return absl::OkStatus();
    case Access::SERVICE:
      if (!call->caller.signed_in()) return TokenMissing();
      if (call->caller.is_service()) return absl::OkStatus();
      return Error(Reason::ROLE_INSUFFICIENT,
                   "Only services of the suite may call this method.");
    default:
      return call->caller.signed_in() ? absl::OkStatus() : TokenMissing();
  }
}

// Who has not signed in cannot be told apart here: for what is costly they
// share one bucket, ten times as large.
absl::Status Admission::Count(const Handler& handler, Call* call) const {
  if (rates_.limiter == nullptr || call->caller.is_service() ||
      std::exchange(call->counted, true)) {
    return absl::OkStatus();
  }
  const limits::Rate& costly = rates_.costly_calls;
  const bool is_costly = handler.policy.costly() && costly.per_second > 0;
  if (!call->caller.signed_in()) {
    if (!is_costly) return absl::OkStatus();
    return rates_.limiter->Take("anyone costly",
                                {costly.per_second * 10, costly.burst * 10});
  }
  if (rates_.calls.per_second > 0) {
    RETURN_IF_ERROR(rates_.limiter->Take(call->caller.name, rates_.calls));
  }
  if (!is_costly) return absl::OkStatus();
  return rates_.limiter->Take(absl::StrCat(call->caller.name, " costly"),
                              costly);
}

absl::Status Admission::Authorize(const Handler& handler,
                                  const Message& request, Call* call,
                                  bool* must_wait) {
  if (handler.scope_path.empty()) return absl::OkStatus();
  const std::string name = StringAt(request, handler.scope_path);
  const FieldDescriptor& field = *handler.scope_path.back();
  const std::string problem = FieldProblem(field, name);
  if (!problem.empty()) {
    return FieldErrors({{PathName(handler.scope_path), problem}});
  }
  if (must_wait != nullptr && !access_.IsCurrent()) {
    *must_wait = true;
    return absl::OkStatus();
  }
  if (IdAt(name, 0) == "-") return access_.CheckCurrent(call->caller.name);

  const absl::string_view scope = ScopeOf(name);
  const auto judge = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(call->standing,
                     access_.StandingOf(call->caller.name, scope));
    return access::MayCall(handler.policy.access(), call->standing,
                           call->caller.signed_in());
  };
  absl::Status verdict = judge();
  // What cannot be told was asked for already.
  if (verdict.ok() || ReasonOf(verdict) == Reason::ACCESS_UNKNOWN) {
    return verdict;
  }
  // Whoever was let in a moment ago may be ahead of what is known here.
  if (must_wait != nullptr) {
    *must_wait = true;
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(access_.CatchUp());
  return judge();
}

}  // namespace praxis::rpc
