#include "gateway/upstream/remote/retry.h"

#include <algorithm>

#include "absl/random/random.h"
#include "absl/strings/numbers.h"
#include "gateway/transcode/wire.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/rpc/error_details.pb.h"

namespace praxis::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::MethodOptions;

// The limit of the first pause; of the next it is four times as much.
constexpr absl::Duration kPause = absl::Milliseconds(50);

// What the backend asks for; infinite where it forbids.
absl::Duration AskedFor(const absl::Status& status,
                        absl::string_view pushback) {
  if (!pushback.empty()) {
    uint32_t ms;
    return absl::SimpleAtoi(pushback, &ms) ? absl::Milliseconds(ms)
                                           : absl::InfiniteDuration();
  }
  google::rpc::RetryInfo info;
  const auto payload =
      status.GetPayload("type.googleapis.com/google.rpc.RetryInfo");
  if (!payload.has_value() || !info.ParseFromString(std::string(*payload))) {
    return absl::ZeroDuration();
  }
  return absl::Seconds(info.retry_delay().seconds()) +
         absl::Nanoseconds(info.retry_delay().nanos());
}

uint32_t NumberOfRequestId(const MethodDescriptor& method) {
  const FieldDescriptor* field =
      method.input_type()->FindFieldByName("request_id");
  return field != nullptr && field->type() == FieldDescriptor::TYPE_STRING
             ? static_cast<uint32_t>(field->number())
             : 0;
}

}  // namespace

std::optional<absl::Duration> PauseBefore(int attempts,
                                          const absl::Status& status,
                                          absl::string_view pushback,
                                          absl::Duration left) {
  if (!absl::IsUnavailable(status) || attempts >= kAttemptsMax) {
    return std::nullopt;
  }
  thread_local absl::InsecureBitGen random;
  absl::Duration limit = kPause;
  for (int i = 1; i < attempts; ++i) limit *= 4;
  const absl::Duration pause =
      AskedFor(status, pushback) + absl::Uniform(random, 0.0, 1.0) * limit;
  if (pause >= left) return std::nullopt;
  return pause;
}

Repeatable::Repeatable(const MethodDescriptor& method)
    : always_(method.options().idempotency_level() !=
              MethodOptions::IDEMPOTENCY_UNKNOWN),
      request_id_(NumberOfRequestId(method)) {}

bool Repeatable::Is(absl::string_view request) const {
  if (always_ || request_id_ == 0) return always_;
  WireCursor in(request);
  WireRecord record;
  absl::string_view request_id;
  while (!in.done() && in.ReadRecord(&record)) {
    if (record.number == request_id_ && record.type == WireType::kBytes) {
      request_id = record.bytes;
    }
  }
  return !request_id.empty();
}

void RetryBudget::Deposit() {
  if (tenths_.load(std::memory_order_relaxed) < kTenthsMax) {
    tenths_.fetch_add(1, std::memory_order_relaxed);
  }
}

bool RetryBudget::Withdraw() {
  if (tenths_.fetch_sub(kRetryTenths) >= kRetryTenths) return true;
  tenths_.fetch_add(kRetryTenths);
  return false;
}

}  // namespace praxis::gateway
