#include "gateway/forms/envelope.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;

const Form& Of(absl::string_view type) { return *FindRpcForm(type); }

std::string Enveloped(uint8_t flags, absl::string_view message) {
  std::string body;
  AppendEnvelope(Of("application/grpc-web"), flags, message, &body);
  return body;
}

TEST(EnvelopeTest, HasFlagsAndLengthBeforeTheMessage) {
  EXPECT_EQ(Enveloped(kGrpcWebTrailers, "abc"),
            std::string("\x80\0\0\0\3abc", 8));
  EXPECT_EQ(Enveloped(0, std::string(0x010203, 'x')).substr(0, 6),
            std::string("\0\0\1\2\3x", 6));
}

TEST(EnvelopeTest, IsInBase64ForTextReaders) {
  std::string body;
  AppendEnvelope(Of("application/grpc-web-text"), 0, "a", &body);
  AppendEnvelope(Of("application/grpc-web-text"), 0, "b", &body);
  EXPECT_EQ(body, "AAAAAAFhAAAAAAFi");
}

TEST(OnlyMessageTest, IsWhatTheBodyHolds) {
  for (const std::string& message :
       {std::string(), std::string("abc"), std::string(70'000, 'x')}) {
    const std::string body = Enveloped(0, message);
    const auto found = OnlyMessage(body);
    ASSERT_THAT(found, Succeeds());
    EXPECT_EQ(*found, message);
  }
}

TEST(OnlyMessageTest, IsNotThereInAnythingElse) {
  const std::string one = Enveloped(0, "abc");
  for (const std::string& body :
       {std::string(), one.substr(0, 4), one.substr(0, 5), one.substr(0, 7),
        one + "x", one + one, Enveloped(kConnectEnd, "{}"),
        Enveloped(kGrpcWebTrailers, "x: y\r\n"), Enveloped(0x40, "abc"),
        std::string("\0\xff\xff\xff\xff", 5) + "abc"}) {
    EXPECT_THAT(OnlyMessage(body), FailsWith(Reason::BODY_INVALID));
  }
  EXPECT_THAT(OnlyMessage(Enveloped(1, "abc")),
              FailsWith(Reason::COMPRESSION_UNSUPPORTED));
}

// Whatever the bytes say, what is found lies within them.
TEST(OnlyMessageTest, StaysWithinItsBody) {
  uint64_t state = 1;
  for (int round = 0; round < 20'000; ++round) {
    std::string body;
    state = state * 6364136223846793005u + 1442695040888963407u;
    for (uint64_t i = 0; i < (state >> 60); ++i) {
      body.push_back(static_cast<char>(state >> (8 * (i % 5))) & 3);
    }
    const auto found = OnlyMessage(body);
    if (found.ok()) {
      EXPECT_EQ(found->data() + found->size(), body.data() + body.size());
    }
  }
}

}  // namespace
}  // namespace praxis::gateway
