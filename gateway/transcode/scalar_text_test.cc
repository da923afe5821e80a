#include "gateway/transcode/scalar_text.h"

#include <string>
#include <tuple>
#include <vector>

#include "gateway/transcode/testing/convert.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using ::praxis::testing::FailsWith;
using testing::Lists;
using testing::Maps;
using testing::Scalars;
using testing::SchemaOf;
using testing::WellKnown;
using testing::Wrappers;

// The message that one field as text makes, in text format.
template <typename T>
std::string Parsed(absl::string_view field, absl::string_view text) {
  std::string wire;
  const absl::Status status =
      ParseScalar(*SchemaOf<T>().FindName(field), text, &wire);
  if (!status.ok()) {
    EXPECT_THAT(status, FailsWith(Reason::URL_INVALID));
    EXPECT_EQ(wire, "");
    return "error: " + std::string(status.message());
  }
  T message;
  EXPECT_TRUE(message.ParseFromString(wire));
  return message.ShortDebugString();
}

TEST(ScalarTextTest, ReadsEveryScalar) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"a_double", "1.5", "a_double: 1.5"},
      {"a_float", "-Infinity", "a_float: -inf"},
      {"an_int64", "-5", "an_int64: -5"},
      {"a_uint64", "18446744073709551615", "a_uint64: 18446744073709551615"},
      {"an_int32", "-1", "an_int32: -1"},
      {"a_uint32", "7", "a_uint32: 7"},
      {"a_sint32", "-2147483648", "a_sint32: -2147483648"},
      {"a_sint64", "-3", "a_sint64: -3"},
      {"a_fixed32", "1", "a_fixed32: 1"},
      {"a_fixed64", "2", "a_fixed64: 2"},
      {"a_sfixed32", "-3", "a_sfixed32: -3"},
      {"a_sfixed64", "-4", "a_sfixed64: -4"},
      {"a_bool", "true", "a_bool: true"},
      {"a_colour", "GREEN", "a_colour: GREEN"},
      {"a_colour", "1000", "a_colour: ULTRAVIOLET"},
      {"a_string", "a b/\"c\"", R"(a_string: "a b/\"c\"")"},
      {"some_bytes", "-_8", R"(some_bytes: "\373\377")"},
      {"maybe_int32", "0", "maybe_int32: 0"},
      {"far_away", "9", "far_away: 9"},
  };
  for (const auto& [field, text, expected] : cases) {
    EXPECT_EQ(Parsed<Scalars>(field, text), expected) << field;
  }
}

TEST(ScalarTextTest, ReadsElementsWrappersAndTimes) {
  EXPECT_EQ(Parsed<Lists>("int32s", "5"), "int32s: 5");
  EXPECT_EQ(Parsed<Lists>("strings", ""), R"(strings: "")");
  EXPECT_EQ(Parsed<Wrappers>("a_bool", "false"), "a_bool { }");
  EXPECT_EQ(Parsed<Wrappers>("list", "5"), "list { value: 5 }");
  EXPECT_EQ(Parsed<WellKnown>("time", "1970-01-01T00:00:01Z"),
            "time { seconds: 1 }");
  EXPECT_EQ(Parsed<WellKnown>("duration", "1.5s"),
            "duration { seconds: 1 nanos: 500000000 }");
  EXPECT_EQ(Parsed<WellKnown>("mask", "display_name,bio"),
            R"(mask { paths: "display_name" paths: "bio" })");
}

TEST(ScalarTextTest, WritesDefaultsToo) {
  std::string wire;
  ASSERT_TRUE(
      ParseScalar(*SchemaOf<Scalars>().FindName("a_string"), "", &wire).ok());
  EXPECT_EQ(wire, std::string("\x7a\0", 2));
}

TEST(ScalarTextTest, SaysWhatItExpects) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"a_double", "x", "expected a number"},
      {"an_int32", "", "expected an integer from -2147483648 to 2147483647"},
      {"a_uint32", "-1", "expected an integer from 0 to 4294967295"},
      {"an_int64", "1.5",
       "expected an integer from -9223372036854775808 to 9223372036854775807"},
      {"a_uint64", " 1", "expected an integer from 0 to 18446744073709551615"},
      {"a_bool", "1", "expected true or false"},
      {"a_bool", "True", "expected true or false"},
      {"a_colour", "green",
       "expected one of COLOUR_UNSPECIFIED, RED, GREEN, VERT, ULTRAVIOLET, "
       "INFRARED"},
      {"a_string", "\xff", "expected a string of UTF-8"},
      {"some_bytes", "?", "expected a string of base64"},
  };
  for (const auto& [field, text, expected] : cases) {
    EXPECT_EQ(Parsed<Scalars>(field, text), "error: " + expected) << field;
  }
  EXPECT_EQ(Parsed<Wrappers>("an_int32", "x"),
            "error: expected an integer from -2147483648 to 2147483647");
  EXPECT_EQ(Parsed<WellKnown>("duration", "1"),
            "error: expected a duration in seconds like \"1.5s\"");
}

TEST(ScalarTextTest, RefusesFieldsWithoutTextForm) {
  const std::string refusal = "error: an object cannot be given here";
  EXPECT_EQ(Parsed<Lists>("nodes", "{}"), refusal);
  EXPECT_EQ(Parsed<Maps>("strings", "a"), refusal);
  EXPECT_EQ(Parsed<WellKnown>("object", "{}"), refusal);
  EXPECT_EQ(Parsed<WellKnown>("value", "1"), refusal);
  EXPECT_EQ(Parsed<WellKnown>("any", "1"), refusal);
  EXPECT_EQ(Parsed<WellKnown>("empty", ""), refusal);
}

}  // namespace
}  // namespace praxis::gateway
