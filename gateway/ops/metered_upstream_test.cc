#include "gateway/ops/metered_upstream.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using ::testing::HasSubstr;

// Answers when it is told to.
struct Waiting {
  absl::AnyInvocable<void(rpc::Reply)> reply;
  absl::AnyInvocable<void(rpc::StreamCall::Piece)> piece;
  // What pushes are answered, at once.
  absl::Status pushed;
};

class WaitingStream : public rpc::StreamCall {
 public:
  explicit WaitingStream(Waiting& waiting) : waiting_(waiting) {}
  void Pull(absl::AnyInvocable<void(Piece)> done) override {
    waiting_.piece = std::move(done);
  }
  void Push(absl::string_view,
            absl::AnyInvocable<void(absl::Status)> done) override {
    done(waiting_.pushed);
  }
  void Finish(absl::AnyInvocable<void(rpc::Reply)> done) override {
    waiting_.reply = std::move(done);
  }
  void Cancel() override {}

 private:
  Waiting& waiting_;
};

class WaitingUpstream : public Upstream {
 public:
  explicit WaitingUpstream(Waiting& waiting) : waiting_(waiting) {}

  std::unique_ptr<Endpoint> Bind(
      const google::protobuf::MethodDescriptor&) override {
    class End : public Endpoint {
     public:
      explicit End(Waiting& waiting) : waiting_(waiting) {}
      std::shared_ptr<Running> Unary(
          rpc::Incoming, absl::string_view,
          absl::AnyInvocable<void(rpc::Reply)> done) override {
        waiting_.reply = std::move(done);
        return nullptr;
      }
      std::unique_ptr<rpc::StreamCall> ServerStream(rpc::Incoming,
                                                    std::string) override {
        return std::make_unique<WaitingStream>(waiting_);
      }
      std::unique_ptr<rpc::StreamCall> ClientStream(rpc::Incoming) override {
        return std::make_unique<WaitingStream>(waiting_);
      }

     private:
      Waiting& waiting_;
    };
    return std::make_unique<End>(waiting_);
  }
  void Check(absl::AnyInvocable<void(std::vector<Health>)> done) override {
    done({{"books", absl::OkStatus()}});
  }

 private:
  Waiting& waiting_;
};

class MeteredUpstreamTest : public ::testing::Test {
 protected:
  // Any method will do: no call is made by it.
  const google::protobuf::MethodDescriptor& Method() {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
            "praxis.events.v1.EventService");
    return *service->method(0);
  }

  static std::string Series(absl::string_view name, absl::string_view labels,
                            int value) {
    return absl::StrCat("praxis_gateway_upstream_", name,
                        "{upstream=\"books.v1\"", labels, "} ", value, "\n");
  }

  telemetry::Registry registry_;
  Waiting waiting_;
  MeteredUpstream upstream_{std::make_unique<WaitingUpstream>(waiting_),
                            registry_, "books.v1"};
  const std::unique_ptr<Endpoint> endpoint_ = upstream_.Bind(Method());
};

TEST_F(MeteredUpstreamTest, CountsCallsByTheirCodes) {
  absl::Status answered = absl::UnknownError("not yet");
  const auto call = [&] {
    endpoint_->Unary(
        {}, "", [&](rpc::Reply reply) { answered = std::move(reply.status); });
  };
  call();
  EXPECT_THAT(registry_.Text(), HasSubstr(Series("calls_open", "", 1)));
  waiting_.reply({absl::OkStatus(), "x"});
  EXPECT_TRUE(answered.ok());
  call();
  waiting_.reply({absl::UnavailableError("away"), ""});
  EXPECT_EQ(answered.code(), absl::StatusCode::kUnavailable);
  const std::string text = registry_.Text();
  EXPECT_THAT(text, HasSubstr(Series("calls_open", "", 0)));
  EXPECT_THAT(text, HasSubstr(Series("calls_total", ",code=\"OK\"", 1)));
  EXPECT_THAT(text,
              HasSubstr(Series("calls_total", ",code=\"UNAVAILABLE\"", 1)));
  EXPECT_THAT(text, HasSubstr(Series("seconds_count", "", 2)));
}

