// The log: one JSON object a line on standard error.
#ifndef SERVICES_COMMON_TELEMETRY_LOG_H_
#define SERVICES_COMMON_TELEMETRY_LOG_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace praxis::telemetry {

enum class Severity { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning" or "error", as --log_level has it.
std::optional<Severity> ParseSeverity(absl::string_view name);

// One name and value of a line; the value is a JSON string, number or boolean.
// What has none, a view without data or an empty optional, is left out. Lives
// no longer than the call it is made for.
class Field {
 public:
  enum class Kind { kNone, kString, kInteger, kReal, kBool };

  Field(absl::string_view name, absl::string_view value)
      : name(name),
        kind(value.data() == nullptr ? Kind::kNone : Kind::kString),
        text(value) {}
  Field(absl::string_view name, const char* value)
      : Field(name, absl::string_view(value)) {}
  Field(absl::string_view name, const std::string& value)
      : Field(name, absl::string_view(value)) {}
  Field(absl::string_view name, bool value)
      : name(name), kind(Kind::kBool), integer(value) {}
  Field(absl::string_view name, int value)
      : Field(name, static_cast<int64_t>(value)) {}
  Field(absl::string_view name, int64_t value)
      : name(name), kind(Kind::kInteger), integer(value) {}
  Field(absl::string_view name, std::optional<int> value)
      : name(name),
        kind(value.has_value() ? Kind::kInteger : Kind::kNone),
        integer(value.value_or(0)) {}
  Field(absl::string_view name, double value)
      : name(name), kind(Kind::kReal), real(value) {}

  const absl::string_view name;
  const Kind kind;
  const absl::string_view text;
  const int64_t integer = 0;
  const double real = 0;
};

// Writes lines such as
//   {"time":"2025-01-31T12:00:00.000001Z","severity":"INFO",
//    "service":"praxis-members","message":"serving","address":"[::]:8091"}
//
// A call formats its line and puts it into a buffer; one thread writes the
// buffer out a few milliseconds later, many lines in one go. When the buffer
// is full, because whoever reads the log does not, lines are dropped and
// counted rather than anyone made to wait. Thread-safe.
//
// Tokens, passwords and message bodies are never handed to it.
class Log {
 public:
  struct Options {
    // Name of the program.
    std::string service;
    Severity level = Severity::kInfo;
    size_t buffer_bytes_max = 1 << 20;
    // File descriptor that is written to; not closed.
    int fd = 2;
  };
  explicit Log(Options options);
  // Writes what is in the buffer.
  ~Log();

  bool Shows(Severity severity) const;

  // `message` is the same for every line of its kind; what differs is a field.
  void Write(Severity severity, absl::string_view message,
             std::initializer_list<Field> fields = {});

  void Debug(absl::string_view message,
             std::initializer_list<Field> fields = {}) {
    Write(Severity::kDebug, message, fields);
  }
  void Info(absl::string_view message,
            std::initializer_list<Field> fields = {}) {
    Write(Severity::kInfo, message, fields);
  }
  void Warning(absl::string_view message,
               std::initializer_list<Field> fields = {}) {
    Write(Severity::kWarning, message, fields);
  }
  void Error(absl::string_view message,
             std::initializer_list<Field> fields = {}) {
    Write(Severity::kError, message, fields);
  }

  // Lines dropped so far.
  uint64_t dropped() const;

 private:
  class Writer;

  const Options options_;
  // What every line has between its severity and its message.
  std::string service_part_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace praxis::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_LOG_H_
