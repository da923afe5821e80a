// Who calls too often, and everyone else.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/json.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

class RateLimitTest : public ::testing::TestWithParam<Shape> {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(suite_.Start()); }
  void TearDown() override { ShowLogsOnFailure(suite_); }

  HttpResponse GetMe(const Person& person) const {
    return HttpClient(suite_.http_port())
        .Get("/v1/members/me", person.caller.token());
  }

  // Ten calls at once, then one a second.
  Suite suite_{GetParam(), {.caller_rate = 1}};
};

INSTANTIATE_TEST_SUITE_P(Shapes, RateLimitTest, BothShapes(), NameOfShape);

TEST_P(RateLimitTest, TurnsAwayOnlyWhoCallsTooOften) {
  const Person ada = Register(suite_, Transport::kHttp, "ada");
  const Person bob = Register(suite_, Transport::kHttp, "bob");
  HttpResponse response = GetMe(ada);
  for (int i = 0; i < 100 && response.status == 200; ++i) response = GetMe(ada);
  ASSERT_EQ(response.status, 429) << response.body;
  EXPECT_THAT(response.body, ::testing::HasSubstr("RATE_LIMITED"));
  EXPECT_GE(std::stoi(response["retry-after"]), 1);
  EXPECT_EQ(GetMe(bob).status, 200);
}

}  // namespace
}  // namespace praxis::system