TEST_F(MeteredUpstreamTest, CountsAStreamToItsEnd) {
  auto stream = endpoint_->ServerStream({}, "");
  stream->Pull([](auto) {});
  waiting_.piece({.message = "one"});
  EXPECT_THAT(registry_.Text(), HasSubstr(Series("calls_open", "", 1)));
  // The last callback may let go of the stream.
  stream->Pull([&](auto) { stream = nullptr; });
  waiting_.piece({.end = true, .status = absl::OkStatus()});
  EXPECT_THAT(registry_.Text(), HasSubstr(Series("calls_open", "", 0)));
  EXPECT_THAT(registry_.Text(),
              HasSubstr(Series("calls_total", ",code=\"OK\"", 1)));

  stream = endpoint_->ClientStream({});
  stream->Finish([](auto) {});
  waiting_.reply({absl::DataLossError("lost"), ""});
  EXPECT_THAT(registry_.Text(),
              HasSubstr(Series("calls_total", ",code=\"DATA_LOSS\"", 1)));
}

TEST_F(MeteredUpstreamTest, CountsAStreamThatIsLeftAsCancelled) {
  endpoint_->ServerStream({}, "");
  EXPECT_THAT(registry_.Text(), HasSubstr(Series("calls_open", "", 0)));
  EXPECT_THAT(registry_.Text(),
              HasSubstr(Series("calls_total", ",code=\"CANCELLED\"", 1)));
}

TEST_F(MeteredUpstreamTest, CountsAStreamOnceWhoseEndComesLate) {
  auto stream = endpoint_->ServerStream({}, "");
  stream->Pull([](auto) {});
  stream = nullptr;
  waiting_.piece({.end = true, .status = absl::OkStatus()});
  EXPECT_THAT(registry_.Text(), HasSubstr(Series("calls_open", "", 0)));
  EXPECT_THAT(registry_.Text(),
              HasSubstr(Series("calls_total", ",code=\"CANCELLED\"", 1)));
  EXPECT_THAT(registry_.Text(),
              HasSubstr(Series("calls_total", ",code=\"OK\"", 0)));
}

TEST_F(MeteredUpstreamTest, CountsAStreamThatTakesNoMoreByWhy) {
  auto stream = endpoint_->ClientStream({});
  waiting_.pushed = absl::ResourceExhaustedError("full");
  absl::Status pushed;
  stream->Push("", [&](absl::Status status) { pushed = std::move(status); });
  EXPECT_EQ(pushed, waiting_.pushed);
  stream = nullptr;
  EXPECT_THAT(
      registry_.Text(),
      HasSubstr(Series("calls_total", ",code=\"RESOURCE_EXHAUSTED\"", 1)));
  EXPECT_THAT(registry_.Text(),
              HasSubstr(Series("calls_total", ",code=\"CANCELLED\"", 0)));
}

TEST_F(MeteredUpstreamTest, CountsACallThatOutlivesIt) {
  auto upstream = std::make_unique<MeteredUpstream>(
      std::make_unique<WaitingUpstream>(waiting_), registry_, "books.v1");
  upstream->Bind(Method())->Unary({}, "", [](auto) {});
  upstream = nullptr;
  waiting_.reply({absl::OkStatus(), ""});
  EXPECT_THAT(registry_.Text(), HasSubstr(Series("calls_open", "", 0)));
}

TEST_F(MeteredUpstreamTest, PassesOnHowTheUpstreamDoes) {
  std::vector<Health> lines;
  upstream_.Check([&](std::vector<Health> seen) { lines = std::move(seen); });
  ASSERT_EQ(lines.size(), 1);
  EXPECT_EQ(lines[0].name, "books");
}

}  // namespace
}  // namespace praxis::gateway
