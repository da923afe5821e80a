// Unary calls through a real server, and what the server is as a whole.
#include "services/common/rpc/grpc/server.h"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "services/common/rpc/grpc/testing/client.h"
#include "services/common/rpc/grpc/testing/raw_http2.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using testing::CallUnary;
using testing::EchoRim;
using testing::Eventually;
using testing::FailsWith;
using testing::GrpcCall;
using ::testing::HasSubstr;
using testing::kBlock;
using testing::kEcho;
using testing::kFail;
using testing::kWhoAmI;
using testing::RawHttp2;
using testing::Succeeds;
using testing::WithToken;
namespace v1 = testing::v1;

class GrpcServerTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::EchoResponse> Echo(
      const std::string& payload, const GrpcCall::Setup& setup = nullptr) {
    v1::EchoRequest request;
    request.set_payload(payload);
    return CallUnary<v1::EchoResponse>(rim_.channel(), kEcho, request, setup);
  }
  absl::StatusOr<v1::WhoAmIResponse> WhoAmI(const GrpcCall::Setup& setup) {
    return CallUnary<v1::WhoAmIResponse>(rim_.channel(), kWhoAmI,
                                         v1::WhoAmIRequest(), setup);
  }
  // Fails with `reason`; the status as gRPC has it.
  grpc::Status Fail(const v1::FailRequest& request) {
    GrpcCall call(rim_.channel(), kFail);
    call.Write(request.SerializeAsString());
    call.WritesDone();
    return call.Finish();
  }

  EchoRim rim_;
};

TEST_F(GrpcServerTest, CarriesMessagesOfEverySizeUnchanged) {
  for (const size_t size : {0, 1, 23, 24, 2048, 2049, 20000, 4000000}) {
    std::string payload(size, '\0');
    for (size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 7);
    const auto response = Echo(payload);
    ASSERT_THAT(response, Succeeds()) << size;
    EXPECT_TRUE(response->payload() == payload) << size;
  }
}

TEST_F(GrpcServerTest, VerifiesTheBearerToken) {
  const std::string token = rim_.host().TokenFor("members/ada");
  const auto ada = WhoAmI(WithToken(token));
  ASSERT_THAT(ada, Succeeds());
  EXPECT_EQ(ada->name(), "members/ada");
  EXPECT_THAT(WhoAmI(nullptr), FailsWith(errors::v1::TOKEN_MISSING));
  EXPECT_THAT(WhoAmI(WithToken("x" + token)),
              FailsWith(errors::v1::TOKEN_INVALID));
}

TEST_F(GrpcServerTest, TakesNothingElseForIdentity) {
  EXPECT_THAT(WhoAmI([](grpc::ClientContext& context) {
                context.AddMetadata("x-user-id", "members/ada");
                context.AddMetadata("x-roles", "OWNER");
                context.AddMetadata("forwarded", "for=members/ada");
                context.AddMetadata("grpc-metadata-authorization", "Bearer x");
              }),
              FailsWith(errors::v1::TOKEN_MISSING));
}

TEST_F(GrpcServerTest, HandsOnTheDeadline) {
  const auto asked = Echo("", [](grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(60));
  });
  ASSERT_THAT(asked, Succeeds());
  EXPECT_GT(asked->time_left_ms(), 5000);
  // gRPC rounds up what it writes into grpc-timeout.
  EXPECT_LE(asked->time_left_ms(), 61000);
  const auto none = Echo("");
  ASSERT_THAT(none, Succeeds());
  EXPECT_LE(none->time_left_ms(), 5000);
}

TEST_F(GrpcServerTest, ContinuesTheTrace) {
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  const auto response = Echo("", [&](grpc::ClientContext& context) {
    context.AddMetadata("traceparent",
                        absl::StrCat("00-", trace, "-b7ad6b7169203331-01"));
  });
  ASSERT_THAT(response, Succeeds());
  EXPECT_EQ(response->trace_id(), trace);
}

TEST_F(GrpcServerTest, AnswersErrorsWithTheirDetails) {
  v1::FailRequest request;
  request.set_reason(errors::v1::LAST_OWNER);
  request.set_message("Name another owner first: \xC3\xA9.");
  const grpc::Status status = Fail(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_message(), request.message());
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(details.message(), request.message());
  ASSERT_EQ(details.details_size(), 1);
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "LAST_OWNER");
  EXPECT_EQ(info.domain(), "praxis");
}

