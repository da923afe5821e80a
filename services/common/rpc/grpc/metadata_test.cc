#include "services/common/rpc/grpc/metadata.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace praxis::rpc {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

Incoming Read(const Headers& headers) {
  Metadata metadata;
  for (const auto& [name, value] : headers) metadata.emplace(name, value);
  Incoming incoming;
  ReadMetadata(metadata, &incoming);
  return incoming;
}

std::string TokenOf(const std::string& authorization) {
  return Read({{"authorization", authorization}}).token;
}

TEST(ReadMetadataTest, TakesTheTokenAfterBearer) {
  EXPECT_EQ(TokenOf("Bearer abc.def"), "abc.def");
  EXPECT_EQ(TokenOf("bearer abc.def"), "abc.def");
  EXPECT_EQ(TokenOf("BEARER abc.def"), "abc.def");
  EXPECT_EQ(Read({}).token, "");
}

// Each of them is a token that no verifier accepts; "" would be anyone.
TEST(ReadMetadataTest, NeverTakesWhatWasSentForNothing) {
  for (const char* value :
       {"", "Bearer ", "Bearer", "Basic YWRhOnNlY3JldA==", "abc.def", " "}) {
    EXPECT_NE(TokenOf(value), "") << value;
  }
  const std::string twice =
      Read({{"authorization", "Bearer abc"}, {"authorization", "Bearer abc"}})
          .token;
  EXPECT_NE(twice, "");
  EXPECT_NE(twice, "abc");
}

TEST(ReadMetadataTest, TakesTraceAndRequestIdIfTheyCanBeUsed) {
  const Incoming incoming =
      Read({{"traceparent", "00-x"}, {"x-request-id", "a/B-7"}});
  EXPECT_EQ(incoming.traceparent, "00-x");
  EXPECT_EQ(incoming.request_id, "a/B-7");
  for (const std::string& bad :
       {std::string("a b"), std::string("a\nb"), std::string("\xff"),
        std::string(129, 'a'), std::string("a\0b", 3)}) {
    EXPECT_EQ(Read({{"x-request-id", bad}}).request_id, "") << bad;
  }
  EXPECT_EQ(Read({{"traceparent", std::string(65, '0')}}).traceparent, "");
  EXPECT_EQ(Read({{"x-request-id", "a"}, {"x-request-id", "b"}}).request_id,
            "");
}

TEST(ReadMetadataTest, LeavesTheRest) {
  const Incoming incoming = Read({{"x-user-id", "members/ada"},
                                  {"grpc-metadata-authorization", "Bearer x"},
                                  {"authorization-bin", "Bearer x"}});
  EXPECT_EQ(incoming.token, "");
  EXPECT_EQ(incoming.deadline, absl::InfiniteFuture());
}

TEST(AccessPositionTest, IsZeroUnlessItIsOneNumber) {
  const auto position = [](const std::vector<std::string>& values) {
    Metadata trailing;
    for (const std::string& value : values) {
      trailing.emplace(kAccessPosition, value);
    }
    return AccessPositionOf(trailing);
  };
  EXPECT_EQ(position({"42"}), 42);
  EXPECT_EQ(position({"9223372036854775807"}), 9223372036854775807);
  EXPECT_EQ(position({}), 0);
  EXPECT_EQ(position({""}), 0);
  EXPECT_EQ(position({"9223372036854775808"}), 0);
  EXPECT_EQ(position({"42", "43"}), 0);
}

}  // namespace
}  // namespace praxis::rpc
