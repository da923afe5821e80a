#include "services/common/rpc/grpc/channelz.h"

#include <string>

#include "gmock/gmock.h"
#include "grpcpp/channel.h"
#include "gtest/gtest.h"
#include "re2/re2.h"
#include "services/common/rpc/grpc/channel.h"
#include "services/common/rpc/grpc/server.h"
#include "services/common/testing/echo.h"

namespace praxis::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ChannelzTest, KnowsTheChannelsAndServersOfThisProcess) {
  testing::TestHost host;
  testing::EchoServer echo(host);
  const auto server = *GrpcServer::Start(
      {.address = "127.0.0.1:0", .served = {{&echo.pipeline()}}});
  const std::string address = absl::StrCat("127.0.0.1:", server->port());
  const auto channel = OpenChannel(address);
  const std::string all = ChannelzJson("");
  EXPECT_THAT(all, HasSubstr(address));
  std::string id;
  ASSERT_TRUE(RE2::PartialMatch(all, R"re("serverId":"(\d+)")re", &id)) << all;
  EXPECT_THAT(ChannelzJson("server=" + id), HasSubstr("listenSocket"));
  EXPECT_THAT(ChannelzJson("sockets=" + id), HasSubstr("{"));
  ASSERT_TRUE(RE2::PartialMatch(all, R"re("channelId":"(\d+)")re", &id)) << all;
  EXPECT_THAT(ChannelzJson("channel=" + id), HasSubstr(address));
}

TEST(ChannelzTest, HasNothingToSayOfWhatIsNotThere) {
  for (const char* query :
       {"channel=999999999", "subchannel=999999999", "server=999999999",
        "socket=999999999", "channel=x", "channel", "other=1"}) {
    EXPECT_THAT(ChannelzJson(query), IsEmpty()) << query;
  }
}

}  // namespace
}  // namespace praxis::rpc
