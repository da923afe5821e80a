#include "gateway/transcode/json_writer.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/transcode/testing/convert.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using testing::Choice;
using testing::FromText;
using ::testing::HasSubstr;
using testing::JsonOf;
using testing::JsonOfWire;
using testing::Lists;
using testing::Maps;
using testing::Node;
using testing::Scalars;
using testing::SchemaOf;

std::string Wire(const std::string& bytes) { return bytes; }

TEST(JsonWriterTest, WritesEveryScalarInItsForm) {
  EXPECT_EQ(JsonOf(FromText<Scalars>(
                "a_double: 0.1 a_float: -2 an_int64: -5 a_uint64: 6 "
                "an_int32: -7 a_uint32: 8 a_sint32: -9 a_sint64: -10 "
                "a_fixed32: 11 a_fixed64: 12 a_sfixed32: -13 a_sfixed64: -14 "
                "a_bool: true a_colour: VERT a_string: '<\\n>' some_bytes: 'a' "
                "renamed: 'x' not_so_far: 1 far_away: 2")),
            R"({"aDouble":0.1,"aFloat":-2,"anInt64":"-5","aUint64":"6",)"
            R"("anInt32":-7,"aUint32":8,"aSint32":-9,"aSint64":"-10",)"
            R"("aFixed32":11,"aFixed64":"12","aSfixed32":-13,)"
            R"("aSfixed64":"-14","aBool":true,"aColour":"GREEN",)"
            R"("aString":"\u003c\n\u003e","someBytes":"YQ==",)"
            R"("aliasName":"x","notSoFar":1,"farAway":2})");
}

TEST(JsonWriterTest, LeavesOutDefaultsButForFieldsWithPresence) {
  EXPECT_EQ(JsonOf(Scalars()), "{}");
  EXPECT_EQ(JsonOf(FromText<Scalars>("maybe_int32: 0 maybe_string: ''")),
            R"({"maybeInt32":0,"maybeString":""})");
  EXPECT_EQ(JsonOf(FromText<Choice>("number: 0")), R"({"number":0})");
  EXPECT_EQ(JsonOf(FromText<Node>("left {}")), R"({"left":{}})");
  // Written all the same by somebody: int32 0, string "", bool 0 as a long 0.
  EXPECT_EQ(JsonOfWire<Scalars>(Wire(std::string("\x28\0\x68\x80\0\x7a\0", 7))),
            "{}");
}

TEST(JsonWriterTest, WritesEnumsWithoutNameAsNumbers) {
  EXPECT_EQ(JsonOf(FromText<Scalars>("a_colour: INFRARED")),
            R"({"aColour":"INFRARED"})");
  EXPECT_EQ(JsonOf(FromText<Scalars>("a_colour: ULTRAVIOLET")),
            R"({"aColour":"ULTRAVIOLET"})");
  Scalars scalars;
  scalars.set_a_colour(static_cast<testing::Colour>(77));
  EXPECT_EQ(JsonOf(scalars), R"({"aColour":77})");
  scalars.set_a_colour(static_cast<testing::Colour>(-77));
  EXPECT_EQ(JsonOf(scalars), R"({"aColour":-77})");
}

TEST(JsonWriterTest, WritesListsPackedOrNot) {
  EXPECT_EQ(
      JsonOf(
          FromText<Lists>("int32s: [1, -2] unpacked: [3, 4] colours: [RED, 0] "
                          "strings: ['', 'a'] nodes {} nodes {weight: 1}")),
      R"({"int32s":[1,-2],"colours":["RED","COLOUR_UNSPECIFIED"],)"
      R"("strings":["","a"],"nodes":[{},{"weight":1}],"unpacked":[3,4]})");
  // int32s (5) unpacked and then packed; unpacked (14) packed.
  EXPECT_EQ(JsonOfWire<Lists>("\x28\x01\x2a\x02\x02\x03\x72\x02\x04\x05"),
            R"({"int32s":[1,2,3],"unpacked":[4,5]})");
  // A packed list of nothing.
  EXPECT_EQ(JsonOfWire<Lists>(std::string("\x2a\0", 2)), "{}");
}

