// EchoServer: the test service of echo.proto with a pipeline of its own.
#ifndef SERVICES_COMMON_TESTING_ECHO_H_
#define SERVICES_COMMON_TESTING_ECHO_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/common/auth/secrets.h"
#include "services/common/rpc/call.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"
#include "services/common/rpc/stream.h"
#include "services/common/testing/access.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/echo.pb.h"

namespace praxis::testing {

// A door that is shut until the test opens it. Thread-safe.
class Gate {
 public:
  void Open();
  bool is_open() const;

  // Calls `opened` once the gate opens, at once if it is open. Answers an id
  // for Forget.
  int WhenOpen(std::function<void()> opened);
  void Forget(int id);
  // How many wait.
  int waiting() const;

  // Waits until the gate opens (true) or `cancelled` is set.
  bool Await(const rpc::CancelFlag& cancelled);

 private:
  mutable absl::Mutex mutex_;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
  int last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int, std::function<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
};

// What the test sees of the handlers.
struct EchoState {
  Gate gate;
  // Calls of Block that are running, and those that saw their caller leave.
  std::atomic<int> blocked{0};
  std::atomic<int> blocks_cancelled{0};
  // Streams of Count and Sum that are open, messages that Count has made, and
  // streams of Sum that came to their end.
  std::atomic<int> counts_open{0};
  std::atomic<int> counted{0};
  std::atomic<int> sums_open{0};
  std::atomic<int> sums_finished{0};
};

// The handlers.
class Echo {
 public:
  explicit Echo(EchoState& state) : state_(state) {}

  absl::StatusOr<v1::EchoResponse> EchoPayload(const rpc::Call& call,
                                               const v1::EchoRequest& request);
  absl::StatusOr<v1::WhoAmIResponse> WhoAmI(const rpc::Call& call,
                                            const v1::WhoAmIRequest& request);
  absl::StatusOr<v1::Note> GetNote(const rpc::Call& call,
                                   const v1::GetNoteRequest& request);
  absl::StatusOr<v1::FailResponse> Fail(const rpc::Call& call,
                                        const v1::FailRequest& request);
  absl::StatusOr<v1::BlockResponse> Block(const rpc::Call& call,
                                          const v1::BlockRequest& request);
  absl::StatusOr<std::unique_ptr<rpc::ServerStream<v1::CountResponse>>> Count(
      const rpc::Call& call, const v1::CountRequest& request);
  absl::StatusOr<
      std::unique_ptr<rpc::ClientStream<v1::SumRequest, v1::SumResponse>>>
  Sum(const rpc::Call& call, const v1::SumRequest& first);

 private:
  EchoState& state_;
};

// The service, ready to be served. "communities/open" is PUBLIC,
// "communities/secret" HIDDEN with the member "members/ada".
class EchoServer {
 public:
  explicit EchoServer(TestHost& host, rpc::PipelineOptions options = {},
                      std::function<absl::Time()> clock = absl::Now);

  rpc::Pipeline& pipeline() { return *pipeline_; }
  StaticAccess& access() { return access_; }
  EchoState& state() { return state_; }

 private:
  EchoState state_;
  StaticAccess access_;
  const auth::Sealer sealer_ = auth::Sealer::Random();
  Echo echo_{state_};
  rpc::Methods methods_;
  std::unique_ptr<rpc::Pipeline> pipeline_;
};

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_TESTING_ECHO_H_
