#include "services/common/telemetry/access_log.h"

namespace praxis::telemetry {

bool IsOurFault(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

std::optional<AccessLog::Mode> ParseAccessLogMode(absl::string_view name) {
  if (name == "all") return AccessLog::Mode::kAll;
  if (name == "errors") return AccessLog::Mode::kErrors;
  if (name == "none") return AccessLog::Mode::kNone;
  return std::nullopt;
}

AccessLog::AccessLog(Log& log, Options options)
    : log_(log), options_(options) {}

void AccessLog::Write(const RequestLine& request) {
  if (options_.mode == Mode::kNone) return;
  const bool fault = IsOurFault(request.code);
  const bool slow = !request.stream && request.latency >= options_.slow;
  if (options_.mode == Mode::kErrors && !fault && !slow) return;

  // The message names the kind of line; all that differs is in the fields.
  const Severity severity = fault  ? Severity::kError
                            : slow ? Severity::kWarning
                                   : Severity::kInfo;
  const absl::string_view message = fault  ? "request failed"
                                    : slow ? "slow request"
                                           : "request";
  const std::string code = absl::StatusCodeToString(request.code);
  // A success has no detail; what is not known is left out. The names are those
  // that log searches rely on.
  log_.Write(
      severity, message,
      {{"method", request.method},
       {"code", code},
       {"status", request.http_status},
       {"detail", request.code == absl::StatusCode::kOk ? absl::string_view()
                                                        : request.detail},
       {"latency_ms", absl::ToDoubleMilliseconds(request.latency)},
       {"caller", request.caller},
       {"client", request.client},
       {"request_id", request.request_id},
       {"trace_id", request.trace_id}});
}

}  // namespace praxis::telemetry
