#include "gateway/call/incoming.h"

#include <string>

#include "gateway/call/timeout.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using testing::FailsWith;
using testing::Succeeds;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

RequestHead With(Header header, absl::string_view value) {
  RequestHead head;
  head.values[static_cast<size_t>(header)] = value;
  return head;
}

absl::StatusOr<rpc::Incoming> Incoming(const RequestHead& head) {
  return IncomingOf(head, "id", kNow, absl::Seconds(5));
}

TEST(ParseTimeoutTest, ReadsSecondsAndMilliseconds) {
  EXPECT_EQ(*ParseTimeout("2"), absl::Seconds(2));
  EXPECT_EQ(*ParseTimeout("1.5s"), absl::Milliseconds(1500));
  EXPECT_EQ(*ParseTimeout("0.25"), absl::Milliseconds(250));
  EXPECT_EQ(*ParseTimeout("500ms"), absl::Milliseconds(500));
  EXPECT_EQ(*ParseTimeout("300"), kTimeoutMax);
}

TEST(ParseTimeoutTest, RefusesEverythingElse) {
  for (absl::string_view text :
       {"", "s", "ms", "0", "0ms", "-1", "+1", "301", "300001ms", "1e1", "0x1",
        "inf", "nan", "1 s", "1m", "1.2.3", "99999999999999999999"}) {
    EXPECT_THAT(ParseTimeout(text), FailsWith(Reason::HEADER_INVALID)) << text;
  }
}

TEST(IncomingOfTest, HasADeadlineOfItsOwnOrTheOneAskedFor) {
  EXPECT_EQ(Incoming(RequestHead())->deadline, kNow + absl::Seconds(5));
  EXPECT_EQ(Incoming(With(Header::kXRequestTimeout, "9"))->deadline,
            kNow + absl::Seconds(9));
  EXPECT_EQ(
      IncomingOf(RequestHead(), "id", kNow, absl::InfiniteDuration())->deadline,
      absl::InfiniteFuture());
  EXPECT_THAT(Incoming(With(Header::kXRequestTimeout, "")),
              FailsWith(Reason::HEADER_INVALID));
}

TEST(IncomingOfTest, TakesABearerTokenAndNothingElseForOne) {
  EXPECT_EQ(Incoming(RequestHead())->token, "");
  EXPECT_EQ(Incoming(With(Header::kAuthorization, "Bearer abc"))->token, "abc");
  EXPECT_EQ(Incoming(With(Header::kAuthorization, "BEARER  abc"))->token,
            "abc");
  const std::string long_token = "Bearer " + std::string(4000, 'a');
  for (absl::string_view value :
       {absl::string_view(""), absl::string_view("Bearer"),
        absl::string_view("Bearer "), absl::string_view("Basic abc"),
        absl::string_view("abc"), absl::string_view(long_token),
        absl::string_view("Bearer a b"), absl::string_view("Bearer a\tb"),
        absl::string_view("Bearer a\x80"), absl::string_view("Bearer a\"b")}) {
    EXPECT_THAT(Incoming(With(Header::kAuthorization, value)),
                FailsWith(Reason::TOKEN_INVALID))
        << value;
  }
}

TEST(IncomingOfTest, PassesOnTheId) {
  const auto incoming = Incoming(RequestHead());
  ASSERT_THAT(incoming, Succeeds());
  EXPECT_EQ(incoming->request_id, "id");
  ASSERT_NE(incoming->cancelled, nullptr);
  EXPECT_FALSE(*incoming->cancelled);
}

TEST(ParseRpcTimeoutTest, TakesWhatTheProtocolsSay) {
  EXPECT_EQ(*ParseConnectTimeout("1500"), absl::Milliseconds(1500));
  EXPECT_EQ(*ParseConnectTimeout("0"), absl::Milliseconds(1));
  EXPECT_EQ(*ParseConnectTimeout("9999999999"), kTimeoutMax);
  EXPECT_EQ(*ParseGrpcTimeout("2S"), absl::Seconds(2));
  EXPECT_EQ(*ParseGrpcTimeout("250m"), absl::Milliseconds(250));
  EXPECT_EQ(*ParseGrpcTimeout("5000000u"), absl::Seconds(5));
  EXPECT_EQ(*ParseGrpcTimeout("99999999H"), kTimeoutMax);
}

TEST(ParseRpcTimeoutTest, RefusesEverythingElse) {
  for (absl::string_view text :
       {"", "-1", "+1", "1.5", "1 ", "x", "12345678901", "1S"}) {
    EXPECT_THAT(ParseConnectTimeout(text), FailsWith(Reason::HEADER_INVALID))
        << text;
  }
  for (absl::string_view text :
       {"", "S", "1", "1s", "-1S", "1.5S", "123456789S", "1SS"}) {
    EXPECT_THAT(ParseGrpcTimeout(text), FailsWith(Reason::HEADER_INVALID))
        << text;
  }
}

TEST(IncomingTest, HasTheTimeThatAnyOfTheProtocolsGives) {
  const auto deadline = [](Header header, absl::string_view value) {
    RequestHead head;
    head.values[static_cast<size_t>(header)] = value;
    return IncomingOf(head, "r", absl::UnixEpoch(), absl::Seconds(5))->deadline;
  };
  EXPECT_EQ(deadline(Header::kConnectTimeoutMs, "20"),
            absl::UnixEpoch() + absl::Milliseconds(20));
  EXPECT_EQ(deadline(Header::kGrpcTimeout, "20m"),
            absl::UnixEpoch() + absl::Milliseconds(20));
  EXPECT_EQ(deadline(Header::kXRequestTimeout, "20ms"),
            absl::UnixEpoch() + absl::Milliseconds(20));
}

}  // namespace
}  // namespace praxis::gateway
