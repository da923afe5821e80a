#include "gateway/transcode/field_mask_text.h"

#include <string>

#include "google/protobuf/field_mask.pb.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

std::string PathText(absl::string_view path) {
  AppendBuffer out(0);
  return AppendMaskPath(path, &out) ? std::string(out.view()) : "none";
}

// The paths of a text with "|" between, or "none".
std::string Paths(absl::string_view text) {
  AppendBuffer out(0);
  if (!ParseFieldMask(text, &out)) return "none";
  google::protobuf::FieldMask mask;
  EXPECT_TRUE(mask.ParseFromArray(out.view().data(), out.size()));
  std::string all;
  for (const std::string& path : mask.paths()) all += path + "|";
  return all;
}

TEST(FieldMaskTextTest, WritesPathsInCamelCase) {
  EXPECT_EQ(PathText("name"), "name");
  EXPECT_EQ(PathText("display_name"), "displayName");
  EXPECT_EQ(PathText("outcome.reuse_record.how"), "outcome.reuseRecord.how");
  EXPECT_EQ(PathText("*"), "*");
}

TEST(FieldMaskTextTest, HasNoTextForPathsThatWouldNotReadBack) {
  EXPECT_EQ(PathText("displayName"), "none");
  EXPECT_EQ(PathText("a__b"), "none");
  EXPECT_EQ(PathText("a_"), "none");
  EXPECT_EQ(PathText("a_1"), "none");
  EXPECT_EQ(PathText("_a"), "none");
  EXPECT_EQ(PathText("a._b"), "none");
  EXPECT_EQ(PathText("a b"), "none");
  EXPECT_EQ(PathText("a\"b"), "none");
}

TEST(FieldMaskTextTest, ReadsPathsInEitherCase) {
  EXPECT_EQ(Paths(""), "");
  EXPECT_EQ(Paths("displayName,bio"), "display_name|bio|");
  EXPECT_EQ(Paths("display_name"), "display_name|");
  EXPECT_EQ(Paths("outcome.reuseRecord.how"), "outcome.reuse_record.how|");
  EXPECT_EQ(Paths("*"), "*|");
  EXPECT_EQ(Paths(std::string(200, 'x')).size(), 201u);
}

TEST(FieldMaskTextTest, RefusesWhatIsNoListOfPaths) {
  EXPECT_EQ(Paths(","), "none");
  EXPECT_EQ(Paths("a,,b"), "none");
  EXPECT_EQ(Paths("a,"), "none");
  EXPECT_EQ(Paths("a, b"), "none");
  EXPECT_EQ(Paths("a-b"), "none");
  EXPECT_EQ(Paths("Name"), "none");
  EXPECT_EQ(Paths("outcome.How"), "none");
  EXPECT_EQ(Paths("\xc3\xa9"), "none");
}

}  // namespace
}  // namespace praxis::gateway
