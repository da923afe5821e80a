// StreamSource: a source whose new events come through a Redis stream.
#ifndef SERVICES_COMMON_EVENTS_STREAM_STREAM_SOURCE_H_
#define SERVICES_COMMON_EVENTS_STREAM_STREAM_SOURCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/common/events/source.h"
#include "services/common/redis/client.h"
#include "services/common/redis/interruption.h"

namespace praxis::events::stream {

// Next waits on the stream, so that many consumers cost the source nothing, and
// takes from it only what follows without a hole. On a hole (the stream was
// trimmed or has lost events), on an entry it cannot read, and while Redis does
// not answer, it asks the source instead. All else is the source's.
//
// A stream that has lost its newest events, or that nobody publishes to, is
// just silent: Next then ends after kSilence with nothing, before its timeout,
// and its caller reads from the source.
class StreamSource : public Source {
 public:
  static constexpr absl::Duration kSilence = absl::Seconds(1);

  // `source` and `client` must outlive this.
  StreamSource(Source& source, redis::Client& client);

  const std::string& name() const override { return source_.name(); }
  absl::StatusOr<v1::ReadEventsResponse> Read(int64_t after,
                                              int limit) override {
    return source_.Read(after, limit);
  }
  absl::StatusOr<v1::ReadEventsResponse> Next(int64_t after, int limit,
                                              absl::Duration timeout) override;
  absl::StatusOr<Grant> Ack(absl::string_view consumer,
                            int64_t number) override {
    return source_.Ack(consumer, number);
  }
  absl::Status Leave(absl::string_view consumer) override {
    return source_.Leave(consumer);
  }
  void Interrupt() override;
  void Wake() override;

 private:
  // What XREAD replies for the stream after `after`.
  absl::StatusOr<redis::Reply> Await(int64_t after, int limit,
                                     absl::Duration wait);

  Source& source_;
  redis::Client& client_;
  const std::string key_;

  absl::Mutex mutex_;
  bool interrupted_ ABSL_GUARDED_BY(mutex_) = false;
  // Of the waits under way.
  std::vector<const redis::Interruption*> waits_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::events::stream

#endif  // SERVICES_COMMON_EVENTS_STREAM_STREAM_SOURCE_H_
