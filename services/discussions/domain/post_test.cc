#include "services/discussions/domain/post.h"

#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::discussions {
namespace {

using ::praxis::testing::FailsWith;

TEST(MayEdit, IsForTheAuthorAlone) {
  Post post;
  post.author = "members/ada";
  const struct {
    Actor actor;
    Reason refusal;
  } kCases[] = {
      {{.name = "members/ada", .moderates = false}, {}},
      {{.name = "members/ada", .moderates = true}, {}},
      {{.name = "members/bob", .moderates = false}, Reason::NOT_AUTHOR},
      {{.name = "members/bob", .moderates = true}, Reason::NOT_AUTHOR},
      {{.name = "", .moderates = false}, Reason::NOT_AUTHOR},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(MayEdit(post, c.actor), FailsWith(c.refusal)) << c.actor.name;
  }
}

TEST(Edit, MakesANewVersion) {
  Post post;
  post.body = "before";
  post.create_time = post.update_time = absl::FromUnixSeconds(1000);
  Edit(post, "after", absl::FromUnixSeconds(2000));
  EXPECT_EQ(post.body, "after");
  EXPECT_EQ(post.version, 2);
  EXPECT_EQ(post.create_time, absl::FromUnixSeconds(1000));
  EXPECT_EQ(post.update_time, absl::FromUnixSeconds(2000));
}

}  // namespace
}  // namespace praxis::discussions
