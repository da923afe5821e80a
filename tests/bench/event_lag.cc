// Follows members' events as a service does and prints, as one line of JSON,
// how old they were when they arrived.
//
//   event_lag --members=127.0.0.1:8091[,...] --secrets=DIR [--seconds=2]
//             [--redis_events=HOST:PORT ...]
//
// With Redis they come through its stream, else by WatchEvents and ReadEvents.
// The age counts from when the call that made the event came in at members, so
// its transaction and the way to the disk are in it. Prints "ready" when it
// has begun to follow.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/protobuf/util/time_util.h"
#include "services/common/auth/service_credential.h"
#include "services/common/config/config.h"
#include "services/common/events/source.h"
#include "services/common/program/authority.h"
#include "services/common/program/redis.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::bench {
namespace {

using google::protobuf::util::TimeUtil;

struct Options {
  std::string members;
  std::string secrets;
  int seconds = 2;
  program::RedisOptions redis;
};

Options ParseFlags(int argc, char** argv) {
  Options options;
  config::Config config("event_lag", "Measures how late events arrive.");
  config.Addresses("members", &options.members, "Where members serves gRPC.");
  config.Path("secrets", &options.secrets, "Holds service_credential.");
  config.Int("seconds", &options.seconds, 1, 600, "How long to follow.");
  program::AddRedisFlags(config, &options.redis);
  config.ParseOrExit(argc, argv);
  return options;
}

// Of the events that arrive until `end`, in microseconds.
absl::StatusOr<std::vector<int64_t>> Follow(events::Source& source,
                                            absl::Duration time) {
  ASSIGN_OR_RETURN(auto news, source.Read(/*after=*/0, /*limit=*/1));
  int64_t after = news.latest();
  std::puts("ready");
  std::fflush(stdout);
  std::vector<int64_t> ages_us;
  for (const absl::Time end = absl::Now() + time; absl::Now() < end;) {
    ASSIGN_OR_RETURN(news, source.Next(after, 100, end - absl::Now()));
    const int64_t now_us = absl::ToUnixMicros(absl::Now());
    for (const events::v1::Event& event : news.events()) {
      after = event.number();
      ages_us.push_back(now_us -
                        TimeUtil::TimestampToMicroseconds(event.time()));
    }
  }
  return ages_us;
}

// In milliseconds, of the sorted ages.
double Percentile(const std::vector<int64_t>& ages_us, int percent) {
  if (ages_us.empty()) return 0;
  return ages_us[(ages_us.size() - 1) * percent / 100] / 1e3;
}

absl::Status Main(const Options& options) {
  ASSIGN_OR_RETURN(
      const auth::ServiceCredential credential,
      auth::ServiceCredential::Open(options.secrets + "/service_credential"));
  telemetry::Registry registry;
  program::Authority members(options.members, "services/members", credential,
                             "services/gateway");
  program::EventStream stream(options.redis, "services/gateway", registry);
  ASSIGN_OR_RETURN(
      std::vector<int64_t> ages_us,
      Follow(stream.Through(members.events()), absl::Seconds(options.seconds)));
  std::sort(ages_us.begin(), ages_us.end());
  std::printf(
      "{\"calls\":%zu,\"seconds\":%d,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
      ages_us.size(), options.seconds, Percentile(ages_us, 50),
      Percentile(ages_us, 99));
  return absl::OkStatus();
}

}  // namespace
}  // namespace praxis::bench

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const absl::Status status =
      praxis::bench::Main(praxis::bench::ParseFlags(argc, argv));
  if (status.ok()) return EXIT_SUCCESS;
  std::fprintf(stderr, "event_lag: %s\n", status.ToString().c_str());
  return EXIT_FAILURE;
}
