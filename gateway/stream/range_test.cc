#include "gateway/stream/range.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

TEST(ParseRangeTest, ReadsOneRange) {
  const struct {
    absl::string_view text;
    int64_t offset;
    int64_t limit;
  } kRanges[] = {
      {"bytes=0-0", 0, 1},
      {"bytes=5-", 5, 0},
      {"bytes=2-4", 2, 3},
      {"bytes=-3", -3, 0},
      {"bytes= 2-4 ", 2, 3},
      {"bytes=0-9223372036854775807", 0, 0},
      {"bytes=1-9223372036854775807", 1, INT64_MAX},
  };
  for (const auto& expected : kRanges) {
    const auto range = ParseRange(expected.text);
    ASSERT_TRUE(range.has_value()) << expected.text;
    EXPECT_EQ(range->offset, expected.offset) << expected.text;
    EXPECT_EQ(range->limit, expected.limit) << expected.text;
  }
}

TEST(ParseRangeTest, ReadsNothingElse) {
  for (absl::string_view text :
       {"", "bytes", "bytes=", "bytes=-", "bytes=-0", "bytes=4-2",
        "bytes=1-2,4-5", "bytes=a-b", "bytes=1-b", "bytes=+1-2", "bytes=1 -2",
        "bytes=--1", "items=1-2", "Bytes=1-2", "bytes=9223372036854775808-",
        "bytes=-99999999999999999999"}) {
    EXPECT_FALSE(ParseRange(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace praxis::gateway
