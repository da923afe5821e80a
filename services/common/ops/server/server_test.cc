#include "services/common/ops/server/server.h"

#include "gtest/gtest.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/matchers.h"

namespace praxis::ops {
namespace {

TEST(StatusServerTest, TellsAnyoneWhatIsOnTheBoard) {
  const StatusBoard board(
      {{"books", {{"shelf", [](Numbers*) { return absl::OkStatus(); }}}}},
      "1.2.3");
  testing::TestHost host;
  StatusServer server(board, host.host());
  testing::Caller caller(host, server.pipeline());
  const auto status =
      caller.Call<v1::GetStatusResponse>("", v1::GetStatusRequest());
  ASSERT_THAT(status, testing::Succeeds());
  ASSERT_EQ(status->services_size(), 1);
  EXPECT_EQ(status->services(0).service(), "books");
  EXPECT_EQ(status->services(0).checks(0).name(), "shelf");
  EXPECT_TRUE(status->services(0).checks(0).ok());
}

}  // namespace
}  // namespace praxis::ops
