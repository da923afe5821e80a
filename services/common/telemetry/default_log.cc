#include "services/common/telemetry/default_log.h"

#include <atomic>
#include <memory>
#include <string>

#include "google/protobuf/stubs/logging.h"
#include "spdlog/details/null_mutex.h"
#include "spdlog/sinks/base_sink.h"
#include "spdlog/spdlog.h"

namespace praxis::telemetry {
namespace {

Severity SeverityOf(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return Severity::kDebug;
    case spdlog::level::info:
      return Severity::kInfo;
    case spdlog::level::warn:
      return Severity::kWarning;
    default:
      return Severity::kError;
  }
}

// Hands on what spdlog formatted; Log has a lock of its own.
class Sink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit Sink(Log& log) : log_(log) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    log_.Write(
        SeverityOf(message.level),
        absl::string_view(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}

 private:
  Log& log_;
};

// protobuf calls a plain function, which finds the log here.
std::atomic<Log*> protobuf_log{nullptr};

// It complains of bytes that callers have sent, such as text that is no UTF-8:
// they get an answer that says so, and cannot fill the log with it.
void WriteOfProtobuf(google::protobuf::LogLevel level, const char*, int,
                     const std::string& message) {
  Log* const log = protobuf_log;
  if (log == nullptr) return;
  log->Write(level == google::protobuf::LOGLEVEL_FATAL ? Severity::kError
                                                       : Severity::kDebug,
             message);
}

}  // namespace

DefaultLog::DefaultLog(Log& log) {
  protobuf_log = &log;
  google::protobuf::SetLogHandler(&WriteOfProtobuf);
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("", std::make_shared<Sink>(log)));
}

DefaultLog::~DefaultLog() {
  // Silent from here on: the log is about to go.
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(""));
  protobuf_log = nullptr;
}

}  // namespace praxis::telemetry