TEST(JsonWriterTest, WritesMapsByKey) {
  EXPECT_EQ(
      JsonOf(FromText<Maps>(
          "strings {key: 'b' value: '2'} strings {key: 'a' value: '1'} "
          "strings {key: '' value: ''} int32s {key: 2 value: 1} "
          "int32s {key: 1 value: 3} bools {key: true value: RED} "
          "bools {key: false} nodes {key: 'n' value {}} uint64s {key: 1}")),
      R"({"strings":{"":"","a":"1","b":"2"},"int32s":{"1":"3","2":"1"},)"
      R"("uint64s":{"1":false},)"
      R"("bools":{"false":"COLOUR_UNSPECIFIED","true":"RED"},)"
      R"("nodes":{"n":{}}})");
  // An entry without key or value, one in the other order, and a key twice.
  EXPECT_EQ(JsonOfWire<Maps>(std::string("\x0a\0"
                                         "\x0a\x06\x12\x01x\x0a\x01k"
                                         "\x0a\x06\x0a\x01k\x12\x01y",
                                         18)),
            R"({"strings":{"":"","k":"y"}})");
}

TEST(JsonWriterTest, LeavesOutWhatItDoesNotKnow) {
  // Number 99, a group, and field 1 (string) as a varint.
  EXPECT_EQ(JsonOfWire<Node>("\x9a\x06\x01x\x93\x06\x94\x06\x08\x05\x28\x01"),
            R"({"weight":1})");
}

TEST(JsonWriterTest, ReadsBytesInAnyOrderLikeAParser) {
  // weight, name, weight: by number, and the last weight.
  EXPECT_EQ(JsonOfWire<Node>("\x28\x01\x0a\x01x\x28\x02"),
            R"({"name":"x","weight":2})");
  // left twice is merged, at every level.
  EXPECT_EQ(
      JsonOfWire<Node>("\x12\x05\x12\x03\x0a\x01x\x12\x04\x12\x02\x28\x03"),
      R"({"left":{"left":{"name":"x","weight":3}}})");
  // A list with something between.
  EXPECT_EQ(JsonOfWire<Lists>("\x28\x01\x5a\x01x\x28\x02"),
            R"({"int32s":[1,2],"strings":["x"]})");
  // Of a oneof the last: number, then name, then number.
  EXPECT_EQ(JsonOfWire<Choice>("\x18\x01\x0a\x01x\x18\x02"), R"({"number":2})");
  // name in ascending order with another member of its oneof.
  EXPECT_EQ(JsonOfWire<Choice>("\x0a\x01x\x18\x02"), R"({"number":2})");
  // node {name}, number, node {weight}: the first node is lost.
  EXPECT_EQ(JsonOfWire<Choice>("\x2a\x03\x0a\x01x\x18\x01\x2a\x02\x28\x04"),
            R"({"node":{"weight":4}})");
}

TEST(JsonWriterTest, LooksAtNoTextThatAnotherDisplaces) {
  const std::string bad("\x0a\x01\xff", 3);
  const std::string good("\x0a\x01n", 3);
  EXPECT_EQ(JsonOfWire<Node>(bad + good), R"({"name":"n"})");
  EXPECT_EQ(JsonOfWire<Node>(good + bad).substr(0, 5), "error");
}

