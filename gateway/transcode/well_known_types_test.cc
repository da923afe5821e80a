// The types of google.protobuf with a JSON form of their own, both ways.
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "gateway/transcode/testing/convert.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using google::protobuf::Any;
using google::protobuf::Value;
using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using testing::FromJson;
using testing::FromText;
using ::testing::HasSubstr;
using testing::JsonOf;
using testing::JsonOfWire;
using testing::TextFromJson;
using testing::WellKnown;
using testing::Wrappers;

// Text format and JSON that are each made of the other.
using Pairs = std::vector<std::pair<std::string, std::string>>;

template <typename T>
void ExpectBothWays(const Pairs& pairs) {
  for (const auto& [text, json] : pairs) {
    const T message = FromText<T>(text);
    EXPECT_EQ(JsonOf(message), json);
    EXPECT_EQ(TextFromJson<T>(json), message.ShortDebugString()) << json;
  }
}

TEST(WellKnownTypesTest, ConvertsTimesAndMasks) {
  ExpectBothWays<WellKnown>({
      {"time {}", R"({"time":"1970-01-01T00:00:00Z"})"},
      {"time {seconds: 1709210096 nanos: 500000000}",
       R"({"time":"2024-02-29T12:34:56.500Z"})"},
      {"duration {}", R"({"duration":"0s"})"},
      {"duration {seconds: -3 nanos: -1}", R"({"duration":"-3.000000001s"})"},
      {"mask {}", R"({"mask":""})"},
      {"mask {paths: 'display_name' paths: 'a.b_c'}",
       R"({"mask":"displayName,a.bC"})"},
      {"times {seconds: 1} times {}",
       R"({"times":["1970-01-01T00:00:01Z","1970-01-01T00:00:00Z"]})"},
      {"empty {}", R"({"empty":{}})"},
  });
}

TEST(WellKnownTypesTest, RefusesTimesAndMasksThatAreNone) {
  for (const std::string json :
       {R"({"time":0})", R"({"time":{}})", R"({"time":""})",
        R"({"time":"2024-02-30T00:00:00Z"})", R"({"duration":"1"})",
        R"({"duration":1})", R"({"mask":["a"]})", R"({"mask":"a b"})",
        R"({"times":[null]})", R"({"empty":null,"empty":{}})",
        R"({"empty":{"a":1}})"}) {
    EXPECT_THAT(FromJson<WellKnown>(json), FailsWith(Reason::BODY_INVALID))
        << json;
  }
  EXPECT_THAT(TextFromJson<WellKnown>(R"({"time":"now"})"),
              HasSubstr("at $.time (line 1, column 9): expected a time like "
                        "\"2006-01-02T15:04:05Z\" (RFC 3339)"));
  EXPECT_THAT(JsonOf(FromText<WellKnown>("time {seconds: 253402300800}")),
              HasSubstr("out of range"));
  EXPECT_THAT(JsonOf(FromText<WellKnown>("mask {paths: 'notSnake'}")),
              HasSubstr("mask"));
}

TEST(WellKnownTypesTest, ConvertsWrappersAsTheirValues) {
  ExpectBothWays<Wrappers>({
      {"a_double {value: 1.5}", R"({"aDouble":1.5})"},
      {"a_float {}", R"({"aFloat":0})"},
      {"an_int64 {value: 5}", R"({"anInt64":"5"})"},
      {"a_uint64 {value: 6}", R"({"aUint64":"6"})"},
      {"an_int32 {value: -1}", R"({"anInt32":-1})"},
      {"a_uint32 {value: 7}", R"({"aUint32":7})"},
      {"a_bool {}", R"({"aBool":false})"},
      {"a_string {value: 'x'}", R"({"aString":"x"})"},
      {"some_bytes {value: 'a'}", R"({"someBytes":"YQ=="})"},
      {"list {value: 1} list {}", R"({"list":["1","0"]})"},
  });
  EXPECT_EQ(TextFromJson<Wrappers>(R"({"aString":null})"), "");
  for (const std::string json :
       {R"({"anInt32":{"value":1}})", R"({"aBool":"true"})",
        R"({"list":[null]})", R"({"aString":1})"}) {
    EXPECT_THAT(FromJson<Wrappers>(json), FailsWith(Reason::BODY_INVALID));
  }
}

