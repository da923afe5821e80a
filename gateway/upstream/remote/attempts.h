// Attempts: one call, as often as it is tried.
#ifndef GATEWAY_UPSTREAM_REMOTE_ATTEMPTS_H_
#define GATEWAY_UPSTREAM_REMOTE_ATTEMPTS_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway/upstream/remote/backend.h"
#include "grpcpp/alarm.h"
#include "grpcpp/client_context.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::gateway {

// Waits for a connection, starts an attempt, and another one where that may
// help. An attempt is only started on a connection that is there, so one that
// has to wait was never sent. Lives until the last attempt has ended.
class Attempts : public std::enable_shared_from_this<Attempts> {
 public:
  virtual ~Attempts() = default;

 protected:
  // Declared first, so that it goes last: see Calls.
  const CallCount count_;

  Attempts(Backend& backend, rpc::Incoming incoming);

  // Start() or GiveUp() follows, now or from another thread.
  void Try();
  // Whether an attempt that ended with `status` is followed by another; then
  // Try() has been called, or will be.
  bool TryAgain(const absl::Status& status, const grpc::ClientContext& context);
  // No more attempts: a wait ends with GiveUp().
  void Stop();

  // An attempt. Under no lock.
  virtual void Start() = 0;
  // There will be none any more.
  virtual void GiveUp(absl::Status status) = 0;

  Backend& backend() { return backend_; }
  const rpc::Incoming& incoming() const { return incoming_; }
  absl::Time begun() const { return begun_; }
  // When the last attempt was started.
  absl::Time tried() const { return tried_; }
  bool stopped() {
    absl::MutexLock lock(&mutex_);
    return stopped_;
  }

 private:
  // Try() once `pause` is over.
  void TryAfter(absl::Duration pause);

  Backend& backend_;
  const rpc::Incoming incoming_;
  const absl::Time begun_;
  absl::Time patience_;
  absl::Time tried_;
  int attempts_ = 0;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<grpc::Alarm> alarm_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::gateway

#endif  // GATEWAY_UPSTREAM_REMOTE_ATTEMPTS_H_
