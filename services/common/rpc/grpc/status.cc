#include "services/common/rpc/grpc/status.h"

#include <string>

#include "google/rpc/status.pb.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace {

// Bytes. Together, in base64 and percent-encoding, they stay below 8 KiB.
constexpr size_t kMessageMax = 1024;
constexpr size_t kDetailsMax = 4096;

// `text` cut to at most `max` bytes, between two characters of UTF-8.
std::string Shortened(const std::string& text, size_t max) {
  if (text.size() <= max) return text;
  constexpr absl::string_view kMark = "...";
  size_t end = max - kMark.size();
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end).append(kMark.data(), kMark.size());
}

// What a failure of gRPC's own, known by its code only, is called here.
Reason ReasonOfCode(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::CANCELLED:
      return errors::v1::CANCELLED;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return errors::v1::DEADLINE_EXCEEDED;
    case grpc::StatusCode::UNAVAILABLE:
      return errors::v1::BACKEND_UNAVAILABLE;
    case grpc::StatusCode::UNIMPLEMENTED:
      return errors::v1::METHOD_UNKNOWN;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return errors::v1::TOO_LARGE;
    default:
      return errors::v1::INTERNAL;
  }
}

const char* SentenceOf(Reason reason) {
  switch (reason) {
    case errors::v1::CANCELLED:
      return "The call was cancelled.";
    case errors::v1::DEADLINE_EXCEEDED:
      return "The backend did not answer in time; try again.";
    case errors::v1::BACKEND_UNAVAILABLE:
      return "The backend cannot be reached; try again.";
    case errors::v1::METHOD_UNKNOWN:
      return "The backend has no such method.";
    case errors::v1::TOO_LARGE:
      return "The message is larger than allowed.";
    default:
      return "The backend failed; try again.";
  }
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status sent = ToRpcStatus(status);
  sent.set_message(Shortened(sent.message(), kMessageMax));
  if (sent.ByteSizeLong() > kDetailsMax) {
    // ErrorInfo comes first.
    sent.mutable_details()->DeleteSubrange(1, sent.details_size() - 1);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(sent.code()),
                      sent.message(), sent.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status, bool may_be_cancelled) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status sent;
  if (!status.error_details().empty() &&
      sent.ParseFromString(status.error_details())) {
    const absl::Status result = FromRpcStatus(sent);
    if (ReasonOf(result) != errors::v1::REASON_UNSPECIFIED) return result;
  }
  Reason reason = ReasonOfCode(status.error_code());
  if (reason == errors::v1::CANCELLED && !may_be_cancelled) {
    reason = errors::v1::BACKEND_UNAVAILABLE;
  }
  return Error(reason, SentenceOf(reason));
}

absl::Status ServerStops() {
  return Error(errors::v1::BACKEND_UNAVAILABLE,
               "The server is stopping; try again.");
}

absl::Status MessageMissing() {
  return Error(errors::v1::TOO_LARGE,
               "The message is larger than allowed; send less at once.");
}

}  // namespace praxis::rpc
