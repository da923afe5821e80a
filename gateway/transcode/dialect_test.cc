// The JSON we speak, as a table: what is read, and how it is written back. It
// is proto3 JSON; where that leaves a choice, this says which one we took.
#include <string>
#include <utility>
#include <vector>

#include "gateway/transcode/testing/convert.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using testing::Choice;
using testing::Everything;
using testing::Lists;
using testing::Maps;
using testing::Scalars;
using testing::WellKnown;
using testing::Wrappers;

constexpr char kRefused[] = "refused";

template <typename T>
std::string RoundTrip(absl::string_view json) {
  const absl::StatusOr<T> message = testing::FromJson<T>(json);
  return message.ok() ? testing::JsonOf(*message) : kRefused;
}

// Of each case: the value of one field as it is sent, and as it comes back. ""
// stands for a field that does not come back.
using Values = std::vector<std::pair<std::string, std::string>>;

template <typename T>
void Expect(const std::string& field, const Values& values) {
  for (const auto& [sent, back] : values) {
    const std::string json = "{\"" + field + "\":" + sent + "}";
    const std::string expected = back == kRefused ? kRefused
                                 : back.empty()
                                     ? "{}"
                                     : "{\"" + field + "\":" + back + "}";
    EXPECT_EQ(RoundTrip<T>(json), expected) << json;
  }
}

TEST(DialectTest, SmallIntegers) {
  const Values values = {
      {"0", ""},
      {"-0", ""},
      {"1", "1"},
      {"\"1\"", "1"},
      {"1.0", "1"},
      {"1e3", "1000"},
      {"\"1e3\"", "1000"},
      {"12.50e1", "125"},
      {"2147483647", "2147483647"},
      {"2147483648", kRefused},
      {"0.5", kRefused},
      {"01", kRefused},
      {"1.", kRefused},
      {"+1", kRefused},
      {"\" 1\"", kRefused},
      {"\"\"", kRefused},
      {"\"0x1\"", kRefused},
      {"true", kRefused},
      {"[1]", kRefused},
      {"null", ""},
  };
  for (const std::string field : {"anInt32", "aSint32", "aSfixed32"}) {
    Expect<Scalars>(field, values);
    Expect<Scalars>(field, {{"-1", "-1"}, {"-2147483648", "-2147483648"}});
  }
  for (const std::string field : {"aUint32", "aFixed32"}) {
    Expect<Scalars>(field, {{"4294967295", "4294967295"},
                            {"4294967296", kRefused},
                            {"-1", kRefused},
                            {"-0.0", ""}});
  }
}

TEST(DialectTest, LargeIntegers) {
  for (const std::string field : {"anInt64", "aSint64", "aSfixed64"}) {
    Expect<Scalars>(field,
                    {{"1", "\"1\""},
                     {"\"-1\"", "\"-1\""},
                     {"9007199254740993", "\"9007199254740993\""},
                     {"1e18", "\"1000000000000000000\""},
                     {"9223372036854775807", "\"9223372036854775807\""},
                     {"\"-9223372036854775808\"", "\"-9223372036854775808\""},
                     {"9223372036854775808", kRefused},
                     {"1e19", kRefused},
                     {"0.1", kRefused}});
  }
  for (const std::string field : {"aUint64", "aFixed64"}) {
    Expect<Scalars>(field,
                    {{"18446744073709551615", "\"18446744073709551615\""},
                     {"18446744073709551616", kRefused},
                     {"\"-1\"", kRefused}});
  }
}

TEST(DialectTest, RealNumbers) {
  const Values values = {
      {"0", ""},
      {"-0", "-0"},
      {"0.1", "0.1"},
      {"1", "1"},
      {"1e2", "100"},
      {"\"1.5\"", "1.5"},
      {"-2.5e-3", "-0.0025"},
      {"\"NaN\"", "\"NaN\""},
      {"\"Infinity\"", "\"Infinity\""},
      {"\"-Infinity\"", "\"-Infinity\""},
      {"1e400", kRefused},
      {"-1e400", kRefused},
      {"1e-400", ""},
      {"NaN", kRefused},
      {"Infinity", kRefused},
      {"\"inf\"", kRefused},
      {"\"nan\"", kRefused},
      {"\"1,5\"", kRefused},
      {".5", kRefused},
      {"1.e2", kRefused},
      {"true", kRefused},
  };
  Expect<Scalars>("aDouble", values);
  Expect<Scalars>("aFloat", values);
  Expect<Scalars>("aDouble", {{"1e300", "1e+300"},
                              {"0.30000000000000004", "0.30000000000000004"},
                              {"123456789012345678", "123456789012345680"},
                              {"5e-324", "5e-324"}});
  Expect<Scalars>("aFloat", {{"3.4028235e38", "3.4028235e+38"},
                             {"3.5e38", kRefused},
                             {"0.1000000001", "0.1"},
                             {"1e-50", ""}});
}

