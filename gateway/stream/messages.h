// Messages: a server stream as one body, message after message.
#ifndef GATEWAY_STREAM_MESSAGES_H_
#define GATEWAY_STREAM_MESSAGES_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/routes/route_table.h"
#include "gateway/stream/pulled_call.h"
#include "gateway/stream/stream_body.h"
#include "services/common/rpc/grpc/open_streams.h"

namespace praxis::gateway {

// Each message is sent as it comes, none pulled before the client has taken the
// last: a client that reads slowly costs one message, and is cut off when it
// reads nothing for the time that clients are given. Where nothing comes for
// 15 s, a sign of life is sent, by which clients that are gone are found and
// proxies keep the connection.
//
// A failure before the head is an ordinary error; one that comes later is told
// at the end of the body. Then, unless every reader of the body knows it for
// one, the connection is broken, so that nobody takes the end for a good one. A
// stream whose messages have numbers ends well when it has lasted for the age
// it may have: the client asks for what is behind the last.
class Messages : public PulledCall {
 public:
  Messages(std::shared_ptr<Exchange> exchange, const Operation& operation,
           const CallContext& context, RouteMatch match);
  ~Messages() override;

  virtual void Run();
  void OnDeadline() override;

 protected:
  // Opens the stream with a request, or answers why there is none; what comes
  // of it goes into `body`.
  void Invoke(absl::StatusOr<std::string> wire,
              std::unique_ptr<StreamBody> body);

 private:
  // What the server knows of it: it may stop at any time.
  struct Handle : rpc::OpenStream {
    void End() override;
    std::weak_ptr<Messages> call;
  };

  std::shared_ptr<Messages> Self() {
    return std::static_pointer_cast<Messages>(shared_from_this());
  }
  void OnPiece() override;
  void Continue();
  void Take();
  void Stop(absl::Status status);
  void Finish();
  void Write(std::string text);
  void WatchNext();

  const RouteMatch match_;
  const std::shared_ptr<rpc::OpenStreams> streams_;
  const std::shared_ptr<Handle> handle_ = std::make_shared<Handle>();
  std::unique_ptr<StreamBody> body_;
  absl::Time age_end_ = absl::InfiniteFuture();
  // A piece is here and not looked at, for something is being written.
  bool has_piece_ = false;
  bool pulling_ = false;
  bool writing_ = false;
  // How it ends, once that is known; told when the client has taken the rest.
  std::optional<absl::Status> end_;
  bool end_written_ = false;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_STREAM_MESSAGES_H_
