// StreamPublisher: puts events into a Redis stream.
#ifndef SERVICES_COMMON_EVENTS_STREAM_STREAM_PUBLISHER_H_
#define SERVICES_COMMON_EVENTS_STREAM_STREAM_PUBLISHER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/events/publisher.h"
#include "services/common/redis/client.h"

namespace praxis::events::stream {

// A publisher that may fail half way: what it left out is then a hole, which
// readers notice. Failures are BACKEND_UNAVAILABLE. See stream.h for the form.
class StreamPublisher : public Publisher {
 public:
  struct Options {
    // The stream is trimmed to about as many, at most 100 more.
    int64_t events_max = 100'000;
  };
  // `client` must outlive this. `source` is "services/members".
  StreamPublisher(redis::Client& client, absl::string_view source)
      : StreamPublisher(client, source, Options()) {}
  StreamPublisher(redis::Client& client, absl::string_view source,
                  Options options);

  absl::StatusOr<int64_t> Last() override;
  absl::Status Publish(absl::Span<const v1::Event> events) override;

 private:
  absl::Status Send(const redis::Commands& commands);
  // Makes room by dropping the older half of the stream.
  absl::Status Halve();

  redis::Client& client_;
  const std::string key_;
  const Options options_;
};

}  // namespace praxis::events::stream

#endif  // SERVICES_COMMON_EVENTS_STREAM_STREAM_PUBLISHER_H_
