#include "gateway/routes/field_path.h"

#include <string>

#include "gateway/transcode/testing/convert.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using testing::Everything;
using testing::Node;
using testing::SchemaOf;

std::string Resolved(absl::string_view path) {
  const auto field = FieldPath::Resolve(SchemaOf<Everything>(), path);
  return field.has_value() ? field->ToString() : "none";
}

TEST(FieldPathTest, ResolvesFieldsOfMessagesWithinMessages) {
  EXPECT_EQ(Resolved("assigned"), "assigned");
  EXPECT_EQ(Resolved("node.left.right.name"), "node.left.right.name");
  EXPECT_EQ(Resolved("wellKnown.time"), "well_known.time");
  EXPECT_EQ(Resolved("lists.int32s"), "lists.int32s");
}

TEST(FieldPathTest, ResolvesNothingElse) {
  for (const std::string path :
       {"", ".", "nope", "node.", ".node", "node..name", "node.nope",
        "assigned.x", "more.assigned", "lists.nodes.name", "maps.strings.a",
        "well_known.time.seconds", "wrappers.a_bool.value",
        "well_known.object.fields"}) {
    EXPECT_EQ(Resolved(path), "none") << path;
  }
}

TEST(FieldPathTest, NamesWhatHoldsOneValue) {
  const auto slot = [](absl::string_view path) {
    return FieldPath::Resolve(SchemaOf<Everything>(), path)->Slot();
  };
  EXPECT_EQ(slot("node.name"), "node.name");
  EXPECT_EQ(slot("choice.name"), slot("choice.number"));
  EXPECT_NE(slot("choice.name"), slot("choice.yes"));
  EXPECT_EQ(slot("scalars.maybe_int32"), "scalars.maybe_int32");
}

TEST(FieldPathTest, AppendsAValueWithinItsMessages) {
  Everything request = testing::FromText<Everything>(
      "node {name: 'old' left {weight: 1}} assigned: 'x'");
  std::string wire = request.SerializeAsString();
  const auto field =
      FieldPath::Resolve(SchemaOf<Everything>(), "node.left.name");
  ASSERT_THAT(field->Append(std::string(300, 'n'), &wire), Succeeds());
  ASSERT_THAT(FieldPath::Resolve(SchemaOf<Everything>(), "node.name")
                  ->Append("", &wire),
              Succeeds());
  ASSERT_TRUE(request.ParseFromString(wire));
  EXPECT_EQ(request.node().left().name(), std::string(300, 'n'));
  EXPECT_EQ(request.node().left().weight(), 1);
  EXPECT_EQ(request.node().name(), "");
  EXPECT_EQ(request.assigned(), "x");
}

TEST(FieldPathTest, AppendsNothingOfABadValue) {
  std::string wire = "before";
  EXPECT_THAT(FieldPath::Resolve(SchemaOf<Everything>(), "node.weight")
                  ->Append("heavy", &wire),
              FailsWith(Reason::URL_INVALID));
  EXPECT_EQ(wire, "before");
}

}  // namespace
}  // namespace praxis::gateway
