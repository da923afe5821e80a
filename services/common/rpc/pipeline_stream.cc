// Streams through the pipeline: each operation of a transport is one piece of
// work on a worker, and a stream that waits for news holds none.
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "services/common/rpc/pipeline.h"
#include "services/common/status/status.h"

namespace praxis::rpc {

// What both kinds of stream keep. Shared with the work under way, so that the
// transport's handle may go as soon as the work has called back.
struct Pipeline::StreamState {
  StreamState(Pipeline& pipeline, const Handler& handler, Incoming incoming)
      : under_way(pipeline),
        pipeline(pipeline),
        handler(handler),
        call(pipeline.Begin(handler, incoming)),
        token(std::move(incoming.token)),
        request_id(std::move(incoming.request_id)) {}

  ~StreamState() {
    if (!ended) (void)End(Error(Reason::CANCELLED, "The caller broke off."));
  }

  absl::Status End(absl::Status status) {
    ended = true;
    return pipeline.End(handler, call, request_id, std::move(status));
  }

  // Goes last of all.
  const UnderWay under_way;
  Pipeline& pipeline;
  const Handler& handler;
  Call call;
  std::string token;
  std::string request_id;
  bool ended = false;
};

struct Pipeline::ServerStreamState
    : StreamState,
      std::enable_shared_from_this<ServerStreamState> {
  using Done = absl::AnyInvocable<void(StreamCall::Piece)>;

  ServerStreamState(Pipeline& pipeline, const Handler& handler,
                    Incoming incoming, std::string request)
      : StreamState(pipeline, handler, std::move(incoming)),
        request(std::move(request)) {}
  ~ServerStreamState() {
    if (counted_live) pipeline.LeaveLive(call);
  }

  // Pulls here if that is quick, else on a worker.
  void Pull(Done done) {
    if (stream != nullptr && stream->IsQuick() &&
        pipeline.parts_.access.IsCurrent()) {
      // Whoever lets go of the call within `done` does not end it here.
      const auto self = shared_from_this();
      return Step(std::move(done));
    }
    Schedule(std::move(done));
  }

  void Schedule(Done done) {
    auto shared_done = std::make_shared<Done>(std::move(done));
    if (pipeline.RunLater([self = shared_from_this(), shared_done] {
          self->Step(std::move(*shared_done));
        })) {
      return;
    }
    (*shared_done)({.end = true, .status = End(Overloaded())});
  }

  void Step(Done done) {
    absl::StatusOr<Pulled> pulled = Next();
    if (!pulled.ok() || *pulled == Pulled::kEnd) {
      done({.end = true, .status = End(pulled.status())});
    } else if (*pulled == Pulled::kMessage) {
      done({.message = message->SerializeAsString()});
    } else {
      Wait(std::move(done));
    }
  }

  absl::StatusOr<Pulled> Next() {
    RETURN_IF_ERROR(pipeline.StillWanted(call));
    if (stream == nullptr) RETURN_IF_ERROR(Open());
    message.reset(handler.response_prototype->New());
    ASSIGN_OR_RETURN(const Pulled pulled, stream->Next(message.get()));
    // After the message was made: what was taken from the caller before that is
    // seen here.
    RETURN_IF_ERROR(pipeline.admission_.AdmitAgain(
        handler, stream->IsLive() ? token : "", *request_message, call,
        pipeline.parts_.clock()));
    return pulled;
  }

  absl::Status Open() {
    request_message.reset(handler.request_prototype->New());
    RETURN_IF_ERROR(pipeline.CheckSize(request));
    RETURN_IF_ERROR(pipeline.admission_.Admit(handler, token, request, &call,
                                              request_message.get()));
    ASSIGN_OR_RETURN(stream, handler.server_stream(call, *request_message));
    if (!stream->IsLive()) return absl::OkStatus();
    RETURN_IF_ERROR(pipeline.EnterLive(call));
    counted_live = true;
    return absl::OkStatus();
  }

  void Wait(Done done) {
    {
      absl::MutexLock lock(&mutex);
      waiting = std::move(done);
    }
    // A Cancel that came before found nothing to take.
    if (call.cancelled->load()) return Resume();
    stream->WhenReady([weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Resume();
    });
  }

  // Whoever takes the waiting callback goes on with it.
  void Resume() {
    Done done;
    {
      absl::MutexLock lock(&mutex);
      done = std::exchange(waiting, nullptr);
    }
    if (done) Pull(std::move(done));
  }

  const std::string request;
  std::unique_ptr<Message> request_message;
  bool counted_live = false;
  std::unique_ptr<AnyServerStream> stream;
  std::unique_ptr<Message> message;
  absl::Mutex mutex;
  Done waiting ABSL_GUARDED_BY(mutex);
};

class Pipeline::ServerStreaming : public StreamCall {
 public:
  explicit ServerStreaming(std::shared_ptr<ServerStreamState> state)
      : state_(std::move(state)) {}

