#include "services/common/rpc/grpc/remote_keys.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/channel.h"
#include "gtest/gtest.h"
#include "services/common/auth/token.h"
#include "services/common/rpc/grpc/channel.h"
#include "services/common/rpc/grpc/server.h"
#include "services/common/rpc/grpc/testing/sessions.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using testing::Eventually;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::Succeeds;

// Members as it is seen from another process: the address is known, whether
// somebody answers there changes.
class RemoteKeysTest : public ::testing::Test {
 protected:
  RemoteKeysTest() { sessions_.SetKeys(signer_->Keys()); }

  void StartMembers() {
    server_ = *GrpcServer::Start(
        {.address = address_, .served = {{&sessions_.pipeline(), nullptr}}});
    address_ = absl::StrCat("127.0.0.1:", server_->port());
  }

  testing::TestHost host_;
  testing::FakeSessions sessions_{host_};
  testing::TemporaryFolder folder_;
  std::unique_ptr<auth::TokenSigner> signer_ =
      *auth::TokenSigner::Open(folder_.path() + "/key.pem", {});
  std::string address_ = "127.0.0.1:0";
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(RemoteKeysTest, LetsTokensBeVerifiedElsewhere) {
  StartMembers();
  RemoteKeys keys(OpenChannel(address_));
  ASSERT_TRUE(Eventually([&] { return !keys.Keys().empty(); }));
  EXPECT_EQ(keys.Keys(), signer_->Keys());
  auth::TokenVerifier verifier(keys, {});
  const std::string token =
      signer_->Sign({.name = "services/members", .scopes = auth::kRead},
                    absl::Now(), absl::Minutes(1));
  const auto caller = verifier.Verify(token, absl::Now());
  ASSERT_THAT(caller, Succeeds());
  EXPECT_EQ(caller->name, "services/members");
}

TEST_F(RemoteKeysTest, HasTheKeysAsSoonAsMembersIsThere) {
  StartMembers();
  server_.reset();
  const std::shared_ptr<grpc::Channel> channel = OpenChannel(address_);
  // One fetch, that waits.
  RemoteKeys keys(channel, {.pause = absl::Hours(1)});
  ASSERT_TRUE(Eventually([&] {
    return channel->GetState(false) == GRPC_CHANNEL_TRANSIENT_FAILURE;
  }));
  EXPECT_THAT(keys.Keys(), IsEmpty());
  StartMembers();
  EXPECT_TRUE(Eventually([&] { return !keys.Keys().empty(); }));
}

TEST_F(RemoteKeysTest, KeepsTheLastKeysWhenMembersIsGone) {
  StartMembers();
  RemoteKeys keys(OpenChannel(address_), {.pause = absl::ZeroDuration()});
  ASSERT_TRUE(Eventually([&] { return !keys.Keys().empty(); }));
  server_.reset();
  keys.Refresh();
  EXPECT_EQ(keys.Keys(), signer_->Keys());
}

TEST_F(RemoteKeysTest, SeesANewKeyWhenAsked) {
  StartMembers();
  RemoteKeys keys(OpenChannel(address_), {.pause = absl::ZeroDuration()});
  ASSERT_TRUE(Eventually([&] { return !keys.Keys().empty(); }));
  testing::TemporaryFolder other;
  const auto next = *auth::TokenSigner::Open(other.path() + "/key.pem", {});
  sessions_.SetKeys(next->Keys());
  keys.Refresh();
  EXPECT_EQ(keys.Keys(), next->Keys());
}

}  // namespace
}  // namespace praxis::rpc
