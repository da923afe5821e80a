#include "services/common/events/server/feed.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <utility>

#include "google/protobuf/util/time_util.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::events {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int kPageDefault = 100;
constexpr int kPageMax = 1000;
// Events of one message of a watcher.
constexpr int kWatchMax = 100;
// Read from the log at once: an event may hold half a megabyte.
constexpr int kStep = 50;
// Bytes of events in one answer, but for one that alone has more.
constexpr size_t kBatchBytes = 1 << 20;

// The next events after `after`, at most `limit`, as many as one answer holds.
absl::StatusOr<v1::ReadEventsResponse> Batch(Log& log, int64_t after,
                                             int limit) {
  v1::ReadEventsResponse batch;
  size_t bytes = 0;
  while (batch.events_size() < limit) {
    const int wanted = std::min(limit - batch.events_size(), kStep);
    ASSIGN_OR_RETURN(v1::ReadEventsResponse step, log.Read(after, wanted));
    batch.set_latest(step.latest());
    for (v1::Event& event : *step.mutable_events()) {
      bytes += event.ByteSizeLong();
      if (bytes > kBatchBytes && batch.events_size() > 0) return batch;
      after = event.number();
      *batch.add_events() = std::move(event);
    }
    if (step.events_size() < wanted) break;
  }
  return batch;
}

// One watcher. It waits at the log, not on a thread.
class WatchStream : public rpc::ServerStream<v1::WatchEventsResponse> {
 public:
  WatchStream(Log& log, int64_t after) : log_(log), after_(after) {}
  ~WatchStream() override { log_.Cancel(waiting_); }

  absl::StatusOr<rpc::Pulled> Next(v1::WatchEventsResponse* message) override {
    ASSIGN_OR_RETURN(v1::ReadEventsResponse batch,
                     Batch(log_, after_, kWatchMax));
    if (batch.events().empty()) {
      // The log calls when there is news, or when it is interrupted.
      if (std::exchange(has_waited_, true)) return rpc::Pulled::kEnd;
      return rpc::Pulled::kWait;
    }
    has_waited_ = false;
    after_ = batch.events().rbegin()->number();
    message->mutable_events()->Swap(batch.mutable_events());
    message->set_latest(batch.latest());
    return rpc::Pulled::kMessage;
  }

  void WhenReady(std::function<void()> ready) override {
    // `ready` may be called within, and the stream wait again on another
    // thread before the id is here: the newest id, the greatest, stays.
    const int64_t id = log_.WhenAfter(after_, std::move(ready));
    int64_t known = waiting_;
    while (known < id && !waiting_.compare_exchange_weak(known, id)) {
    }
  }

 private:
  Log& log_;
  int64_t after_;
  bool has_waited_ = false;
  std::atomic<int64_t> waiting_ = 0;
};

}  // namespace

absl::StatusOr<Log*> Feed::LogOf(const std::string& source) const {
  if (source.empty() && logs_.size() == 1) return logs_.front();
  if (source.empty()) {
    return FieldErrors({{"source", "must say whose events are meant"}});
  }
  for (Log* log : logs_) {
    if (log->name() == source) return log;
  }
  return Error(errors::v1::RESOURCE_NOT_FOUND,
               "The events of that source are not served here.");
}

absl::StatusOr<v1::ReadEventsResponse> Feed::ReadEvents(
    const rpc::Call&, const v1::ReadEventsRequest& request) {
  ASSIGN_OR_RETURN(Log* const log, LogOf(request.source()));
  const int limit = request.page_size() <= 0
                        ? kPageDefault
                        : std::min(request.page_size(), kPageMax);
  return Batch(*log, request.after(), limit);
}

absl::StatusOr<std::unique_ptr<rpc::ServerStream<v1::WatchEventsResponse>>>
Feed::WatchEvents(const rpc::Call&, const v1::WatchEventsRequest& request) {
  ASSIGN_OR_RETURN(Log* const log, LogOf(request.source()));
  return std::make_unique<WatchStream>(*log, request.after());
}

absl::StatusOr<v1::AckEventsResponse> Feed::AckEvents(
    const rpc::Call&, const v1::AckEventsRequest& request) {
  ASSIGN_OR_RETURN(Log* const log, LogOf(request.source()));
  if (request.leaving()) {
    RETURN_IF_ERROR(log->Leave(request.consumer()));
    return v1::AckEventsResponse();
  }
  ASSIGN_OR_RETURN(const Grant grant,
                   log->Ack(request.consumer(), request.number()));
  ShowProgress(*log, request, grant);
  v1::AckEventsResponse response;
  response.set_latest(grant.latest);
  *response.mutable_lease() =
      TimeUtil::MicrosecondsToDuration(absl::ToInt64Microseconds(grant.lease));
  return response;
}

void Feed::ShowProgress(const Log& log, const v1::AckEventsRequest& request,
                        const Grant& grant) {
  // Which process of the consumer it is would be a label without bound.
  const absl::string_view consumer = request.consumer();
  registry_
      .FindGauge(
          "praxis_events_acked_number",
          "Newest event that has taken effect at a consumer.",
          {{"source", log.name()},
           {"consumer", std::string(consumer.substr(0, consumer.rfind('/')))}})
      .Set(request.number());
  registry_
      .FindGauge("praxis_events_latest_number",
                 "Newest event when a consumer last acknowledged one.",
                 {{"source", log.name()}})
      .Set(grant.latest);
  registry_
      .FindGauge("praxis_events_published_number",
                 "Newest event in the stream when a consumer last "
                 "acknowledged one; 0 where there is no stream.",
                 {{"source", log.name()}})
      .Set(log.published());
}

}  // namespace praxis::events
