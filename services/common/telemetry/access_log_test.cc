#include "services/common/telemetry/access_log.h"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::telemetry {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What one request leaves in the log.
std::string Logged(AccessLog::Mode mode, const RequestLine& request) {
  std::FILE* file = std::tmpfile();
  {
    Log log({.service = "s", .fd = fileno(file)});
    AccessLog access_log(log, {.mode = mode, .slow = absl::Seconds(1)});
    access_log.Write(request);
  }
  std::string text(lseek(fileno(file), 0, SEEK_END), '\0');
  EXPECT_EQ(pread(fileno(file), text.data(), text.size(), 0),
            static_cast<ssize_t>(text.size()));
  std::fclose(file);
  return text;
}

RequestLine Request(absl::StatusCode code, absl::Duration latency) {
  return {.method = "praxis.members.v1.MemberService/GetMember",
          .code = code,
          .detail = "no such table",
          .latency = latency,
          .request_id = "r1",
          .trace_id = "t1",
          .caller = "members/ada"};
}

TEST(AccessLogTest, TellsWhoCalledWhatAndHowItEnded) {
  EXPECT_THAT(
      Logged(AccessLog::Mode::kAll,
             Request(absl::StatusCode::kOk, absl::Microseconds(1500))),
      AllOf(HasSubstr(R"("severity":"INFO")"),
            HasSubstr(R"("message":"request",)"
                      R"("method":"praxis.members.v1.MemberService/GetMember",)"
                      R"("code":"OK","latency_ms":1.5,"caller":"members/ada",)"
                      R"("request_id":"r1","trace_id":"t1"})")));
}

TEST(AccessLogTest, TellsOfHttpWhatItAnsweredAndWhoAsked) {
  RequestLine request =
      Request(absl::StatusCode::kNotFound, absl::Milliseconds(2));
  request.method = "GET /v1/{name=members/*}";
  request.http_status = 404;
  request.client = "203.0.113.7";
  request.caller = absl::string_view();
  const std::string line = Logged(AccessLog::Mode::kAll, request);
  EXPECT_THAT(line,
              AllOf(HasSubstr(R"("code":"NOT_FOUND","status":404,)"),
                    HasSubstr(R"("latency_ms":2,"client":"203.0.113.7",)")));
  // What is not known is left out.
  EXPECT_THAT(line, Not(HasSubstr("caller")));
}

TEST(AccessLogTest, TellsTheDetailOfAFault) {
  EXPECT_THAT(Logged(AccessLog::Mode::kErrors,
                     Request(absl::StatusCode::kInternal, absl::Seconds(0))),
              AllOf(HasSubstr(R"("severity":"ERROR")"),
                    HasSubstr(R"("message":"request failed")"),
                    HasSubstr(R"("code":"INTERNAL")"),
                    HasSubstr(R"("detail":"no such table")")));
}

TEST(AccessLogTest, WarnsOfASlowRequest) {
  EXPECT_THAT(Logged(AccessLog::Mode::kErrors,
                     Request(absl::StatusCode::kOk, absl::Seconds(1))),
              AllOf(HasSubstr(R"("severity":"WARNING")"),
                    HasSubstr(R"("message":"slow request")")));
}

TEST(AccessLogTest, LeavesWhatCallersDoWrongToTheMetrics) {
  for (const auto code :
       {absl::StatusCode::kOk, absl::StatusCode::kNotFound,
        absl::StatusCode::kInvalidArgument, absl::StatusCode::kCancelled,
        absl::StatusCode::kUnauthenticated, absl::StatusCode::kPermissionDenied,
        absl::StatusCode::kResourceExhausted}) {
    const RequestLine request = Request(code, absl::Milliseconds(1));
    EXPECT_THAT(Logged(AccessLog::Mode::kErrors, request), IsEmpty()) << code;
    EXPECT_THAT(Logged(AccessLog::Mode::kAll, request), Not(IsEmpty()));
  }
}

TEST(AccessLogTest, LogsEveryFaultOfOurs) {
  for (const auto code :
       {absl::StatusCode::kUnknown, absl::StatusCode::kDeadlineExceeded,
        absl::StatusCode::kInternal, absl::StatusCode::kUnavailable,
        absl::StatusCode::kDataLoss}) {
    EXPECT_TRUE(IsOurFault(code)) << code;
    EXPECT_THAT(
        Logged(AccessLog::Mode::kErrors, Request(code, absl::Milliseconds(1))),
        HasSubstr(R"("severity":"ERROR")"))
        << code;
  }
}

TEST(AccessLogTest, CanBeOff) {
  EXPECT_THAT(Logged(AccessLog::Mode::kNone,
                     Request(absl::StatusCode::kInternal, absl::Seconds(9))),
              IsEmpty());
}

TEST(ParseAccessLogModeTest, KnowsTheThreeNames) {
  EXPECT_EQ(ParseAccessLogMode("all"), AccessLog::Mode::kAll);
  EXPECT_EQ(ParseAccessLogMode("errors"), AccessLog::Mode::kErrors);
  EXPECT_EQ(ParseAccessLogMode("none"), AccessLog::Mode::kNone);
  EXPECT_EQ(ParseAccessLogMode("some"), std::nullopt);
}

}  // namespace
}  // namespace praxis::telemetry
