#include "services/common/rpc/grpc/client_stream.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

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
using testing::kSum;
using testing::RawHttp2;
using testing::Succeeds;
namespace v1 = testing::v1;

class ClientStreamTest : public ::testing::Test {
 protected:
  std::unique_ptr<GrpcCall> Sum(const GrpcCall::Setup& setup = nullptr) {
    return std::make_unique<GrpcCall>(rim_.channel(), kSum, setup);
  }

  static std::string Number(int64_t number, size_t payload_bytes = 0) {
    v1::SumRequest request;
    request.set_number(number);
    request.set_payload(std::string(payload_bytes, 'x'));
    return request.SerializeAsString();
  }

  bool Opened() {
    return Eventually([&] { return rim_.state().sums_open == 1; });
  }
  bool AllClosed() {
    return Eventually([&] { return rim_.state().sums_open == 0; });
  }

  EchoRim rim_;
};

TEST_F(ClientStreamTest, TakesEveryMessageAndAnswersOnce) {
  const auto call = Sum();
  for (int i = 1; i <= 100; ++i) ASSERT_TRUE(call->Write(Number(i, i * 100)));
  ASSERT_TRUE(call->WritesDone());
  const std::optional<std::string> bytes = call->Read();
  ASSERT_THAT(call->Status(), Succeeds());
  v1::SumResponse response;
  ASSERT_TRUE(bytes.has_value() && response.ParseFromString(*bytes));
  EXPECT_EQ(response.sum(), 5050);
  EXPECT_EQ(response.messages(), 100);
  EXPECT_TRUE(AllClosed());
}

TEST_F(ClientStreamTest, RefusesAStreamWithoutAMessage) {
  const auto call = Sum();
  call->WritesDone();
  EXPECT_THAT(call->Status(), FailsWith(errors::v1::MESSAGE_INVALID));
}

TEST_F(ClientStreamTest, EndsAtTheMessageThatIsRefused) {
  const auto call = Sum();
  call->Write(Number(1));
  call->Write(Number(-1));
  // The caller does not stop, and is answered all the same.
  while (call->Write(Number(1, 100000))) {
  }
  EXPECT_THAT(call->Status(), FailsWith(errors::v1::FIELD_INVALID));
  EXPECT_TRUE(AllClosed());
  EXPECT_EQ(rim_.state().sums_finished, 0);
}

TEST_F(ClientStreamTest, RefusesAMessageThatIsTooLarge) {
  for (const size_t size : {(4 << 20) + 1, 8 << 20}) {
    const auto call = Sum();
    call->Write(Number(1));
    call->Write(Number(1, size));
    call->WritesDone();
    EXPECT_THAT(call->Status(), FailsWith(errors::v1::TOO_LARGE)) << size;
  }
  EXPECT_TRUE(AllClosed());
  EXPECT_EQ(rim_.state().sums_finished, 0);
}

// What a caller has sent counts only when it says that it is all. Each way of
// breaking off is tried many times, for it is a race within gRPC whether the
// read or the call is seen to end first.
TEST_F(ClientStreamTest, DropsWhatWasSentWhenTheCallerCancels) {
  for (int i = 0; i < 100; ++i) {
    const auto call = Sum();
    ASSERT_TRUE(call->Write(Number(1)));
    if (i % 2 == 0) {
      ASSERT_TRUE(Opened());
    }
    call->Cancel();
    EXPECT_EQ(call->Finish().error_code(), grpc::StatusCode::CANCELLED);
    ASSERT_TRUE(AllClosed());
  }
  EXPECT_EQ(rim_.state().sums_finished, 0);
}

TEST_F(ClientStreamTest, DropsWhatWasSentAtTheDeadline) {
  for (int i = 0; i < 10; ++i) {
    const auto call = Sum([](grpc::ClientContext& context) {
      context.set_deadline(std::chrono::system_clock::now() +
                           std::chrono::milliseconds(20));
    });
    call->Write(Number(1));
    EXPECT_EQ(call->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  }
  EXPECT_TRUE(AllClosed());
  EXPECT_EQ(rim_.state().sums_finished, 0);
}

TEST_F(ClientStreamTest, DropsWhatWasSentWhenTheConnectionIsLost) {
  for (int i = 0; i < 100; ++i) {
    RawHttp2 client(rim_.server().port());
    client.Open(kSum, {});
    client.SendMessage(Number(1), false);
    ASSERT_TRUE(Opened());
    client.Close(i % 2 == 0);
    ASSERT_TRUE(AllClosed());
  }
  EXPECT_EQ(rim_.state().sums_finished, 0);
}

TEST_F(ClientStreamTest, DropsWhatWasSentWhenTheStreamIsReset) {
  for (int i = 0; i < 100; ++i) {
    RawHttp2 client(rim_.server().port());
    client.Open(kSum, {});
    client.SendMessage(Number(1), false);
    if (i % 2 == 0) {
      ASSERT_TRUE(Opened());
    }
    client.ResetCall();
    ASSERT_TRUE(AllClosed());
  }
  EXPECT_EQ(rim_.state().sums_finished, 0);
}

TEST_F(ClientStreamTest, CountsWhatTheCallerEnds) {
  RawHttp2 client(rim_.server().port());
  client.Open(kSum, {});
  client.SendMessage(Number(1), false);
  client.EndCall();
  EXPECT_EQ(client.Outcome(), "answered");
  EXPECT_EQ(rim_.state().sums_finished, 1);
}

}  // namespace
}  // namespace praxis::rpc