TEST(WellKnownTypesTest, ConvertsDynamicValues) {
  ExpectBothWays<WellKnown>({
      {"value {null_value: NULL_VALUE}", R"({"value":null})"},
      {"value {number_value: -1.5}", R"({"value":-1.5})"},
      {"value {string_value: 'NaN'}", R"({"value":"NaN"})"},
      {"value {bool_value: false}", R"({"value":false})"},
      {"value {struct_value {}}", R"({"value":{}})"},
      {"value {list_value {}}", R"({"value":[]})"},
      {"value {list_value {values {null_value: NULL_VALUE} "
       "values {list_value {values {number_value: 1}}}}}",
       R"({"value":[null,[1]]})"},
      {"object {}", R"({"object":{}})"},
      {"object {fields {key: 'a' value {bool_value: true}} "
       "fields {key: 'b' value {struct_value {}}}}",
       R"({"object":{"a":true,"b":{}}})"},
      {"list {values {string_value: ''}}", R"({"list":[""]})"},
      {"values {null_value: NULL_VALUE} values {number_value: 0}",
       R"({"values":[null,0]})"},
      {"nulls: NULL_VALUE nulls: NULL_VALUE", R"({"nulls":[null,null]})"},
  });
  EXPECT_EQ(TextFromJson<WellKnown>(R"({"object":null,"list":null})"), "");
  EXPECT_THAT(TextFromJson<WellKnown>(R"({"object":{"a":1,"a":2}})"),
              HasSubstr("twice"));
  for (const std::string json :
       {R"({"object":[]})", R"({"list":{}})", R"({"value":1e400})",
        R"({"value":nope})", R"({"value":})", R"({"object":{"a":NaN}})"}) {
    EXPECT_THAT(FromJson<WellKnown>(json), FailsWith(Reason::BODY_INVALID))
        << json;
  }
}

TEST(WellKnownTypesTest, WritesAnUnsetValueAsNullAndNoNumberNotAtAll) {
  EXPECT_EQ(JsonOf(FromText<WellKnown>("value {}")), R"({"value":null})");
  Value value;
  value.set_number_value(std::nan(""));
  EXPECT_THAT(JsonOf(value), HasSubstr("no finite number"));
  value.set_number_value(-INFINITY);
  EXPECT_THAT(JsonOf(value), HasSubstr("no finite number"));
}

TEST(WellKnownTypesTest, LimitsTheDepthOfDynamicValues) {
  const auto lists = [](int depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  // Two levels of messages a list: protobuf parses 100.
  EXPECT_THAT(FromJson<Value>(lists(50)), Succeeds());
  EXPECT_THAT(TextFromJson<Value>(lists(51)), HasSubstr("nested too deep"));
  EXPECT_THAT(TextFromJson<Value>(std::string(100000, '[')),
              HasSubstr("nested"));
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  EXPECT_THAT(TextFromJson<Value>(objects), HasSubstr("nested"));
}

TEST(WellKnownTypesTest, ConvertsAnysOfKnownTypes) {
  const std::string node_url =
      "type.googleapis.com/praxis.gateway.testing.Node";
  Any any;
  any.PackFrom(FromText<testing::Node>("name: 'x' weight: 1"));
  const std::string json =
      R"({"@type":")" + node_url + R"(","name":"x","weight":1})";
  EXPECT_EQ(JsonOf(any), json);
  EXPECT_EQ(TextFromJson<Any>(json), any.ShortDebugString());
  EXPECT_EQ(TextFromJson<Any>(R"({"name":"x", "@type":")" + node_url +
                              R"(", "weight":1})"),
            any.ShortDebugString());

  any.PackFrom(FromText<google::protobuf::Timestamp>("seconds: 1"));
  const std::string time_json =
      R"({"@type":"type.googleapis.com/google.protobuf.Timestamp",)"
      R"("value":"1970-01-01T00:00:01Z"})";
  EXPECT_EQ(JsonOf(any), time_json);
  EXPECT_EQ(TextFromJson<Any>(time_json), any.ShortDebugString());

  EXPECT_EQ(JsonOf(Any()), "{}");
  EXPECT_EQ(TextFromJson<Any>("{}"), "");
}

