// DefaultLog: what parts without a log of their own have to say.
#ifndef SERVICES_COMMON_TELEMETRY_DEFAULT_LOG_H_
#define SERVICES_COMMON_TELEMETRY_DEFAULT_LOG_H_

#include "services/common/telemetry/log.h"

namespace praxis::telemetry {

// As long as this lives, spdlog's default logger, which storage writes to, and
// what protobuf has to say lead to `log`: a process has one log, in one form.
// One at a time.
class DefaultLog {
 public:
  explicit DefaultLog(Log& log);
  ~DefaultLog();
  DefaultLog(const DefaultLog&) = delete;
  DefaultLog& operator=(const DefaultLog&) = delete;
};

}  // namespace praxis::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_DEFAULT_LOG_H_
