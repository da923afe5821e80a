#include "gateway/transcode/read_mask.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/transcode/testing/convert.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using testing::Everything;
using testing::FromText;
using ::testing::HasSubstr;
using testing::SchemaOf;
using testing::Schemas;

// The JSON of `wire` with the fields that `mask` names, or "error: ...".
template <typename T>
std::string MaskedWire(absl::string_view wire, absl::string_view mask) {
  const absl::StatusOr<ReadMask> parsed = ReadMask::Parse(SchemaOf<T>(), mask);
  if (!parsed.ok()) return "error: " + std::string(parsed.status().message());
  std::string json;
  const absl::Status status = WriteJson(SchemaOf<T>(), wire, &json, &*parsed);
  return status.ok() ? json : "error: " + std::string(status.message());
}

template <typename T = Everything>
std::string Masked(const std::string& text, absl::string_view mask) {
  return MaskedWire<T>(FromText<T>(text).SerializeAsString(), mask);
}

constexpr char kTree[] =
    "node { name: 'root' weight: 1 left { name: 'l' weight: 2 } "
    "children { name: 'c1' weight: 3 } children { name: 'c2' weight: 4 } } "
    "assigned: 'x'";

TEST(ReadMaskTest, KeepsTheFieldsThatItNames) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"assigned", R"({"assigned":"x"})"},
      {"node.name", R"({"node":{"name":"root"}})"},
      {"node.left.weight,assigned",
       R"({"node":{"left":{"weight":2}},"assigned":"x"})"},
      {"node.children.name",
       R"({"node":{"children":[{"name":"c1"},{"name":"c2"}]}})"},
      {"node.children.*.name",
       R"({"node":{"children":[{"name":"c1"},{"name":"c2"}]}})"},
      // Asked for, but not there.
      {"node.right,scalars.aString", R"({"node":{}})"},
      {"node.children.left.name", R"({"node":{"children":[{},{}]}})"},
  };
  for (const auto& [mask, json] : cases) {
    EXPECT_EQ(Masked(kTree, mask), json) << mask;
  }
}

TEST(ReadMaskTest, KeepsAllWhereItSaysSo) {
  const std::string all = Masked(kTree, "");
  EXPECT_EQ(all, testing::JsonOf(FromText<Everything>(kTree)));
  for (const std::string mask :
       {"*", "node,assigned", "node.*,assigned", "node.name,node,assigned",
        "node,node.name,assigned", "assigned,*", "*,node.name",
        "node.name,node.left,node.children.*,node.weight,assigned"}) {
    EXPECT_EQ(Masked(kTree, mask), all) << mask;
  }
}

TEST(ReadMaskTest, TakesNamesOfTheProtoAndOfJson) {
  for (const std::string mask : {"scalars.aString", "scalars.a_string"}) {
    EXPECT_EQ(Masked("scalars { a_string: 's' a_bool: true }", mask),
              R"({"scalars":{"aString":"s"}})");
  }
  EXPECT_EQ(
      Masked("scalars { renamed: 's' a_bool: true }", "scalars.aliasName"),
      R"({"scalars":{"aliasName":"s"}})");
}

TEST(ReadMaskTest, GoesIntoTheValuesOfMaps) {
  const std::string maps =
      "maps { nodes { key: 'a' value { name: 'n' weight: 1 } } "
      "strings { key: 'b' value: 'c' } }";
  EXPECT_EQ(Masked(maps, "maps.nodes.*.weight"),
            R"({"maps":{"nodes":{"a":{"weight":1}}}})");
  EXPECT_EQ(Masked(maps, "maps.strings"), R"({"maps":{"strings":{"b":"c"}}})");
  EXPECT_EQ(Masked(maps, "maps.strings.*"), Masked(maps, "maps.strings"));
}

TEST(ReadMaskTest, KeepsTypesWithAJsonOfTheirOwnWhole) {
  const std::string text =
      "well_known { time { seconds: 1 } object { fields { key: 'k' value { "
      "list_value { values { bool_value: true } } } } } }";
  EXPECT_EQ(Masked(text, "wellKnown.object,wellKnown.mask"),
            R"({"wellKnown":{"object":{"k":[true]}}})");
  EXPECT_EQ(Masked(text, "wellKnown.time"),
            R"({"wellKnown":{"time":"1970-01-01T00:00:01Z"}})");
}