TEST(WellKnownTypesTest, ConvertsAnysWithinAnys) {
  Any inner, outer;
  inner.PackFrom(FromText<testing::Node>("weight: 1"));
  outer.PackFrom(inner);
  const std::string json =
      R"({"@type":"type.googleapis.com/google.protobuf.Any","value":)" +
      JsonOf(inner) + "}";
  EXPECT_EQ(JsonOf(outer), json);
  EXPECT_EQ(TextFromJson<Any>(json), outer.ShortDebugString());
}

TEST(WellKnownTypesTest, RefusesAnysItCannotRead) {
  const std::string node =
      R"("@type":"type.googleapis.com/praxis.gateway.testing.Node")";
  const std::string time =
      R"("@type":"type.googleapis.com/google.protobuf.Timestamp")";
  for (const std::string& json : std::vector<std::string>{
           R"({"name":"x"})", R"({"@type":"x/no.such.Type"})",
           R"({"@type":"praxis.gateway.testing.Node"})", R"({"@type":""})",
           R"({"@type":1})", "{" + node + R"(,"nope":1})",
           "{" + node + R"(,"name":"x","name":"y"})",
           "{" + node + "," + node + "}", "{" + time + "}",
           "{" + time + R"(,"value":1})",
           "{" + time + R"(,"value":"1970-01-01T00:00:01Z","a":1})",
           "{" + time + "," + time + R"(,"value":"1970-01-01T00:00:01Z"})",
           "{" + node + R"(,"name")", R"({"name":"x")", "[]", "{" + node,
           R"({"@type""name":"x",)" + node + "}",
           R"({"@type" "value":"1970-01-01T00:00:01Z",)" + time + "}"}) {
    EXPECT_THAT(FromJson<Any>(json), FailsWith(Reason::BODY_INVALID)) << json;
  }
  Any any;
  any.set_type_url("x/no.such.Type");
  EXPECT_THAT(JsonOf(any), HasSubstr("unknown type"));
  any.set_type_url("praxis.gateway.testing.Node");
  EXPECT_THAT(JsonOf(any), HasSubstr("unknown type"));
  any.set_type_url("");
  any.set_value("x");
  EXPECT_THAT(JsonOf(any), HasSubstr("unknown type"));
}

TEST(WellKnownTypesTest, ReadsTheirWireBytesInAnyOrder) {
  // nanos before seconds, and seconds twice.
  EXPECT_EQ(JsonOfWire<google::protobuf::Timestamp>(absl::string_view(
                "\x10\x80\xca\xb5\xee\x01\x08\x05\x08\x01", 10)),
            "\"1970-01-01T00:00:01.500Z\"");
  // A Value set to a number, then to a string.
  EXPECT_EQ(
      JsonOfWire<Value>(absl::string_view("\x11\0\0\0\0\0\0\0\0\x1a\x01x", 12)),
      "\"x\"");
  // A list with an unknown field inside.
  EXPECT_EQ(JsonOfWire<google::protobuf::ListValue>(absl::string_view(
                "\x0a\x02\x08\0\x50\x01\x0a\x02\x20\x01", 10)),
            "[null,true]");
}

}  // namespace
}  // namespace praxis::gateway