TEST_F(GrpcServerTest, KeepsTheReasonOfAnErrorThatIsTooLongForTrailers) {
  v1::FailRequest request;
  request.set_violations(1000);
  request.set_message(std::string(500, 'x'));
  const grpc::Status status = Fail(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.details_size(), 1);
  request.set_violations(0);
  request.set_reason(errors::v1::LAST_OWNER);
  request.set_message(std::string(100000, 'x'));
  EXPECT_EQ(Fail(request).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(GrpcServerTest, AnswersMethodsThatNobodyHas) {
  for (const char* path : {"/praxis.testing.v1.EchoService/Nothing",
                           "/nobody.Service/Call", "/", "/x"}) {
    EXPECT_THAT(
        CallUnary<v1::EchoResponse>(rim_.channel(), path, v1::EchoRequest()),
        FailsWith(errors::v1::METHOD_UNKNOWN))
        << path;
  }
}

TEST_F(GrpcServerTest, RefusesMessagesThatDoNotParse) {
  GrpcCall call(rim_.channel(), kEcho);
  EXPECT_THAT(call.Unary("\x0a\xff"), FailsWith(errors::v1::MESSAGE_INVALID));
}

TEST_F(GrpcServerTest, RefusesMessagesThatAreTooLarge) {
  // The pipeline's limit, then gRPC's own.
  for (const size_t size : {(4 << 20) + 1, 5 << 20, 50 << 20}) {
    EXPECT_THAT(Echo(std::string(size, 'x')), FailsWith(errors::v1::TOO_LARGE))
        << size;
  }
  EXPECT_THAT(Echo("still there"), Succeeds());
}

TEST_F(GrpcServerTest, UnpacksNothing) {
  // 4 GB of zeros would travel in 4 MB.
  const auto response = Echo(std::string(1 << 20, '\0'), [](auto& context) {
    context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  });
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(Echo("still there"), Succeeds());
}

TEST_F(GrpcServerTest, RefusesMetadataThatIsTooLarge) {
  const auto with_metadata = [](size_t size) {
    return [size](grpc::ClientContext& context) {
      context.AddMetadata("x-filler", std::string(size, 'x'));
    };
  };
  EXPECT_THAT(Echo("", with_metadata(12000)), Succeeds());
  // This may cost the caller the connection, and nobody else theirs.
  const auto other = testing::Connect(rim_.server().port());
  for (const size_t size : {20000, 1000000}) {
    EXPECT_FALSE(Echo("", with_metadata(size)).ok()) << size;
    EXPECT_THAT(CallUnary<v1::EchoResponse>(other, kEcho, v1::EchoRequest()),
                Succeeds());
  }
}

TEST_F(GrpcServerTest, SurvivesMetadataThatIsNoText) {
  const std::string bad = std::string("\xff\xfe\0\r\n\x80", 6);
  for (const std::string name :
       {"traceparent", "x-request-id", "authorization", "anything"}) {
    RawHttp2 client(rim_.server().port());
    client.Open(kEcho, {{name, bad}, {name, bad}});
    client.SendMessage("", true);
    EXPECT_NE(client.Outcome(), "closed") << name;
  }
  EXPECT_THAT(Echo("still there"), Succeeds());
}

TEST_F(GrpcServerTest, TellsTheHandlerThatTheCallerIsGone) {
  GrpcCall call(rim_.channel(), kBlock);
  call.Write("");
  call.WritesDone();
  ASSERT_TRUE(Eventually([&] { return rim_.state().blocked == 1; }));
  call.Cancel();
  EXPECT_TRUE(Eventually([&] { return rim_.state().blocks_cancelled == 1; }));
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(GrpcServerTest, TellsTheHandlerThatTheDeadlineHasPassed) {
  GrpcCall call(rim_.channel(), kBlock, [](grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(50));
  });
  call.Write("");
  call.WritesDone();
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(Eventually([&] { return rim_.state().blocked == 0; }));
}

TEST_F(GrpcServerTest, ServesManyCallsAtOnce) {
  std::atomic<int> right = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&, i] {
      const auto channel = testing::Connect(rim_.server().port());
      for (int j = 0; j < 100; ++j) {
        v1::EchoRequest request;
        request.set_payload(absl::StrCat(i, "/", j));
        const auto response =
            CallUnary<v1::EchoResponse>(channel, kEcho, request);
        if (response.ok() && response->payload() == request.payload()) ++right;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(right, 800);
}

TEST_F(GrpcServerTest, RefusesAnAddressThatIsTaken) {
  const auto second = GrpcServer::Start(
      {.address = absl::StrCat("127.0.0.1:", rim_.server().port())});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(second.status().message(), HasSubstr("cannot listen"));
}

TEST_F(GrpcServerTest, RefusesWhatIsNoAddress) {
  EXPECT_EQ(GrpcServer::Start({.address = "no such place"}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(GrpcServerTest, RefusesOneServiceInTwoPipelines) {
  const auto twice =
      GrpcServer::Start({.address = "127.0.0.1:0",
                         .served = {{&rim_.echo().pipeline(), nullptr},
                                    {&rim_.echo().pipeline(), nullptr}}});
  EXPECT_THAT(twice.status().message(), HasSubstr("served by two pipelines"));
}

}  // namespace
}  // namespace praxis::rpc