TEST(ReadMaskTest, SaysWhatThereIsToChooseFrom) {
  EXPECT_EQ(Masked("", "node.colour"),
            "error: \"node.colour\" names no field; there are name, left, "
            "right, children, weight");
  EXPECT_THAT(ReadMask::Parse(SchemaOf<Everything>(), "x"),
              FailsWith(Reason::URL_INVALID));
  const std::string choice = "names no field";
  const std::string no_choice = "cannot be chosen";
  const std::string star = "not for a list";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"node,", choice},
      {",", choice},
      {" node", choice},
      {"node..name", choice},
      {"Node", choice},
      {"node.7", choice},
      {"assigned.x", no_choice},
      {"wellKnown.time.seconds", no_choice},
      {"wellKnown.object.k", no_choice},
      {"wrappers.anInt32.value", no_choice},
      {"lists.strings.*.x", no_choice},
      {"maps.nodes.a", no_choice},
      {"maps.nodes.name", no_choice},
      {"*.name", star},
      {"node.*.name", star},
      {"node.children.*.*.name", star},
  };
  for (const auto& [mask, why] : cases) {
    EXPECT_THAT(Masked("", mask), HasSubstr(why)) << mask;
    // A path that adds nothing is held to the same.
    EXPECT_THAT(Masked("", "*," + mask), HasSubstr("error")) << mask;
  }
  std::string deep = "node";
  for (int i = 0; i < 70; ++i) deep += ".left";
  EXPECT_THAT(Masked("", deep), HasSubstr("too deep"));
}

TEST(ReadMaskTest, ReadsBytesInAnyOrder) {
  const std::string one =
      FromText<Everything>("node { weight: 1 } assigned: 'x'")
          .SerializeAsString();
  const std::string two =
      FromText<Everything>("node { name: 'n' left { name: 'l' } }")
          .SerializeAsString();
  EXPECT_EQ(MaskedWire<Everything>(one + two, "node.name,assigned"),
            R"({"node":{"name":"n"},"assigned":"x"})");
  // What is left out needs no order.
  EXPECT_EQ(MaskedWire<Everything>(one + two, "assigned"),
            R"({"assigned":"x"})");
}

// The member set last holds, whether it is wanted or not.
TEST(ReadMaskTest, KeepsNoMemberOfAOneofThatAnotherDisplaced) {
  const auto wire = [](const std::string& text) {
    return FromText<testing::Choice>(text).SerializeAsString();
  };
  const std::string named = wire("name: 'n'");
  const std::string numbered = wire("number: 1");
  using testing::Choice;
  EXPECT_EQ(MaskedWire<Choice>(named + numbered, "name"), "{}");
  EXPECT_EQ(MaskedWire<Choice>(numbered + named, "name"), R"({"name":"n"})");
  EXPECT_EQ(MaskedWire<Choice>(numbered + named, "number"), "{}");
}

TEST(ReadMaskTest, ChoosesWithinTheFieldThatIsAnswered) {
  const MessageSchema& schema = SchemaOf<testing::Node>();
  const std::string wire =
      FromText<testing::Node>(
          "name: 'n' left { name: 'l' weight: 1 } "
          "children { name: 'a' weight: 2 } children { name: 'b' }")
          .SerializeAsString();
  const auto masked = [&](absl::string_view name, absl::string_view text) {
    const FieldSchema& field = *schema.FindName(name);
    const absl::StatusOr<ReadMask> mask = ReadMask::Parse(field, text);
    if (!mask.ok()) return std::string("error");
    std::string json;
    EXPECT_THAT(WriteJsonField(schema, field, wire, &json, &*mask), Succeeds());
    return json;
  };
  EXPECT_EQ(masked("children", "name"), R"([{"name":"a"},{"name":"b"}])");
  EXPECT_EQ(masked("children", "*.weight"), R"([{"weight":2},{}])");
  EXPECT_EQ(masked("left", "weight"), R"({"weight":1})");
  EXPECT_EQ(masked("name", "*"), R"("n")");
  EXPECT_EQ(masked("name", "x"), "error");
  EXPECT_EQ(masked("left", "*.weight"), "error");
}

}  // namespace
}  // namespace praxis::gateway
