#include "gateway/transcode/json_reader.h"

#include <string>
#include <utility>
#include <vector>

#include "gateway/transcode/testing/convert.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using testing::Choice;
using testing::Everything;
using testing::FromJson;
using ::testing::HasSubstr;
using testing::Lists;
using testing::Maps;
using testing::Node;
using testing::Scalars;
using testing::SchemaOf;
using ::testing::StartsWith;
using testing::TextFromJson;

using Cases = std::vector<std::pair<std::string, std::string>>;

TEST(JsonReaderTest, ReadsEveryScalar) {
  const Cases cases = {
      {R"({})", ""},
      {R"({"aDouble":-1.5e2})", "a_double: -150"},
      {R"({"aDouble":"NaN","aFloat":"-Infinity"})",
       "a_double: nan a_float: -inf"},
      {R"({"aDouble":"2.5"})", "a_double: 2.5"},
      {R"({"anInt64":"-9223372036854775808"})",
       "an_int64: -9223372036854775808"},
      {R"({"anInt64":12})", "an_int64: 12"},
      {R"({"aUint64":"18446744073709551615"})",
       "a_uint64: 18446744073709551615"},
      {R"({"anInt32":-7,"aUint32":4294967295})",
       "an_int32: -7 a_uint32: 4294967295"},
      {R"({"anInt32":1.0,"aUint32":1e2,"aSint32":"-1e1"})",
       "an_int32: 1 a_uint32: 100 a_sint32: -10"},
      {R"({"aSint32":-2147483648,"aSint64":"-9223372036854775808"})",
       "a_sint32: -2147483648 a_sint64: -9223372036854775808"},
      {R"({"aFixed32":1,"aFixed64":2,"aSfixed32":-3,"aSfixed64":-4})",
       "a_fixed32: 1 a_fixed64: 2 a_sfixed32: -3 a_sfixed64: -4"},
      {R"({"aBool":true})", "a_bool: true"},
      {R"({"aColour":"RED"})", "a_colour: RED"},
      {R"({"aColour":"VERT"})", "a_colour: GREEN"},
      {R"({"aColour":-1})", "a_colour: INFRARED"},
      {R"({"aColour":77})", "a_colour: 77"},
      {R"({"aString":"\u00e9\n"})", R"(a_string: "\303\251\n")"},
      {R"({"someBytes":"+/8="})", R"(some_bytes: "\373\377")"},
      {R"({"someBytes":"-_8"})", R"(some_bytes: "\373\377")"},
      {R"({"maybeInt32":0,"maybeString":""})",
       R"(maybe_int32: 0 maybe_string: "")"},
      {R"({"farAway":1,"notSoFar":2})", "not_so_far: 2 far_away: 1"},
  };
  for (const auto& [json, text] : cases) {
    EXPECT_EQ(TextFromJson<Scalars>(json), text) << json;
  }
}

TEST(JsonReaderTest, TakesBothNamesOfAFieldInAnyOrder) {
  EXPECT_EQ(TextFromJson<Scalars>(R"({"a_string":"x","an_int32":1})"),
            R"(an_int32: 1 a_string: "x")");
  EXPECT_EQ(TextFromJson<Scalars>(R"({"aliasName":"x"})"), R"(renamed: "x")");
  EXPECT_EQ(TextFromJson<Scalars>(R"({"renamed":"x"})"), R"(renamed: "x")");
  EXPECT_EQ(TextFromJson<Scalars>("{ \"aString\" :\n\"x\"}"),
            R"(a_string: "x")");
  EXPECT_EQ(TextFromJson<Scalars>(R"({"\u0061String":"x"})"),
            R"(a_string: "x")");
}

TEST(JsonReaderTest, TakesNullForAbsent) {
  EXPECT_EQ(TextFromJson<Scalars>(
                R"({"aDouble":null,"aString":null,"maybeInt32":null})"),
            "");
  EXPECT_EQ(TextFromJson<Lists>(R"({"int32s":null,"nodes":null})"), "");
  EXPECT_EQ(TextFromJson<Maps>(R"({"strings":null})"), "");
  EXPECT_EQ(TextFromJson<Node>(R"({"left":null,"name":"x"})"), R"(name: "x")");
}

