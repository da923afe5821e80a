#include "services/common/telemetry/default_log.h"

#include <memory>

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

}  // namespace

DefaultLog::DefaultLog(Log& log) {
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("", std::make_shared<Sink>(log)));
}

DefaultLog::~DefaultLog() {
  // Silent from here on: the log is about to go.
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(""));
}

}  // namespace praxis::telemetry
