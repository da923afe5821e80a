// GrpcSource: the events of a service in another process.
#ifndef SERVICES_COMMON_RPC_GRPC_EVENT_SOURCE_H_
#define SERVICES_COMMON_RPC_GRPC_EVENT_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/events/source.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace grpc {
class Channel;
}  // namespace grpc

namespace praxis::rpc {

class EventWatch;
class ServiceToken;

// An event source over EventService. Reading is one unary call. Next takes what
// a WatchEvents brings, which stays open from one call to the next that goes on
// where it is: an event costs one message. It is made for one follower; what
// others wait for at the same time, each watches anew.
//
// When the source cannot be reached or refuses, Next waits on: it tries again
// after some 75 ms, then twice as long each time up to 2 s, until its timeout.
class GrpcSource : public events::Source {
 public:
  // `channel` leads to a server of EventService, `token` outlives this; `name`
  // is whose events: "services/members".
  GrpcSource(std::shared_ptr<grpc::Channel> channel, ServiceToken& token,
             std::string name);
  // Nobody may be waiting any more: Interrupt first.
  ~GrpcSource() override;

  const std::string& name() const override { return name_; }
  absl::StatusOr<events::v1::ReadEventsResponse> Read(int64_t after,
                                                      int limit) override;
  absl::StatusOr<events::v1::ReadEventsResponse> Next(
      int64_t after, int limit, absl::Duration timeout) override;
  absl::StatusOr<events::Grant> Ack(absl::string_view consumer,
                                    int64_t number) override;
  absl::Status Leave(absl::string_view consumer) override;
  void Interrupt() override;
  void Wake() override;

 private:
  // A unary call with a token, a new one if it is refused.
  absl::Status Call(const std::string& path, absl::Duration timeout,
                    const google::protobuf::Message& request,
                    google::protobuf::Message* response);
  struct Watching {
    // Of the last event that it brought, or that it began behind.
    int64_t position = 0;
    std::string token;
    std::unique_ptr<EventWatch> watch;
  };

  // The next events after `after`, once they come. False when it is to be tried
  // again.
  bool Await(int64_t after, int limit, absl::Time end, int64_t wakes,
             events::v1::ReadEventsResponse* response);
  // The idle watch, if it is to bring what follows `after`, or a new one.
  absl::StatusOr<Watching> TakeWatch(int64_t after);
  // What Await answers, from one watch; nothing if `end` came first.
  static absl::Status Receive(Watching& watching, int64_t after, int limit,
                              absl::Time end,
                              events::v1::ReadEventsResponse* response);
  // A pause, if the last watch failed.
  void RestAfterFailure(absl::Time end, int64_t wakes);
  bool IsOver(int64_t wakes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return interrupted_ || wakes_ != wakes;
  }

  const std::shared_ptr<grpc::Channel> channel_;
  ServiceToken& token_;
  const std::string name_;

  absl::Mutex mutex_;
  bool interrupted_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t wakes_ ABSL_GUARDED_BY(mutex_) = 0;
  // Failures in a row.
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  // Those that somebody waits for, and the one that nobody does.
  absl::flat_hash_set<EventWatch*> awaited_ ABSL_GUARDED_BY(mutex_);
  Watching idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_EVENT_SOURCE_H_