TEST(JsonReaderTest, RefusesValuesOfTheWrongKind) {
  for (const std::string json : {R"({"aDouble":true})",
                                 R"({"aDouble":"x"})",
                                 R"({"aDouble":""})",
                                 R"({"aDouble":1e400})",
                                 R"({"aFloat":3.5e38})",
                                 R"({"aDouble":"nan"})",
                                 R"({"aDouble":"1 "})",
                                 R"({"aDouble":[]})",
                                 R"({"anInt32":1.5})",
                                 R"({"anInt32":2147483648})",
                                 R"({"anInt32":-2147483649})",
                                 R"({"anInt32":"0x1"})",
                                 R"({"anInt32":""})",
                                 R"({"anInt32":true})",
                                 R"({"anInt32":{}})",
                                 R"({"aUint32":-1})",
                                 R"({"aUint32":4294967296})",
                                 R"({"anInt64":9223372036854775808})",
                                 R"({"aUint64":"-1"})",
                                 R"({"aUint64":18446744073709551616})",
                                 R"({"aBool":"true"})",
                                 R"({"aBool":1})",
                                 R"({"aBool":0})",
                                 R"({"aColour":"red"})",
                                 R"({"aColour":"PURPLE"})",
                                 R"({"aColour":1.5})",
                                 R"({"aColour":"1"})",
                                 R"({"aColour":true})",
                                 R"({"aString":1})",
                                 R"({"aString":[]})",
                                 R"({"someBytes":"a"})",
                                 R"({"someBytes":"a==="})",
                                 R"({"someBytes":"ab=c"})",
                                 R"({"someBytes":"ab="})",
                                 R"({"someBytes":"a b="})",
                                 R"({"someBytes":"===="})",
                                 R"({"someBytes":3})"}) {
    EXPECT_THAT(FromJson<Scalars>(json), FailsWith(Reason::BODY_INVALID))
        << json;
  }
}

TEST(JsonReaderTest, RefusesUnknownAndRepeatedFields) {
  EXPECT_THAT(TextFromJson<Scalars>(R"({"nope":1})"),
              HasSubstr("unknown field \"nope\""));
  EXPECT_THAT(TextFromJson<Scalars>(R"({"ADouble":1})"),
              HasSubstr("unknown field"));
  EXPECT_THAT(TextFromJson<Scalars>(R"({"":1})"), HasSubstr("unknown field"));
  EXPECT_THAT(TextFromJson<Scalars>(R"({"aBool":true,"aBool":true})"),
              HasSubstr("twice"));
  EXPECT_THAT(TextFromJson<Scalars>(R"({"aBool":true,"a_bool":true})"),
              HasSubstr("twice"));
  EXPECT_THAT(TextFromJson<Scalars>(R"({"aBool":null,"aBool":true})"),
              HasSubstr("twice"));
}

TEST(JsonReaderTest, ReadsListsPackedAndNot) {
  EXPECT_EQ(TextFromJson<Lists>(R"({"int32s":[1,-2],"unpacked":[3,4],)"
                                R"("bools":[true,false],"doubles":[0.5]})"),
            "doubles: 0.5 int32s: 1 int32s: -2 bools: true bools: false "
            "unpacked: 3 unpacked: 4");
  EXPECT_EQ(TextFromJson<Lists>(R"({"colours":["RED",2],"strings":["","a"]})"),
            R"(colours: RED colours: GREEN strings: "" strings: "a")");
  EXPECT_EQ(TextFromJson<Lists>(R"({"nodes":[{},{"name":"a"}],"int32s":[]})"),
            R"(nodes { } nodes { name: "a" })");
}

TEST(JsonReaderTest, WritesLongListsAndMessagesWithTheirLength) {
  std::string json = "{\"int32s\":[";
  for (int i = 0; i < 1000; ++i) json += i == 0 ? "300" : ",300";
  json += "],\"nodes\":[{\"left\":{\"left\":{\"name\":\"" +
          std::string(40000, 'x') + "\"}}}]}";
  const absl::StatusOr<Lists> lists = FromJson<Lists>(json);
  ASSERT_THAT(lists, Succeeds());
  EXPECT_EQ(lists->int32s_size(), 1000);
  EXPECT_EQ(lists->int32s(999), 300);
  EXPECT_EQ(lists->nodes(0).left().left().name(), std::string(40000, 'x'));
}