TEST(JsonWriterTest, FailsOnMalformedBytes) {
  const std::vector<std::string> malformed = {
      "\x0a",
      "\x0a\x05x",
      "\x28\x80",
      "\x12\x02\x0a\x05",  // within a message
      std::string("\x00\x01", 2),
      "\x0a\x01\xff",  // not UTF-8
      "\x12\x04\x12\x02\x0a\xff",
      "\x0c",
  };
  for (const std::string& wire : malformed) {
    std::string json = "before";
    EXPECT_THAT(WriteJson(SchemaOf<Node>(), wire, &json),
                FailsWith(Reason::INTERNAL))
        << ::testing::PrintToString(wire);
    EXPECT_EQ(json, "before");
  }
  EXPECT_THAT(JsonOfWire<Lists>("\x2a\x01\x80"), HasSubstr("malformed"));
  EXPECT_THAT(JsonOfWire<Lists>("\x0a\x03xyz"), HasSubstr("malformed"));
  EXPECT_THAT(JsonOfWire<Maps>("\x0a\x03\x0a\x05x"), HasSubstr("malformed"));
  EXPECT_THAT(JsonOfWire<Maps>("\x0a\x03\x0a\x01\xff"), HasSubstr("UTF-8"));
}

// A tree of nodes to the left, in wire form.
std::string LeftTree(int depth, const std::string& innermost) {
  std::string wire = innermost;
  for (int i = 1; i < depth; ++i) {
    Node node;
    node.mutable_left()->ParseFromString(wire);
    wire = node.SerializeAsString();
  }
  return wire;
}

TEST(JsonWriterTest, WritesSixtyFourLevelsAndNoMore) {
  EXPECT_EQ(JsonOfWire<Node>(LeftTree(64, "")).substr(0, 16),
            R"({"left":{"left":)");
  EXPECT_THAT(JsonOfWire<Node>(LeftTree(65, "")), HasSubstr("nested too deep"));
}

TEST(JsonWriterTest, TakesLinearTimeForDisorderAtEveryLevel) {
  // Were disorder dealt with anew at each level, this took 2^60 steps.
  std::string wire = "\x28\x01";
  for (int i = 0; i < 60; ++i) {
    AppendBuffer out(0);
    out.Append("\x28\x01\x12");  // weight before left
    AppendBytes(wire, &out);
    wire = std::string(out.view());
  }
  std::string expected = R"("weight":1})";
  for (int i = 0; i < 60; ++i) {
    expected = R"("left":{)" + expected + R"(,"weight":1})";
  }
  EXPECT_EQ(JsonOfWire<Node>(wire), "{" + expected);
}

TEST(JsonWriterTest, AppendsToWhatIsThere) {
  std::string json = "x";
  ASSERT_THAT(WriteJson(SchemaOf<Node>(), "", &json), Succeeds());
  EXPECT_EQ(json, "x{}");
}

std::string FieldJson(int number, const Node& node) {
  std::string json;
  EXPECT_THAT(
      WriteJsonField(SchemaOf<Node>(), *SchemaOf<Node>().FindNumber(number),
                     node.SerializeAsString(), &json),
      Succeeds());
  return json;
}

TEST(JsonWriterTest, WritesTheValueOfOneField) {
  const Node node = FromText<Node>(
      "name: 'x' left {weight: 1} children {} children {name: 'y'} weight: 3");
  EXPECT_EQ(FieldJson(1, node), R"("x")");
  EXPECT_EQ(FieldJson(2, node), R"({"weight":1})");
  EXPECT_EQ(FieldJson(3, node), "null");
  EXPECT_EQ(FieldJson(4, node), R"([{},{"name":"y"}])");
  EXPECT_EQ(FieldJson(5, node), "3");
  EXPECT_EQ(FieldJson(1, Node()), R"("")");
  EXPECT_EQ(FieldJson(4, Node()), "[]");
  EXPECT_EQ(FieldJson(5, Node()), "0");
}

TEST(JsonWriterTest, FailsOnAMalformedMessageOfAField) {
  std::string json;
  const FieldSchema& weight = *SchemaOf<Node>().FindNumber(5);
  EXPECT_THAT(WriteJsonField(SchemaOf<Node>(), weight, "\x0a\x05", &json),
              FailsWith(Reason::INTERNAL));
  EXPECT_EQ(json, "");
}

}  // namespace
}  // namespace praxis::gateway
