#include "services/common/testing/echo.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/common/rpc/host.h"
#include "services/common/status/status.h"

namespace praxis::testing {
namespace {

// Counts up while it lives.
class CountStream : public rpc::ServerStream<v1::CountResponse> {
 public:
  CountStream(EchoState& state, const v1::CountRequest& request)
      : state_(state), request_(request) {
    ++state_.counts_open;
  }
  ~CountStream() override {
    state_.gate.Forget(waiting_);
    --state_.counts_open;
  }

  absl::StatusOr<rpc::Pulled> Next(v1::CountResponse* message) override {
    const int number = last_ + 1;
    if (number == request_.wait_at() && !state_.gate.is_open()) {
      return rpc::Pulled::kWait;
    }
    if (number == request_.fail_at()) {
      return Error(errors::v1::RESOURCE_NOT_FOUND, "That number is lost.");
    }
    if (number > request_.to()) return rpc::Pulled::kEnd;
    message->set_number(number);
    message->set_payload(std::string(request_.payload_bytes(), 'x'));
    last_ = number;
    ++state_.counted;
    return rpc::Pulled::kMessage;
  }

  void WhenReady(std::function<void()> ready) override {
    waiting_ = state_.gate.WhenOpen(std::move(ready));
  }
  bool IsQuick() const override { return request_.live(); }
  bool IsLive() const override { return request_.live(); }

 private:
  EchoState& state_;
  const v1::CountRequest request_;
  int last_ = 0;
  int waiting_ = 0;
};

class SumStream : public rpc::ClientStream<v1::SumRequest, v1::SumResponse> {
 public:
  explicit SumStream(EchoState& state) : state_(state) { ++state_.sums_open; }
  ~SumStream() override { --state_.sums_open; }

  absl::Status Push(const v1::SumRequest& message) override {
    if (message.number() < 0) {
      return FieldErrors({{"number", "must not be negative"}});
    }
    response_.set_sum(response_.sum() + message.number());
    response_.set_messages(response_.messages() + 1);
    return absl::OkStatus();
  }

  absl::StatusOr<v1::SumResponse> Finish() override {
    ++state_.sums_finished;
    return response_;
  }

 private:
  EchoState& state_;
  v1::SumResponse response_;
};

}  // namespace

void Gate::Open() {
  std::map<int, std::function<void()>> waiting;
  {
    absl::MutexLock lock(&mutex_);
    open_ = true;
    waiting.swap(waiting_);
  }
  for (auto& [id, opened] : waiting) opened();
}

bool Gate::is_open() const {
  absl::MutexLock lock(&mutex_);
  return open_;
}

int Gate::WhenOpen(std::function<void()> opened) {
  {
    absl::MutexLock lock(&mutex_);
    if (!open_) {
      waiting_.emplace(++last_id_, std::move(opened));
      return last_id_;
    }
  }
  opened();
  return 0;
}

void Gate::Forget(int id) {
  absl::MutexLock lock(&mutex_);
  waiting_.erase(id);
}

int Gate::waiting() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(waiting_.size());
}

bool Gate::Await(const rpc::CancelFlag& cancelled) {
  absl::MutexLock lock(&mutex_);
  // A flag wakes nobody, so it is looked at now and then.
  while (!mutex_.AwaitWithTimeout(absl::Condition(&open_),
                                  absl::Milliseconds(1))) {
    if (cancelled != nullptr && cancelled->load()) return false;
  }
  return true;
}

absl::StatusOr<v1::EchoResponse> Echo::EchoPayload(
    const rpc::Call& call, const v1::EchoRequest& request) {
  v1::EchoResponse response;
  response.set_payload(request.payload());
  response.set_title(request.title());
  response.set_time_left_ms(
      absl::ToInt64Milliseconds(call.deadline - absl::Now()));
  response.set_trace_id(call.trace_id);
  return response;
}

absl::StatusOr<v1::WhoAmIResponse> Echo::WhoAmI(const rpc::Call& call,
                                                const v1::WhoAmIRequest&) {
  v1::WhoAmIResponse response;
  response.set_name(call.caller.name);
  return response;
}

absl::StatusOr<v1::Note> Echo::GetNote(const rpc::Call&,
                                       const v1::GetNoteRequest& request) {
  v1::Note note;
  note.set_name(request.name());
  note.set_text("Remember this.");
  return note;
}

absl::StatusOr<v1::FailResponse> Echo::Fail(const rpc::Call&,
                                            const v1::FailRequest& request) {
  if (request.violations() > 0) {
    std::vector<FieldViolation> violations;
    for (int i = 0; i < request.violations(); ++i) {
      violations.push_back({absl::StrCat("field_", i), request.message()});
    }
    return FieldErrors(violations);
  }
  return Error(static_cast<Reason>(request.reason()), request.message());
}

absl::StatusOr<v1::BlockResponse> Echo::Block(const rpc::Call& call,
                                              const v1::BlockRequest&) {
  ++state_.blocked;
  const bool opened = state_.gate.Await(call.cancelled);
  if (!opened) ++state_.blocks_cancelled;
  --state_.blocked;
  if (!opened) return Error(errors::v1::CANCELLED, "The caller is gone.");
  return v1::BlockResponse();
}

absl::StatusOr<std::unique_ptr<rpc::ServerStream<v1::CountResponse>>>
Echo::Count(const rpc::Call&, const v1::CountRequest& request) {
  return std::make_unique<CountStream>(state_, request);
}

absl::StatusOr<
    std::unique_ptr<rpc::ClientStream<v1::SumRequest, v1::SumResponse>>>
Echo::Sum(const rpc::Call&, const v1::SumRequest&) {
  return std::make_unique<SumStream>(state_);
}

EchoServer::EchoServer(TestHost& host, rpc::PipelineOptions options,
                       std::function<absl::Time()> clock) {
  access_.SetVisibility("communities/open", events::v1::PUBLIC);
  access_.SetVisibility("communities/secret", events::v1::HIDDEN);
  access_.SetRole("communities/secret", "members/ada", events::v1::MEMBER);
  methods_.Add(&echo_, &Echo::EchoPayload);
  methods_.Add(&echo_, &Echo::WhoAmI);
  methods_.Add(&echo_, &Echo::GetNote);
  methods_.Add(&echo_, &Echo::Fail);
  methods_.Add(&echo_, &Echo::Block);
  methods_.Add(&echo_, &Echo::Count);
  methods_.Add(&echo_, &Echo::Sum);
  pipeline_ =
      std::make_unique<rpc::Pipeline>(rpc::Pipeline::Parts{.methods = methods_,
                                                           .access = access_,
                                                           .sealer = sealer_,
                                                           .host = host.host(),
                                                           .clock = clock},
                                      options);
}

}  // namespace praxis::testing
