// The access log: a line for a request that somebody will want to look at.
#ifndef SERVICES_COMMON_TELEMETRY_ACCESS_LOG_H_
#define SERVICES_COMMON_TELEMETRY_ACCESS_LOG_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/telemetry/log.h"

namespace praxis::telemetry {

// What is said of one request. Views live as long as the call.
struct RequestLine {
  // "praxis.members.v1.MemberService/GetMember", or an HTTP method and route.
  absl::string_view method;
  absl::StatusCode code = absl::StatusCode::kOk;
  // What HTTP was answered with.
  std::optional<int> http_status;
  // For a failure: what the status says, also what callers are not told.
  absl::string_view detail;
  absl::Duration latency;
  // A stream lasts as long as it is wanted: it is never slow.
  bool stream = false;
  absl::string_view request_id;
  absl::string_view trace_id;
  // "members/..."; empty for anyone, without data where it is not known.
  absl::string_view caller;
  // The address that it came from, where that is known.
  absl::string_view client;
};

// Decides which requests are logged, and how. Faults of ours are errors, slow
// requests warnings, the rest is information. Thread-safe.
class AccessLog {
 public:
  enum class Mode {
    // Every request.
    kAll,
    // Those that failed by our fault, and the slow ones. What callers do wrong
    // is left to the metrics: it would let anyone fill the log.
    kErrors,
    kNone,
  };
  struct Options {
    Mode mode = Mode::kErrors;
    absl::Duration slow = absl::Seconds(1);
  };

  // `log` must outlive this.
  AccessLog(Log& log, Options options);

  void Write(const RequestLine& request);

 private:
  Log& log_;
  const Options options_;
};

// "all", "errors" or "none", as --log_requests has it.
std::optional<AccessLog::Mode> ParseAccessLogMode(absl::string_view name);

// Whether a request that ended with `code` failed by our fault.
bool IsOurFault(absl::StatusCode code);

}  // namespace praxis::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_ACCESS_LOG_H_
