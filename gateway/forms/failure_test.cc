#include "gateway/forms/failure.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gateway/forms/envelope.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const Form& Of(absl::string_view type) { return *FindRpcForm(type); }
constexpr Form kStatus = {"application/json", Protocol::kHttp, Codec::kJson};
constexpr Form kProblem = {"application/problem+json", Protocol::kHttpProblem,
                           Codec::kJson};

std::string BodyOf(const Form& form, const absl::Status& status) {
  const google::rpc::Status shown = ToRpcStatus(status);
  return FailureBody(form, {shown, HttpStatusOf(status), "request-1"});
}

// What a frame holds, behind its flags and its length.
std::string PayloadOf(uint8_t flags, const std::string& frame) {
  EXPECT_EQ(static_cast<uint8_t>(frame[0]), flags);
  EXPECT_EQ(static_cast<uint8_t>(frame[4]),
            (frame.size() - kEnvelopePrefixBytes) % 256);
  return frame.substr(kEnvelopePrefixBytes);
}

TEST(FailureTest, IsAStatusByDefault) {
  EXPECT_EQ(BodyOf(kStatus, Error(Reason::RESOURCE_NOT_FOUND, "No book.")),
            R"({"error":{"code":404,"status":"NOT_FOUND",)"
            R"("message":"No book.","details":[)"
            R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
            R"("reason":"RESOURCE_NOT_FOUND","domain":"praxis"}]}})");
}

TEST(FailureTest, IsAProblemWithOurMembers) {
  EXPECT_EQ(BodyOf(kProblem, Error(Reason::RESOURCE_NOT_FOUND, "No book.")),
            R"({"type":"urn:praxis:reason:RESOURCE_NOT_FOUND",)"
            R"("title":"Not Found","status":404,"detail":"No book.",)"
            R"("code":"NOT_FOUND","reason":"RESOURCE_NOT_FOUND",)"
            R"("requestId":"request-1","details":[)"
            R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
            R"("reason":"RESOURCE_NOT_FOUND","domain":"praxis"}]})");
}

TEST(FailureTest, IsAnErrorOfConnect) {
  const std::string body = BodyOf(
      Of("application/json"), FieldErrors({{"thread.title", "must be set"}}));
  EXPECT_THAT(body, StartsWith(R"({"code":"invalid_argument","message":)"));
  EXPECT_THAT(body, HasSubstr(R"({"type":"google.rpc.BadRequest","value":")"));
  EXPECT_THAT(body, HasSubstr(R"("debug":{"fieldViolations":[{"field":)"
                              R"("thread.title","description":"must be set")"));
  EXPECT_THAT(BodyOf(Of("application/json"), Error(Reason::CANCELLED, "Gone.")),
              HasSubstr(R"("code":"canceled")"));
}

TEST(FailureTest, IsJsonWhateverTheMessageHolds) {
  const absl::Status odd =
      Error(Reason::INTERNAL, "quote \" control \n bad \xff end");
  for (const Form& form : {kStatus, kProblem, Of("application/json")}) {
    google::protobuf::Struct parsed;
    EXPECT_TRUE(
        google::protobuf::util::JsonStringToMessage(BodyOf(form, odd), &parsed)
            .ok())
        << form.media_type;
  }
}

TEST(FailureTest, IsTheLastEnvelopeOfAStream) {
  const Form& form = Of("application/connect+proto");
  EXPECT_EQ(PayloadOf(kConnectEnd, EndFrame(form, google::rpc::Status())),
            "{}");
  EXPECT_THAT(
      PayloadOf(kConnectEnd, BodyOf(form, Error(Reason::OVERLOADED, "Full."))),
      StartsWith(R"({"error":{"code":"resource_exhausted","message":"Full.")"));
}

TEST(FailureTest, IsTrailersInGrpcWeb) {
  const Form& form = Of("application/grpc-web+proto");
  EXPECT_EQ(PayloadOf(kGrpcWebTrailers, EndFrame(form, google::rpc::Status())),
            "grpc-status: 0\r\n");
  const absl::Status failure =
      Error(Reason::RESOURCE_NOT_FOUND, "100%\r\nx: y \xc3\xa9");
  const std::string trailers =
      PayloadOf(kGrpcWebTrailers, BodyOf(form, failure));
  EXPECT_THAT(trailers,
              StartsWith("grpc-status: 5\r\ngrpc-message: 100%25%0D%0Ax: y "
                         "%C3%A9\r\ngrpc-status-details-bin: "));
  std::string bytes;
  const size_t at = trailers.rfind(' ') + 1;
  EXPECT_TRUE(absl::Base64Unescape(
      trailers.substr(at, trailers.size() - 2 - at), &bytes));
  google::rpc::Status shown;
  EXPECT_TRUE(shown.ParseFromString(bytes));
  EXPECT_EQ(ReasonOf(FromRpcStatus(shown)), Reason::RESOURCE_NOT_FOUND);
}

TEST(FailureTest, IsInBase64ForTextReaders) {
  const Form& form = Of("application/grpc-web-text");
  std::string bytes;
  ASSERT_TRUE(
      absl::Base64Unescape(EndFrame(form, google::rpc::Status()), &bytes));
  EXPECT_EQ(PayloadOf(kGrpcWebTrailers, bytes), "grpc-status: 0\r\n");
}

}  // namespace
}  // namespace praxis::gateway
