#include "services/common/telemetry/log.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/common/telemetry/json.h"

namespace praxis::telemetry {
namespace {

// How long lines are gathered before they are written.
constexpr absl::Duration kGather = absl::Milliseconds(5);

constexpr absl::string_view kSeverityNames[] = {"DEBUG", "INFO", "WARNING",
                                                "ERROR"};

// Six digits after the point, in UTC (RFC 3339).
void AppendTime(absl::Time time, std::string* out) {
  // Most lines share their second with the one before.
  thread_local int64_t cached_second = -1;
  thread_local std::string cached_text;
  const int64_t us = absl::ToUnixMicros(time);
  const int64_t second = us / 1'000'000;
  if (second != cached_second) {
    cached_text =
        absl::FormatTime("%Y-%m-%dT%H:%M:%S.", absl::FromUnixSeconds(second),
                         absl::UTCTimeZone());
    cached_second = second;
  }
  char digits[6];
  int64_t rest = us % 1'000'000;
  for (int i = 5; i >= 0; --i, rest /= 10) {
    digits[i] = static_cast<char>('0' + rest % 10);
  }
  out->append(cached_text).append(digits, sizeof(digits)).push_back('Z');
}

void AppendValue(const Field& field, std::string* out) {
  switch (field.kind) {
    case Field::Kind::kNone:
      return;
    case Field::Kind::kString:
      AppendJsonString(field.text, out);
      return;
    case Field::Kind::kInteger:
      absl::StrAppend(out, field.integer);
      return;
    case Field::Kind::kReal:
      // JSON has no infinity.
      if (std::isfinite(field.real)) {
        absl::StrAppend(out, field.real);
      } else {
        out->append("null");
      }
      return;
    case Field::Kind::kBool:
      out->append(field.integer != 0 ? "true" : "false");
      return;
  }
}

void AppendLine(Severity severity, absl::string_view service_part,
                absl::string_view message, std::initializer_list<Field> fields,
                std::string* line) {
  line->append("{\"time\":\"");
  AppendTime(absl::Now(), line);
  absl::StrAppend(line, "\",\"severity\":\"",
                  kSeverityNames[static_cast<int>(severity)], "\",",
                  service_part, "\"message\":");
  AppendJsonString(message, line);
  for (const Field& field : fields) {
    if (field.kind == Field::Kind::kNone) continue;
    line->push_back(',');
    AppendJsonString(field.name, line);
    line->push_back(':');
    AppendValue(field, line);
  }
  line->append("}\n");
}

// Writes all of `text`, also to a pipe that was made non-blocking. What cannot
// be written at all is lost: there is nowhere left to say so.
void WriteAll(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd wait = {fd, POLLOUT, 0};
      poll(&wait, 1, /*timeout=*/1000);
    } else if (errno != EINTR) {
      return;
    }
  }
}

}  // namespace

// The buffer and the thread that empties it. The thread wakes for the first
// line and lets more gather. One that wakes for each line, as spdlog's does,
// costs the caller 2.8 us and the process 8.1 us a line at 40,000 a second;
// this way it is 0.6 and 0.9, formatting included.
class Log::Writer {
 public:
  Writer(size_t bytes_max, int fd, std::string service_part)
      : bytes_max_(bytes_max),
        fd_(fd),
        service_part_(std::move(service_part)),
        thread_([this] { Loop(); }) {}

  ~Writer() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    thread_.join();
  }

  void Add(absl::string_view line) {
    absl::MutexLock lock(&mutex_);
    if (buffer_.size() + line.size() > bytes_max_) {
      ++dropped_;
      return;
    }
    buffer_.append(line.data(), line.size());
  }

  uint64_t dropped() {
    absl::MutexLock lock(&mutex_);
    return dropped_;
  }

 private:
  bool HasLines() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !buffer_.empty() || stopping_;
  }
  bool IsUrgent() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return buffer_.size() > bytes_max_ / 2 || stopping_;
  }

  void Loop() {
    std::string batch;
    uint64_t told = 0;
    for (;;) {
      {
        absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(this, &Writer::HasLines));
        mutex_.AwaitWithTimeout(absl::Condition(this, &Writer::IsUrgent),
                                kGather);
        if (buffer_.empty()) return;
        batch.swap(buffer_);
        if (dropped_ > told) {
          AppendLine(Severity::kWarning, service_part_, "log lines dropped",
                     {{"count", static_cast<int64_t>(dropped_ - told)}},
                     &batch);
          told = dropped_;
        }
      }
      WriteAll(fd_, batch);
      batch.clear();
    }
  }

  const size_t bytes_max_;
  const int fd_;
  const std::string service_part_;
  absl::Mutex mutex_;
  std::string buffer_ ABSL_GUARDED_BY(mutex_);
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

std::optional<Severity> ParseSeverity(absl::string_view name) {
  if (name == "debug") return Severity::kDebug;
  if (name == "info") return Severity::kInfo;
  if (name == "warning") return Severity::kWarning;
  if (name == "error") return Severity::kError;
  return std::nullopt;
}

Log::Log(Options options) : options_(std::move(options)) {
  service_part_ = "\"service\":";
  AppendJsonString(options_.service, &service_part_);
  service_part_.push_back(',');
  writer_ = std::make_unique<Writer>(options_.buffer_bytes_max, options_.fd,
                                     service_part_);
}

Log::~Log() = default;

bool Log::Shows(Severity severity) const { return severity >= options_.level; }

void Log::Write(Severity severity, absl::string_view message,
                std::initializer_list<Field> fields) {
  if (!Shows(severity)) return;
  thread_local std::string line;
  line.clear();
  AppendLine(severity, service_part_, message, fields, &line);
  writer_->Add(line);
}

uint64_t Log::dropped() const { return writer_->dropped(); }

}  // namespace praxis::telemetry