TEST(JsonReaderTest, RefusesNullWithinListsAndMaps) {
  for (const std::string json :
       {R"({"int32s":[null]})", R"({"unpacked":[1,null]})",
        R"({"strings":[null]})", R"({"nodes":[null]})", R"({"bools":[null]})",
        R"({"colours":[null]})", R"({"int32s":1})", R"({"int32s":{}})"}) {
    EXPECT_THAT(FromJson<Lists>(json), FailsWith(Reason::BODY_INVALID)) << json;
  }
  for (const std::string json :
       {R"({"strings":{"a":null}})", R"({"nodes":{"a":null}})",
        R"({"strings":[]})", R"({"strings":{"a":1}})"}) {
    EXPECT_THAT(FromJson<Maps>(json), FailsWith(Reason::BODY_INVALID)) << json;
  }
}

TEST(JsonReaderTest, ReadsMapsWithKeysOfEveryKind) {
  const Cases cases = {
      {R"({"strings":{"":"a"}})", R"(strings { key: "" value: "a" })"},
      {R"({"int32s":{"-5":"6"}})", "int32s { key: -5 value: 6 }"},
      {R"({"uint64s":{"18446744073709551615":true}})",
       "uint64s { key: 18446744073709551615 value: true }"},
      {R"({"bools":{"true":"RED"}})", "bools { key: true value: RED }"},
      {R"({"nodes":{"\n":{"weight":1}}})",
       R"(nodes { key: "\n" value { weight: 1 } })"},
      {R"({"fixed32s":{"7":"YQ=="}})", R"(fixed32s { key: 7 value: "a" })"},
      {R"({"strings":{}})", ""},
  };
  for (const auto& [json, text] : cases) {
    EXPECT_EQ(TextFromJson<Maps>(json), text) << json;
  }
}

TEST(JsonReaderTest, RefusesBadAndRepeatedKeys) {
  for (const std::string json :
       {R"({"int32s":{"x":1}})", R"({"int32s":{"":1}})",
        R"({"int32s":{"2147483648":1}})", R"({"int32s":{1:1}})",
        R"({"bools":{"TRUE":"RED"}})", R"({"bools":{"1":"RED"}})"}) {
    EXPECT_THAT(FromJson<Maps>(json), FailsWith(Reason::BODY_INVALID)) << json;
  }
  for (const std::string json : {R"({"strings":{"a":"x","a":"y"}})",
                                 R"({"strings":{"a":"x","\u0061":"y"}})",
                                 R"({"int32s":{"1":1,"1.0":2}})"}) {
    EXPECT_THAT(TextFromJson<Maps>(json), HasSubstr("twice")) << json;
  }
}

TEST(JsonReaderTest, AllowsOneMemberOfAOneof) {
  EXPECT_EQ(TextFromJson<Choice>(R"({"name":"","yes":false,"between":1})"),
            R"(name: "" yes: false between: 1)");
  EXPECT_EQ(TextFromJson<Choice>(R"({"name":null,"number":0})"), "number: 0");
  EXPECT_EQ(TextFromJson<Choice>(R"({"nothing":null})"), "nothing: NULL_VALUE");
  EXPECT_THAT(TextFromJson<Choice>(R"({"name":"","number":0})"),
              HasSubstr("only one field of the oneof \"first\" may be set"));
  EXPECT_THAT(TextFromJson<Choice>(R"({"node":{},"nothing":null})"),
              HasSubstr("only one field"));
  EXPECT_THAT(TextFromJson<Choice>(R"({"yes":true,"value":null})"),
              HasSubstr("only one field"));
}

TEST(JsonReaderTest, RefusesBadRoots) {
  for (const std::string json : {"", "null", "1", "[]", "\"x\"", "{} x", "{"}) {
    EXPECT_THAT(FromJson<Node>(json), FailsWith(Reason::BODY_INVALID)) << json;
  }
}

