#include "services/common/rpc/mask.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/echo.pb.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using google::protobuf::FieldMask;
using praxis::testing::FailsWith;
using praxis::testing::Succeeds;
using testing::v1::Record;

FieldMask Mask(const std::vector<std::string>& paths) {
  FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  return mask;
}

// A stored record and a patch that differs in every field.
class ApplyMaskTest : public ::testing::Test {
 protected:
  ApplyMaskTest() {
    record_.set_name("communities/a/records/1");
    record_.set_title("before");
    record_.set_slug("kept");
    record_.add_tags("old");
    patch_.set_title("after");
    patch_.add_tags("new");
  }
  Record record_;
  Record patch_;
};

TEST_F(ApplyMaskTest, ChangesOnlyWhatItNames) {
  ASSERT_THAT(ApplyMask(Mask({"title"}), patch_, &record_), Succeeds());
  EXPECT_EQ(record_.title(), "after");
  EXPECT_EQ(record_.tags(0), "old");
}

TEST_F(ApplyMaskTest, ReplacesLists) {
  ASSERT_THAT(ApplyMask(Mask({"tags"}), patch_, &record_), Succeeds());
  EXPECT_THAT(record_.tags(), ::testing::ElementsAre("new"));
}

TEST_F(ApplyMaskTest, ClearsAFieldThatIsNamedAndNotSet) {
  ASSERT_THAT(ApplyMask(Mask({"slug"}), patch_, &record_), Succeeds());
  EXPECT_EQ(record_.slug(), "");
}

TEST_F(ApplyMaskTest, TakesWhatIsSetWhenThereIsNoMask) {
  ASSERT_THAT(ApplyMask(Mask({}), patch_, &record_), Succeeds());
  EXPECT_EQ(record_.title(), "after");
  EXPECT_EQ(record_.slug(), "kept");
  EXPECT_EQ(record_.name(), "communities/a/records/1");
}

TEST_F(ApplyMaskTest, TakesAllThatCanBeSetForAStar) {
  patch_.set_author("members/eve");
  ASSERT_THAT(ApplyMask(Mask({"*"}), patch_, &record_), Succeeds());
  EXPECT_EQ(record_.slug(), "");
  EXPECT_EQ(record_.author(), "");
  EXPECT_EQ(record_.name(), "communities/a/records/1");
}

TEST_F(ApplyMaskTest, RefusesWhatCannotBeSet) {
  for (const char* path :
       {"name", "etag", "author", "nothing", "title.x", ""}) {
    EXPECT_THAT(ApplyMask(Mask({path}), patch_, &record_),
                FailsWith(Reason::MASK_INVALID))
        << path;
  }
}

TEST_F(ApplyMaskTest, HoldsTheResultAgainstItsRules) {
  EXPECT_THAT(ApplyMask(Mask({"title"}), Record(), &record_),
              FailsWith(Reason::FIELD_INVALID));
}

}  // namespace
}  // namespace praxis::rpc