  void Pull(absl::AnyInvocable<void(Piece)> done) override {
    state_->Pull(std::move(done));
  }
  void Push(absl::string_view,
            absl::AnyInvocable<void(absl::Status)> done) override {
    done(Error(Reason::INTERNAL, "A server stream takes one request."));
  }
  void Finish(absl::AnyInvocable<void(Reply)> done) override {
    done({Error(Reason::INTERNAL, "A server stream has no one reply."), ""});
  }
  void Cancel() override {
    state_->call.cancelled->store(true);
    state_->Resume();
  }

 private:
  std::shared_ptr<ServerStreamState> state_;
};

struct Pipeline::ClientStreamState
    : StreamState,
      std::enable_shared_from_this<ClientStreamState> {
  using StreamState::StreamState;

  absl::Status Push(absl::string_view bytes) {
    RETURN_IF_ERROR(pipeline.StillWanted(call));
    RETURN_IF_ERROR(pipeline.CheckSize(bytes));
    std::unique_ptr<Message> message(handler.request_prototype->New());
    if (stream == nullptr) {
      RETURN_IF_ERROR(pipeline.admission_.Admit(handler, token, bytes, &call,
                                                message.get()));
      ASSIGN_OR_RETURN(stream, handler.client_stream(call, *message));
    } else if (!message->ParseFromArray(bytes.data(),
                                        static_cast<int>(bytes.size()))) {
      return Error(Reason::MESSAGE_INVALID,
                   "A message of the stream does not parse.");
    }
    return stream->Push(*message);
  }

  absl::StatusOr<std::string> Finish() {
    RETURN_IF_ERROR(pipeline.StillWanted(call));
    if (stream == nullptr) {
      return Error(Reason::MESSAGE_INVALID, "The stream holds no message.");
    }
    ASSIGN_OR_RETURN(Message* const response, stream->Finish());
    return response->SerializeAsString();
  }

  std::unique_ptr<AnyClientStream> stream;
};

class Pipeline::ClientStreaming : public StreamCall {
 public:
  explicit ClientStreaming(std::shared_ptr<ClientStreamState> state)
      : state_(std::move(state)) {}

  void Pull(absl::AnyInvocable<void(Piece)> done) override {
    done({.end = true,
          .status = Error(Reason::INTERNAL, "A client stream has one reply.")});
  }

  void Push(absl::string_view message,
            absl::AnyInvocable<void(absl::Status)> done) override {
    auto shared_done = std::make_shared<absl::AnyInvocable<void(absl::Status)>>(
        std::move(done));
    if (state_->pipeline.RunLater([state = state_, message, shared_done] {
          absl::Status status = state->Push(message);
          if (!status.ok()) status = state->End(std::move(status));
          (*shared_done)(std::move(status));
        })) {
      return;
    }
    (*shared_done)(state_->End(Overloaded()));
  }

  void Finish(absl::AnyInvocable<void(Reply)> done) override {
    auto shared_done =
        std::make_shared<absl::AnyInvocable<void(Reply)>>(std::move(done));
    if (state_->pipeline.RunLater([state = state_, shared_done] {
          absl::StatusOr<std::string> response = state->Finish();
          Reply reply{state->End(response.status()), ""};
          if (response.ok()) reply.message = *std::move(response);
          (*shared_done)(std::move(reply));
        })) {
      return;
    }
    (*shared_done)({state_->End(Overloaded()), ""});
  }

  void Cancel() override { state_->call.cancelled->store(true); }

 private:
  std::shared_ptr<ClientStreamState> state_;
};

absl::Status Pipeline::EnterLive(const Call& call) {
  const int most = parts_.host.rates.live_streams_max;
  if (!call.caller.signed_in() || call.caller.is_service() || most == 0) {
    return absl::OkStatus();
  }
  absl::MutexLock lock(&streams_mutex_);
  int& open = live_streams_[call.caller.name];
  if (open < most) {
    ++open;
    return absl::OkStatus();
  }
  return RetryAfter(
      Error(Reason::RATE_LIMITED,
            absl::StrCat("You have ", most, " live streams; close one first.")),
      absl::Seconds(10));
}

void Pipeline::LeaveLive(const Call& call) {
  absl::MutexLock lock(&streams_mutex_);
  const auto open = live_streams_.find(call.caller.name);
  if (open != live_streams_.end() && --open->second == 0) {
    live_streams_.erase(open);
  }
}

Pipeline::~Pipeline() {
  absl::MutexLock lock(&streams_mutex_);
  const auto none_left = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(
                             streams_mutex_) { return under_way_ == 0; };
  streams_mutex_.Await(absl::Condition(&none_left));
}

std::unique_ptr<StreamCall> Pipeline::ServerStream(const Handler& handler,
                                                   Incoming incoming,
                                                   std::string request) {
  return std::make_unique<ServerStreaming>(std::make_shared<ServerStreamState>(
      *this, handler, std::move(incoming), std::move(request)));
}

std::unique_ptr<StreamCall> Pipeline::ClientStream(const Handler& handler,
                                                   Incoming incoming) {
  return std::make_unique<ClientStreaming>(
      std::make_shared<ClientStreamState>(*this, handler, std::move(incoming)));
}

}  // namespace praxis::rpc
