#include "services/common/ops/status_board.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "google/protobuf/util/time_util.h"
#include "services/common/status/status.h"

namespace praxis::ops {
namespace {

using google::protobuf::util::TimeUtil;

google::protobuf::Timestamp ToProto(absl::Time time) {
  return TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  return TimeUtil::MicrosecondsToDuration(absl::ToInt64Microseconds(duration));
}

// Why a check failed. What was not written to be shown is not.
std::string MessageOf(const absl::Status& status) {
  if (status.ok()) return "";
  if (ReasonOf(status) == errors::v1::REASON_UNSPECIFIED) {
    return "It does not work; the log says why.";
  }
  return std::string(status.message());
}

// A check's clock starts when it comes to do what it does now.
void SetOk(bool ok, absl::Time now, v1::Check* check) {
  if (check->has_since() && check->ok() == ok) return;
  check->set_ok(ok);
  *check->mutable_since() = ToProto(now);
}

}  // namespace

StatusBoard::StatusBoard(std::vector<Service> services,
                         absl::string_view version, absl::Duration interval)
    : services_([&] {
        for (Service& service : services) {
          std::sort(
              service.checks.begin(), service.checks.end(),
              [](const Check& a, const Check& b) { return a.name < b.name; });
        }
        return std::move(services);
      }()),
      interval_(interval) {
  const google::protobuf::Timestamp now = ToProto(absl::Now());
  for (const Service& service : services_) {
    v1::ServiceStatus& status = *seen_.add_services();
    status.set_service(service.name);
    status.set_version(std::string(version));
    *status.mutable_start_time() = now;
    for (const Check& check : service.checks) {
      status.add_checks()->set_name(check.name);
    }
  }
  LookAtAll();
  thread_ = std::thread([this] {
    absl::MutexLock lock(&mutex_);
    while (!mutex_.AwaitWithTimeout(absl::Condition(&ending_), interval_)) {
      mutex_.Unlock();
      LookAtAll();
      mutex_.Lock();
    }
  });
}

StatusBoard::~StatusBoard() {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  thread_.join();
}

void StatusBoard::LookAtAll() {
  for (size_t i = 0; i < services_.size(); ++i) {
    for (size_t j = 0; j < services_[i].checks.size(); ++j) {
      // Messages never move once they are made, and only this thread writes.
      v1::Check* seen;
      {
        absl::MutexLock lock(&mutex_);
        seen = seen_.mutable_services(static_cast<int>(i))
                   ->mutable_checks(static_cast<int>(j));
      }
      LookAt(services_[i].checks[j], seen);
    }
  }
}

void StatusBoard::LookAt(const Check& check, v1::Check* seen) {
  const absl::Time begin = absl::Now();
  {
    absl::MutexLock lock(&mutex_);
    asked_ = seen;
    asked_since_ = begin;
  }
  Numbers numbers;
  const absl::Status status = check.ask(&numbers);
  const absl::Time end = absl::Now();
  absl::MutexLock lock(&mutex_);
  asked_ = nullptr;
  SetOk(status.ok(), status.ok() ? end : begin, seen);
  seen->set_message(MessageOf(status));
  *seen->mutable_latency() = ToProto(end - begin);
  seen->mutable_numbers()->clear();
  for (const auto& [name, number] : numbers) {
    (*seen->mutable_numbers())[name] = number;
  }
}

v1::ServiceStatus StatusBoard::Shown(const v1::ServiceStatus& status) const {
  v1::ServiceStatus shown = status;
  for (int i = 0; i < shown.checks_size(); ++i) {
    if (&status.checks(i) != asked_) continue;
    const absl::Duration waited = absl::Now() - asked_since_;
    if (waited < kPatience) continue;
    v1::Check& check = *shown.mutable_checks(i);
    SetOk(false, asked_since_, &check);
    check.set_message("It has not answered yet.");
    *check.mutable_latency() = ToProto(waited);
  }
  return shown;
}

v1::GetStatusResponse StatusBoard::Get() const {
  v1::GetStatusResponse shown;
  absl::MutexLock lock(&mutex_);
  for (const v1::ServiceStatus& status : seen_.services()) {
    *shown.add_services() = Shown(status);
  }
  return shown;
}

v1::ServiceStatus StatusBoard::Of(absl::string_view service) const {
  absl::MutexLock lock(&mutex_);
  for (const v1::ServiceStatus& status : seen_.services()) {
    if (status.service() == service) return Shown(status);
  }
  return v1::ServiceStatus();
}

}  // namespace praxis::ops
