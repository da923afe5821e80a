#include "gateway/transcode/wire_order.h"

#include <string>

#include "gateway/transcode/testing/convert.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using testing::Choice;
using testing::Lists;
using testing::Maps;
using testing::Node;
using testing::SchemaOf;

template <typename T>
std::string Ordered(absl::string_view wire) {
  std::string ordered;
  return OrderWire(SchemaOf<T>(), wire, &ordered) ? ordered : "malformed";
}

TEST(WireOrderTest, KeepsWhatIsInOrder) {
  const std::string wire = testing::FromText<Node>(
                               "name: 'x' left {weight: 1} children {} "
                               "children {name: 'y'} weight: 2")
                               .SerializeAsString();
  EXPECT_EQ(Ordered<Node>(wire), wire);
  EXPECT_EQ(Ordered<Node>(""), "");
}

TEST(WireOrderTest, SortsByNumberAndKeepsTheLastOfAScalar) {
  EXPECT_EQ(Ordered<Node>("\x28\x01\x0a\x01x\x28\x02\x0a\x01y"),
            "\x0a\x01y\x28\x02");
}

TEST(WireOrderTest, MergesMessagesByConcatenation) {
  EXPECT_EQ(Ordered<Node>("\x12\x02\x28\x01\x28\x07\x12\x03\x0a\x01x"),
            "\x12\x05\x28\x01\x0a\x01x\x28\x07");
}

TEST(WireOrderTest, KeepsTheOrderWithinLists) {
  EXPECT_EQ(Ordered<Lists>("\x5a\x01"
                           "b\x28\x01\x5a\x01"
                           "a\x2a\x01\x02"),
            "\x28\x01\x2a\x01\x02\x5a\x01"
            "b\x5a\x01"
            "a");
}

TEST(WireOrderTest, KeepsEveryMapEntry) {
  const std::string twice = "\x0a\x03\x0a\x01k\x0a\x03\x0a\x01k";
  EXPECT_EQ(Ordered<Maps>(twice), twice);
}

TEST(WireOrderTest, KeepsTheLastMemberOfAOneof) {
  EXPECT_EQ(Ordered<Choice>("\x18\x01\x0a\x01x"), "\x0a\x01x");
  EXPECT_EQ(Ordered<Choice>("\x0a\x01x\x18\x01\x10\x01"), "\x10\x01\x18\x01");
  // node, number, node, node: what came before the number is lost.
  EXPECT_EQ(Ordered<Choice>("\x2a\x02\x28\x01\x18\x01\x2a\x02\x28\x02"
                            "\x2a\x03\x0a\x01x"),
            "\x2a\x05\x28\x02\x0a\x01x");
}

TEST(WireOrderTest, LeavesOutTheUnknownAndRefusesTheMalformed) {
  EXPECT_EQ(Ordered<Node>("\x28\x01\x9a\x06\x01x\x08\x05"), "\x28\x01");
  EXPECT_EQ(Ordered<Node>("\x28\x01\x0a\x05x"), "malformed");
}

}  // namespace
}  // namespace praxis::gateway
