// EventWatch: one WatchEvents under way.
#ifndef SERVICES_COMMON_RPC_GRPC_EVENT_WATCH_H_
#define SERVICES_COMMON_RPC_GRPC_EVENT_WATCH_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/client_callback.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/rpc/grpc/channel.h"

namespace praxis::rpc {

// Holds one message at most: what the source has beyond that waits there. For
// one reader at a time; Cancel may be called by others.
class EventWatch
    : private grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  EventWatch(const std::shared_ptr<grpc::Channel>& channel,
             const CallOptions& options,
             const events::v1::WatchEventsRequest& request);
  // Cancels it and blocks until it has ended: never on a thread of gRPC's.
  ~EventWatch() override;

  // Waits until `end` for the next message and moves it to `message`; false if
  // none came by then. The error the watch ended with, BACKEND_UNAVAILABLE if
  // the source just ended it.
  absl::StatusOr<bool> Next(absl::Time end,
                            events::v1::WatchEventsResponse* message);

  void Cancel() { context_.TryCancel(); }

 private:
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  const grpc::ByteBuffer request_;
  // Written by a read under way.
  grpc::ByteBuffer bytes_;

  absl::Mutex mutex_;
  // What is in bytes_ has not been taken yet; no read is under way.
  bool came_ ABSL_GUARDED_BY(mutex_) = false;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_EVENT_WATCH_H_
