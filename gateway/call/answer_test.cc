#include "gateway/call/answer.h"

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ErrorResponseTest, SaysWhatWentWrongInTheFormOfAip193) {
  const Response response =
      ErrorResponse(FieldErrors({{"thread.title", "must be set"}}));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            R"({"error":{"code":400,"status":"INVALID_ARGUMENT",)"
            R"("message":"The field thread.title cannot be used: must be set",)"
            R"("details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
            R"("reason":"FIELD_INVALID","domain":"praxis"},)"
            R"({"@type":"type.googleapis.com/google.rpc.BadRequest",)"
            R"("fieldViolations":[{"field":"thread.title",)"
            R"("description":"must be set"}]}]}})");
}

TEST(ErrorResponseTest, IsJsonWhateverTheMessageHolds) {
  const Response response = ErrorResponse(
      Error(Reason::INTERNAL, "quote \" control \n bad \xff end"));
  google::protobuf::Struct parsed;
  EXPECT_TRUE(
      google::protobuf::util::JsonStringToMessage(response.body, &parsed).ok())
      << response.body;
}

TEST(ErrorResponseTest, WithholdsWhatDidNotComeFromOurCode) {
  const Response response = ErrorResponse(absl::NotFoundError("table threads"));
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, Not(HasSubstr("threads")));
  EXPECT_THAT(response.body, HasSubstr("\"INTERNAL\""));
}

TEST(ErrorResponseTest, HasAnotherStatusWhereHttpHasAWordForIt) {
  const Response response =
      ErrorResponse(Error(Reason::TOO_LARGE, "Too long."), 431);
  EXPECT_EQ(response.status, 431);
  EXPECT_THAT(response.body, HasSubstr("\"code\":431"));
}

TEST(ErrorResponseTest, SaysWhenToComeBack) {
  EXPECT_THAT(ErrorResponse(RetryAfter(Error(Reason::OVERLOADED, "Full."),
                                       absl::Milliseconds(1)))
                  .fields,
              HasSubstr("Retry-After: 1\r\n"));
  EXPECT_THAT(ErrorResponse(Error(Reason::BACKEND_UNAVAILABLE, "Away.")).fields,
              HasSubstr("Retry-After: 1\r\n"));
  EXPECT_THAT(ErrorResponse(Error(Reason::LAST_OWNER, "No.")).fields,
              Not(HasSubstr("Retry-After")));
}

TEST(ErrorResponseTest, IsInTheFormThatTheClientReads) {
  RequestHead head;
  head.values[static_cast<size_t>(Header::kAccept)] =
      "application/problem+json";
  const Response problem = ErrorResponse(Error(Reason::TOKEN_MISSING, "No."),
                                         ErrorFormOf(head), "request-1");
  EXPECT_EQ(problem.status, 401);
  EXPECT_EQ(problem.content_type, "application/problem+json");
  EXPECT_THAT(problem.body, HasSubstr("\"requestId\":\"request-1\""));
  EXPECT_THAT(problem.fields, HasSubstr("WWW-Authenticate: Bearer\r\n"));
  // The protocol has its own place for what went wrong.
  const Response framed =
      ErrorResponse(Error(Reason::BACKEND_UNAVAILABLE, "Away."),
                    *FindRpcForm("application/grpc-web"), "request-1");
  EXPECT_EQ(framed.status, 200);
  EXPECT_EQ(framed.content_type, "application/grpc-web");
  EXPECT_THAT(framed.body, HasSubstr("grpc-status: 14\r\n"));
  EXPECT_THAT(framed.fields, HasSubstr("Retry-After: 1\r\n"));
}

TEST(ErrorResponseTest, SaysHowToSignIn) {
  EXPECT_THAT(ErrorResponse(Error(Reason::TOKEN_MISSING, "Sign in.")).fields,
              HasSubstr("WWW-Authenticate: Bearer\r\n"));
  EXPECT_THAT(ErrorResponse(Error(Reason::TOKEN_INVALID, "No.")).fields,
              HasSubstr("WWW-Authenticate: Bearer error=\"invalid_token\""));
}

}  // namespace
}  // namespace praxis::gateway
