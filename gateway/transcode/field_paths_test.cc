#include "gateway/transcode/field_paths.h"

#include <string>
#include <vector>

#include "gateway/transcode/testing/convert.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "praxis/members/v1/members.pb.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::ElementsAre;
using testing::Everything;
using ::testing::IsEmpty;
using testing::SchemaOf;

template <typename T>
std::vector<std::string> Paths(absl::string_view json) {
  const auto paths = FieldPaths(SchemaOf<T>(), json);
  EXPECT_THAT(paths, Succeeds()) << json;
  return paths.ok() ? *paths : std::vector<std::string>();
}

TEST(FieldPathsTest, NamesTheLeavesThatABodyNames) {
  EXPECT_THAT(Paths<members::v1::Member>(
                  R"({"displayName":"Ada","bio":"","organisation":null})"),
              ElementsAre("display_name", "bio", "organisation"));
  EXPECT_THAT(
      Paths<Everything>(R"({"scalars":{"anInt32":1,"a_string":"x"},)"
                        R"("node":{"left":{"weight":0}}})"),
      ElementsAre("scalars.an_int32", "scalars.a_string", "node.left.weight"));
}

TEST(FieldPathsTest, NamesWholesThatHaveNoLeaves) {
  EXPECT_THAT(
      Paths<Everything>(R"({"node":{},"scalars":null,"more":[{"node":{}}],)"
                        R"("maps":{"strings":{"a":"b"}},)"
                        R"("wellKnown":{"object":{"a":1},"time":"x"},)"
                        R"("wrappers":{"aBool":true}})"),
      ElementsAre("node", "scalars", "more", "maps.strings",
                  "well_known.object", "well_known.time", "wrappers.a_bool"));
}

TEST(FieldPathsTest, LeavesOutWhatCallersCannotSet) {
  EXPECT_THAT(Paths<Everything>(R"({"assigned":"x","node":{"name":"y"}})"),
              ElementsAre("node.name"));
  EXPECT_THAT(
      Paths<members::v1::Member>(R"({"createTime":"1970-01-01T00:00:00Z"})"),
      IsEmpty());
  EXPECT_THAT(Paths<Everything>("{}"), IsEmpty());
  EXPECT_THAT(Paths<Everything>("null"), IsEmpty());
  EXPECT_THAT(Paths<Everything>(R"({"more":[],"choice":{}})"),
              ElementsAre("more", "choice"));
}

TEST(FieldPathsTest, RefusesWhatIsNoBody) {
  for (const std::string json :
       {"", "[]", R"({"nope":1})", R"({"node":{"nope":1}})", R"({"node":{})",
        "{} {}"}) {
    EXPECT_THAT(FieldPaths(SchemaOf<Everything>(), json),
                FailsWith(Reason::BODY_INVALID))
        << json;
  }
}

}  // namespace
}  // namespace praxis::gateway
