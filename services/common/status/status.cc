#include "services/common/status/status.h"

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"

namespace praxis {
namespace {

// A status carries its details as payloads: the key is the Any's type URL, the
// value the Any's bytes.
constexpr char kTypePrefix[] = "type.googleapis.com/";
constexpr char kErrorInfo[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kDomain[] = "praxis";

// What reasons.proto says of one reason, read once.
struct ReasonEntry {
  absl::StatusCode code = absl::StatusCode::kInternal;
  int http_status = 0;
  // google.rpc.ErrorInfo in wire form.
  absl::Cord info;
};

using ReasonTable = std::array<ReasonEntry, errors::v1::Reason_ARRAYSIZE>;

const ReasonTable& Reasons() {
  static const ReasonTable* table = [] {
    auto* made = new ReasonTable;
    const auto* descriptor = errors::v1::Reason_descriptor();
    for (int i = 0; i < descriptor->value_count(); ++i) {
      const auto* value = descriptor->value(i);
      ReasonEntry& entry = (*made)[value->number()];
      google::rpc::ErrorInfo info;
      info.set_reason(value->name());
      info.set_domain(kDomain);
      entry.info = absl::Cord(info.SerializeAsString());
      const auto& error = value->options().GetExtension(errors::v1::error);
      entry.http_status = error.http_status();
      // A reason that declares no code, as REASON_UNSPECIFIED, is a defect.
      if (error.code() != google::rpc::OK) {
        entry.code = static_cast<absl::StatusCode>(error.code());
      }
    }
    return made;
  }();
  return *table;
}

// As google/rpc/code.proto maps them.
int HttpStatusOfCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

std::string TypeUrl(const google::protobuf::Message& message) {
  return absl::StrCat(kTypePrefix, message.GetTypeName());
}

void SetDetail(absl::Status& status, const google::protobuf::Message& detail) {
  status.SetPayload(TypeUrl(detail), absl::Cord(detail.SerializeAsString()));
}

// Whether `detail` is of a type this program was built with and parses as it:
// only then can it be shown as JSON.
bool IsKnown(const google::protobuf::Any& detail) {
  const absl::string_view url = detail.type_url();
  if (!absl::StartsWith(url, kTypePrefix)) return false;
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
          std::string(absl::StripPrefix(url, kTypePrefix)));
  if (descriptor == nullptr) return false;
  const auto* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(
          descriptor);
  const std::unique_ptr<google::protobuf::Message> message(prototype->New());
  return message->ParseFromString(detail.value());
}

}  // namespace

// Made on every refusal, so it costs no parsing: the ErrorInfo of each reason
// is serialised once.
absl::Status Error(Reason reason, absl::string_view message) {
  const ReasonEntry& entry = Reasons()[reason];
  absl::Status status(entry.code, message);
  status.SetPayload(kErrorInfo, entry.info);
  return status;
}

absl::Status FieldErrors(const std::vector<FieldViolation>& violations) {
  // Many clients show the message only; one violation fits into it.
  std::string message = "The request has fields that cannot be used.";
  google::rpc::BadRequest details;
  for (const FieldViolation& violation : violations) {
    auto* added = details.add_field_violations();
    added->set_field(violation.field);
    added->set_description(violation.description);
  }
  if (violations.size() == 1) {
    message = absl::StrCat("The field ", violations[0].field,
                           " cannot be used: ", violations[0].description);
  }
  absl::Status status = Error(errors::v1::FIELD_INVALID, message);
  SetDetail(status, details);
  return status;
}

absl::Status RetryAfter(absl::Status status, absl::Duration delay) {
  if (status.ok()) return status;
  google::rpc::RetryInfo info;
  // Nanoseconds that are left over, after whole seconds.
  absl::Duration rest;
  info.mutable_retry_delay()->set_seconds(
      absl::IDivDuration(delay, absl::Seconds(1), &rest));
  info.mutable_retry_delay()->set_nanos(
      static_cast<int>(absl::ToInt64Nanoseconds(rest)));
  SetDetail(status, info);
  return status;
}

// A reason of another domain, or of a newer version, is none of ours.
Reason ReasonOf(const absl::Status& status) {
  if (status.ok()) return errors::v1::REASON_UNSPECIFIED;
  const auto payload = status.GetPayload(kErrorInfo);
  if (!payload.has_value()) return errors::v1::REASON_UNSPECIFIED;
  google::rpc::ErrorInfo info;
  Reason reason;
  if (!info.ParseFromString(std::string(*payload)) ||
      info.domain() != kDomain ||
      !errors::v1::Reason_Parse(info.reason(), &reason)) {
    return errors::v1::REASON_UNSPECIFIED;
  }
  return reason;
}

int HttpStatusOf(const absl::Status& status) {
  if (status.ok()) return 200;
  const Reason reason = ReasonOf(status);
  if (reason == errors::v1::REASON_UNSPECIFIED) return 500;
  const int own = Reasons()[reason].http_status;
  return own != 0 ? own : HttpStatusOfCode(status.code());
}

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status result;
  if (status.ok()) return result;
  // Its text may hold SQL, a path or a name that the caller may not see.
  if (ReasonOf(status) == errors::v1::REASON_UNSPECIFIED) {
    return ToRpcStatus(Error(errors::v1::INTERNAL,
                             "Something went wrong on our side; try again, and "
                             "report the request id if it stays so."));
  }
  result.set_code(static_cast<int>(status.code()));
  result.set_message(std::string(status.message()));
  // absl visits payloads in no order; ErrorInfo is first, the rest sorted.
  result.add_details();
  std::map<std::string, std::string> others;
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& value) {
    if (url == kErrorInfo) {
      result.mutable_details(0)->set_type_url(kErrorInfo);
      result.mutable_details(0)->set_value(std::string(value));
    } else {
      others.emplace(std::string(url), std::string(value));
    }
  });
  for (auto& [url, value] : others) {
    auto* detail = result.add_details();
    detail->set_type_url(url);
    detail->set_value(std::move(value));
  }
  return result;
}

absl::Status FromRpcStatus(const google::rpc::Status& status) {
  absl::Status result(static_cast<absl::StatusCode>(status.code()),
                      status.message());
  if (result.ok()) return result;
  for (const google::protobuf::Any& detail : status.details()) {
    if (IsKnown(detail)) {
      result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
    }
  }
  return result;
}

}  // namespace praxis
