// Download: a stream of praxis.http.v1.BodyChunk as one raw body.
#ifndef GATEWAY_STREAM_DOWNLOAD_H_
#define GATEWAY_STREAM_DOWNLOAD_H_

#include <memory>
#include <optional>
#include <string>

#include "gateway/routes/route_table.h"
#include "gateway/stream/pulled_call.h"
#include "gateway/stream/range.h"
#include "praxis/http/v1/body.pb.h"

namespace praxis::gateway {

// One piece is in memory at a time: the next is pulled when the client has
// taken the last. Answers 200, 206 to Range (under If-Range only if the body is
// still the one the client has a part of), 304 to If-None-Match, 416 with the
// size. Always an attachment that no browser runs.
class Download : public PulledCall {
 public:
  Download(std::shared_ptr<Exchange> exchange, const Operation& operation,
           const CallContext& context, RouteMatch match)
      : PulledCall(std::move(exchange), operation, context),
        match_(std::move(match)) {}

  void Run();

 private:
  // What the stream that is open was opened for.
  enum class Purpose {
    kWhole,
    kRange,
    // The whole, until its etag is known: If-Range.
    kAskEtag,
    // Its size only: the range lay outside.
    kAskSize,
  };

  std::shared_ptr<Download> Self() {
    return std::static_pointer_cast<Download>(shared_from_this());
  }
  void OpenFor(Purpose purpose);
  void OnPiece() override;
  void OnWritten();
  void OnEnd();
  void OnFirst(const http::v1::BodyInfo& info);
  void StartBody(const http::v1::BodyInfo& info);

  const RouteMatch match_;
  std::optional<Range> range_;
  Purpose purpose_ = Purpose::kWhole;
  // Bytes that the client has yet to get.
  int64_t left_ = 0;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_STREAM_DOWNLOAD_H_
