#include "services/common/rpc/grpc/server_stream.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/common/rpc/grpc/testing/client.h"
#include "services/common/rpc/grpc/testing/raw_http2.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using testing::EchoRim;
using testing::Eventually;
using testing::FailsWith;
using testing::GrpcCall;
using testing::kCount;
using testing::RawHttp2;
using testing::Succeeds;
namespace v1 = testing::v1;

class ServerStreamTest : public ::testing::Test {
 protected:
  std::unique_ptr<GrpcCall> Count(const v1::CountRequest& request,
                                  const GrpcCall::Setup& setup = nullptr) {
    auto call = std::make_unique<GrpcCall>(rim_.channel(), kCount, setup);
    call->Write(request.SerializeAsString());
    call->WritesDone();
    return call;
  }

  // The next number, 0 at the end.
  static int Next(GrpcCall& call) {
    const std::optional<std::string> bytes = call.Read();
    v1::CountResponse response;
    if (!bytes.has_value() || !response.ParseFromString(*bytes)) return 0;
    return response.number();
  }

  bool AllClosed() {
    return Eventually([&] { return rim_.state().counts_open == 0; });
  }

  EchoRim rim_;
};

TEST_F(ServerStreamTest, GivesEveryMessageInOrder) {
  v1::CountRequest request;
  request.set_to(100);
  const auto call = Count(request);
  for (int i = 1; i <= 100; ++i) ASSERT_EQ(Next(*call), i);
  EXPECT_EQ(Next(*call), 0);
  EXPECT_THAT(call->Status(), Succeeds());
  EXPECT_TRUE(AllClosed());
}

TEST_F(ServerStreamTest, MayEndWithoutAMessage) {
  const auto call = Count(v1::CountRequest());
  EXPECT_EQ(Next(*call), 0);
  EXPECT_THAT(call->Status(), Succeeds());
}

TEST_F(ServerStreamTest, GivesWhatCameBeforeAnError) {
  v1::CountRequest request;
  request.set_to(5);
  request.set_fail_at(3);
  const auto call = Count(request);
  EXPECT_EQ(Next(*call), 1);
  EXPECT_EQ(Next(*call), 2);
  EXPECT_EQ(Next(*call), 0);
  EXPECT_THAT(call->Status(), FailsWith(errors::v1::RESOURCE_NOT_FOUND));
  EXPECT_TRUE(AllClosed());
}

TEST_F(ServerStreamTest, RefusesARequestThatDoesNotParse) {
  GrpcCall call(rim_.channel(), kCount);
  call.Write("\x0a\xff");
  call.WritesDone();
  EXPECT_THAT(call.Status(), FailsWith(errors::v1::MESSAGE_INVALID));
}

TEST_F(ServerStreamTest, RefusesARequestThatIsTooLarge) {
  GrpcCall call(rim_.channel(), kCount);
  call.Write(std::string(8 << 20, '\n'));
  call.WritesDone();
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

// The host has 8 workers: streams that held one while they wait would leave
// none for anybody else.
TEST_F(ServerStreamTest, WaitsWithoutAThread) {
  v1::CountRequest request;
  request.set_to(2);
  request.set_wait_at(2);
  std::vector<std::unique_ptr<GrpcCall>> calls;
  for (int i = 0; i < 50; ++i) calls.push_back(Count(request));
  for (const auto& call : calls) ASSERT_EQ(Next(*call), 1);
  ASSERT_TRUE(Eventually([&] { return rim_.state().gate.waiting() == 50; }));
  rim_.state().gate.Open();
  for (const auto& call : calls) {
    EXPECT_EQ(Next(*call), 2);
    EXPECT_EQ(Next(*call), 0);
    EXPECT_THAT(call->Status(), Succeeds());
  }
}

TEST_F(ServerStreamTest, EndsWhenTheCallerLeavesWhileItWaits) {
  v1::CountRequest request;
  request.set_to(2);
  request.set_wait_at(2);
  const auto call = Count(request);
  ASSERT_EQ(Next(*call), 1);
  ASSERT_TRUE(Eventually([&] { return rim_.state().gate.waiting() == 1; }));
  call->Cancel();
  EXPECT_TRUE(AllClosed());
  EXPECT_EQ(call->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(ServerStreamTest, EndsAtTheDeadlineWhileItWaits) {
  v1::CountRequest request;
  request.set_to(2);
  request.set_wait_at(1);
  const auto call = Count(request, [](grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(50));
  });
  EXPECT_EQ(call->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(AllClosed());
}

TEST_F(ServerStreamTest, EndsWhenTheConnectionIsLost) {
  v1::CountRequest request;
  request.set_to(2);
  request.set_wait_at(1);
  for (const bool abruptly : {false, true}) {
    RawHttp2 client(rim_.server().port());
    client.Open(kCount, {});
    client.SendMessage(request.SerializeAsString(), true);
    ASSERT_TRUE(Eventually([&] { return rim_.state().gate.waiting() == 1; }));
    client.Close(abruptly);
    EXPECT_TRUE(AllClosed());
  }
}

TEST_F(ServerStreamTest, MakesNoMoreThanASlowReaderTakes) {
  v1::CountRequest request;
  request.set_to(2000);
  request.set_payload_bytes(1 << 20);
  const auto call = Count(request);
  ASSERT_EQ(Next(*call), 1);
  // While the reader rests, the server is given time for much more than what
  // buffers and windows hold.
  for (int i = 0; i < 300; ++i) {
    ASSERT_THAT(testing::CallUnary<v1::EchoResponse>(
                    rim_.channel(), testing::kEcho, v1::EchoRequest()),
                Succeeds());
  }
  EXPECT_LT(rim_.state().counted, 100);
  call->Cancel();
  EXPECT_TRUE(AllClosed());
}

}  // namespace
}  // namespace praxis::rpc