TEST(DialectTest, BoolsAndEnums) {
  Expect<Scalars>("aBool", {{"true", "true"},
                            {"false", ""},
                            {"null", ""},
                            {"1", kRefused},
                            {"\"true\"", kRefused},
                            {"True", kRefused}});
  Expect<Scalars>("aColour", {{"\"RED\"", "\"RED\""},
                              {"\"VERT\"", "\"GREEN\""},
                              {"1", "\"RED\""},
                              {"1.0", "\"RED\""},
                              {"1000", "\"ULTRAVIOLET\""},
                              {"-1", "\"INFRARED\""},
                              {"77", "77"},
                              {"0", ""},
                              {"\"COLOUR_UNSPECIFIED\"", ""},
                              {"\"red\"", kRefused},
                              {"\"1\"", kRefused},
                              {"\"\"", kRefused},
                              {"1.5", kRefused},
                              {"2147483648", kRefused},
                              {"true", kRefused}});
}

TEST(DialectTest, Strings) {
  Expect<Scalars>("aString", {{"\"\"", ""},
                              {"\"x\"", "\"x\""},
                              {"\"\\u0041\"", "\"A\""},
                              {"\"\\/\"", "\"/\""},
                              {"\"<&>\"", "\"\\u003c&\\u003e\""},
                              {"\"\\u003c\"", "\"\\u003c\""},
                              {"\"\\u0000\"", "\"\\u0000\""},
                              {"\"\\u001f\\u007f\"", "\"\\u001f\x7f\""},
                              {"\"\\u00e9\"", "\"\xc3\xa9\""},
                              {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
                              {"\"\\u2028\"", "\"\xe2\x80\xa8\""},
                              {"\"\\ud83d\"", kRefused},
                              {"\"\xff\"", kRefused},
                              {"\"\xed\xa0\x80\"", kRefused},
                              {"\"\n\"", kRefused},
                              {"'x'", kRefused},
                              {"1", kRefused},
                              {"{}", kRefused}});
  Expect<Scalars>("maybeString", {{"\"\"", "\"\""}, {"null", ""}});
}

TEST(DialectTest, Bytes) {
  Expect<Scalars>("someBytes", {{"\"\"", ""},
                                {"\"YQ==\"", "\"YQ==\""},
                                {"\"YQ\"", "\"YQ==\""},
                                {"\"YWI=\"", "\"YWI=\""},
                                {"\"YWI\"", "\"YWI=\""},
                                {"\"YWJj\"", "\"YWJj\""},
                                {"\"+/+/\"", "\"+/+/\""},
                                {"\"-_-_\"", "\"+/+/\""},
                                {"\"-/+_\"", "\"+/+/\""},
                                {"\"-_8\"", "\"+/8=\""},
                                {"\"-_\"", kRefused},
                                {"\"YR==\"", kRefused},
                                {"\"Y\"", kRefused},
                                {"\"YQ=\"", kRefused},
                                {"\"YQ===\"", kRefused},
                                {"\"=\"", kRefused},
                                {"\"Y=Q=\"", kRefused},
                                {"\"Y Q=\"", kRefused},
                                {"\"YQ==YQ==\"", kRefused},
                                {"\"\xc3\xa9\xc3\xa9\"", kRefused},
                                {"[97]", kRefused}});
}

TEST(DialectTest, ListsAndMaps) {
  Expect<Lists>("int32s", {{"[]", ""},
                           {"[1,\"2\",3.0]", "[1,2,3]"},
                           {"[0]", "[0]"},
                           {"null", ""},
                           {"[null]", kRefused},
                           {"[1,]", kRefused},
                           {"[[1]]", kRefused},
                           {"1", kRefused},
                           {"{\"0\":1}", kRefused}});
  Expect<Lists>("strings", {{"[\"\",\"a\"]", "[\"\",\"a\"]"},
                            {"[\"a\" \"b\"]", kRefused}});
  Expect<Lists>("nodes", {{"[{},{\"name\":\"a\"}]", "[{},{\"name\":\"a\"}]"},
                          {"{}", kRefused}});
  Expect<Maps>("strings",
               {{"{}", ""},
                {"{\"b\":\"1\",\"a\":\"2\"}", "{\"a\":\"2\",\"b\":\"1\"}"},
                {"{\"a\":null}", kRefused},
                {"{\"a\":\"1\",\"a\":\"1\"}", kRefused},
                {"[]", kRefused},
                {"null", ""}});
  Expect<Maps>("int32s",
               {{"{\"1\":2,\"-1\":\"3\"}", "{\"1\":\"2\",\"-1\":\"3\"}"},
                {"{\"1e0\":2}", "{\"1\":\"2\"}"},
                {"{\" 1\":2}", kRefused},
                {"{1:2}", kRefused}});
  Expect<Maps>("bools",
               {{"{\"true\":\"RED\",\"false\":0}",
                 "{\"false\":\"COLOUR_UNSPECIFIED\",\"true\":\"RED\"}"},
                {"{true:1}", kRefused}});
}

TEST(DialectTest, NamesOfFields) {
  EXPECT_EQ(RoundTrip<Scalars>(R"({"a_string":"x"})"), R"({"aString":"x"})");
  EXPECT_EQ(RoundTrip<Scalars>(R"({"renamed":"x"})"), R"({"aliasName":"x"})");
  EXPECT_EQ(RoundTrip<Scalars>(R"({"AString":"x"})"), kRefused);
  EXPECT_EQ(RoundTrip<Scalars>(R"({"astring":"x"})"), kRefused);
  EXPECT_EQ(RoundTrip<Scalars>(R"({"15":"x"})"), kRefused);
  EXPECT_EQ(RoundTrip<Scalars>(R"({"[praxis.x]":"x"})"), kRefused);
}

TEST(DialectTest, Oneofs) {
  Expect<Choice>("number", {{"0", "0"}, {"null", ""}});
  Expect<Choice>("nothing", {{"null", "null"},
                             {"\"NULL_VALUE\"", "null"},
                             {"0", "null"},
                             {"\"x\"", kRefused}});
  Expect<Choice>("value", {{"null", "null"}, {"1", "1"}});
  EXPECT_EQ(RoundTrip<Choice>(R"({"name":"a","number":1})"), kRefused);
  EXPECT_EQ(RoundTrip<Choice>(R"({"name":"a","number":null})"),
            R"({"name":"a"})");
}

TEST(DialectTest, Times) {
  Expect<WellKnown>(
      "time",
      {{"\"1970-01-01T00:00:00Z\"", "\"1970-01-01T00:00:00Z\""},
       {"\"1970-01-01T01:00:00.10+01:00\"", "\"1970-01-01T00:00:00.100Z\""},
       {"\"1970-01-01T00:00:00.123456Z\"", "\"1970-01-01T00:00:00.123456Z\""},
       {"null", ""},
       {"\"1970-01-01\"", kRefused},
       {"\"1970-01-01T00:00:00\"", kRefused},
       {"0", kRefused}});
  Expect<WellKnown>("duration", {{"\"0s\"", "\"0s\""},
                                 {"\"-0s\"", "\"0s\""},
                                 {"\"1.5s\"", "\"1.500s\""},
                                 {"\"-0.000001s\"", "\"-0.000001s\""},
                                 {"\"1\"", kRefused},
                                 {"1.5", kRefused}});
  Expect<WellKnown>("mask", {{"\"\"", "\"\""},
                             {"\"a,bC.d\"", "\"a,bC.d\""},
                             {"\"b_c\"", "\"bC\""},
                             {"\"a,\"", kRefused},
                             {"[\"a\"]", kRefused}});
}

TEST(DialectTest, WrappersAndEmpty) {
  Expect<Wrappers>("anInt64", {{"0", "\"0\""},
                               {"\"5\"", "\"5\""},
                               {"null", ""},
                               {"{\"value\":5}", kRefused}});
  Expect<Wrappers>("aString", {{"\"\"", "\"\""}, {"1", kRefused}});
  Expect<Wrappers>("someBytes", {{"\"-_8\"", "\"+/8=\""}});
  Expect<Wrappers>("list",
                   {{"[1,\"0\"]", "[\"1\",\"0\"]"}, {"[null]", kRefused}});
  Expect<WellKnown>("empty", {{"{}", "{}"}, {"null", ""}, {"[]", kRefused}});
}

TEST(DialectTest, DynamicValues) {
  Expect<WellKnown>("value",
                    {{"null", "null"},
                     {"true", "true"},
                     {"-1.50", "-1.5"},
                     {"\"x\"", "\"x\""},
                     {"[]", "[]"},
                     {"{\"b\":[{}],\"a\":null}", "{\"a\":null,\"b\":[{}]}"},
                     {"NaN", kRefused},
                     {"{\"a\":1,\"a\":2}", kRefused}});
  Expect<WellKnown>("object", {{"{}", "{}"}, {"null", ""}, {"1", kRefused}});
  Expect<WellKnown>("list", {{"[null]", "[null]"}, {"null", ""}});
  Expect<WellKnown>("values", {{"[null,1]", "[null,1]"}, {"null", ""}});
  Expect<WellKnown>("nulls", {{"[null,0]", "[null,null]"}});
}

}  // namespace
}  // namespace praxis::gateway