TEST(JsonReaderTest, SaysWhereAndWhatWasExpected) {
  EXPECT_THAT(
      TextFromJson<discussions::v1::CreateThreadRequest>(
          R"({"thread":{"kind":"X"}})"),
      AllOf(StartsWith("error: at $.thread.kind (line 1, column 19): expected "
                       "one of THREAD_KIND_UNSPECIFIED, PROBLEM_SOLVING, "),
            HasSubstr(", not \"X\"")));
  EXPECT_EQ(
      TextFromJson<Lists>(R"({"nodes":[{},{"children":[{"weight":1.5}]}]})"),
      "error: at $.nodes[1].children[0].weight (line 1, column 37): "
      "expected an integer from -2147483648 to 2147483647");
  EXPECT_EQ(TextFromJson<Maps>(R"({"nodes":{"k":{"weight":"x"}}})"),
            "error: at $.nodes[\"k\"].weight (line 1, column 25): "
            "expected an integer from -2147483648 to 2147483647");
  EXPECT_EQ(TextFromJson<Scalars>(R"({"aString":17})"),
            "error: at $.aString (line 1, column 12): expected a string, not "
            "this number");
}

TEST(JsonReaderTest, AllowsSixtyFourLevelsAndNoMore) {
  const auto nested = [](int depth) {
    std::string json = "{}";
    for (int i = 1; i < depth; ++i) json = "{\"left\":" + json + "}";
    return json;
  };
  EXPECT_THAT(FromJson<Node>(nested(64)), Succeeds());
  EXPECT_THAT(TextFromJson<Node>(nested(65)), HasSubstr("nested deeper"));
  std::string endless;
  for (int i = 0; i < 100000; ++i) endless += "{\"left\":";
  EXPECT_THAT(TextFromJson<Node>(endless), HasSubstr("nested deeper"));
}

TEST(JsonReaderTest, AppendsNothingWhenItFails) {
  std::string wire = "before";
  EXPECT_THAT(ReadJson(SchemaOf<Node>(), R"({"name":"x","nope":1})", &wire),
              FailsWith(Reason::BODY_INVALID));
  EXPECT_EQ(wire, "before");
}

TEST(JsonReaderTest, MergesWithWhatIsThere) {
  std::string wire;
  ASSERT_THAT(ReadJson(SchemaOf<Node>(), R"({"left":{"weight":1}})", &wire),
              Succeeds());
  ASSERT_THAT(ReadJson(SchemaOf<Node>(), R"({"left":{"name":"x"}})", &wire),
              Succeeds());
  Node node;
  ASSERT_TRUE(node.ParseFromString(wire));
  EXPECT_EQ(node.ShortDebugString(), R"(left { name: "x" weight: 1 })");
}

// The value of a field of a type, in text format.
template <typename T>
std::string FieldText(int number, absl::string_view json) {
  std::string wire;
  const absl::Status status =
      ReadJsonField(*SchemaOf<T>().FindNumber(number), json, &wire);
  if (!status.ok()) return "error: " + std::string(status.message());
  T message;
  EXPECT_TRUE(message.ParseFromString(wire));
  return message.ShortDebugString();
}

TEST(JsonReaderTest, ReadsTheValueOfOneField) {
  EXPECT_EQ(FieldText<Node>(2, R"({"name":"x"})"), R"(left { name: "x" })");
  EXPECT_EQ(FieldText<Node>(2, "{}"), "left { }");
  EXPECT_EQ(FieldText<Node>(2, "null"), "");
  EXPECT_EQ(FieldText<Node>(1, R"("x")"), R"(name: "x")");
  EXPECT_EQ(FieldText<Node>(4, R"([{"name":"x"},{}])"),
            R"(children { name: "x" } children { })");
  EXPECT_THAT(FieldText<Node>(2, "[]"), HasSubstr("expected an object"));
  EXPECT_THAT(FieldText<Node>(2, "{} {}"), HasSubstr("the end of the body"));
}

}  // namespace
}  // namespace praxis::gateway
