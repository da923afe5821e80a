// PulledCall: an answer that is made of the messages of a server stream.
#ifndef GATEWAY_STREAM_PULLED_CALL_H_
#define GATEWAY_STREAM_PULLED_CALL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/call/http_call.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::gateway {

// The stream that is open, and one message of it at a time: whoever answers
// with them pulls the next when the client has taken the last.
class PulledCall : public HttpCall {
 protected:
  using HttpCall::HttpCall;

  // Opens the stream with a request, in the place of one that may be open, and
  // begins to watch. Fails the call where that cannot be.
  void Open(absl::StatusOr<std::string> wire);
  // Nothing more is wanted of it.
  void Close();
  bool is_open() const { return stream_ != nullptr; }

  // Asks for the next piece, which OnPiece() finds in piece().
  void Pull();
  virtual void OnPiece() = 0;
  rpc::StreamCall::Piece& piece() { return piece_; }

  // When the client stops waiting, by its own word.
  absl::Time deadline() const { return deadline_; }

 private:
  void CancelUpstream() override { Close(); }

  // Also held by a pull that is under way, which may outlast the call.
  std::shared_ptr<rpc::StreamCall> stream_;
  rpc::StreamCall::Piece piece_;
  absl::Time deadline_ = absl::InfiniteFuture();
};

}  // namespace praxis::gateway

#endif  // GATEWAY_STREAM_PULLED_CALL_H_
