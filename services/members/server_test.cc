#include "services/members/server.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "praxis/members/v1/members.pb.h"
#include "praxis/members/v1/sessions.pb.h"
#include "services/common/auth/service_credential.h"
#include "services/common/auth/token.h"
#include "services/common/events/log.h"
#include "services/common/sql/database.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/matchers.h"

namespace praxis::members {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;

// A server with its files in a folder, as a program starts it.
class MembersServerTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<MembersServer>> Start() {
    return MembersServer::Start(
        {.data_dir = folder_.path(),
         .secrets_dir = folder_.path(),
         .password_cost = {.passes = 1, .memory_bytes = 64 << 10}},
        host_.host(), *signer_, *credential_);
  }
  static v1::RegisterMemberRequest Ada() {
    v1::RegisterMemberRequest request;
    request.set_handle("ada");
    request.set_email("ada@example.org");
    request.set_password("correct horse battery");
    return request;
  }

  testing::TemporaryFolder folder_;
  testing::TestHost host_;
  std::unique_ptr<auth::TokenSigner> signer_ = *auth::TokenSigner::Open(
      absl::StrCat(folder_.path(), "/signing_key.pem"), auth::TokenRules{});
  std::unique_ptr<auth::ServiceCredential> credential_ =
      std::make_unique<auth::ServiceCredential>(*auth::ServiceCredential::Open(
          absl::StrCat(folder_.path(), "/service_credential")));
};

TEST_F(MembersServerTest, KeepsPeopleSessionsAndEventsOverARestart) {
  auto server = Start();
  ASSERT_THAT(server, Succeeds());
  testing::Caller before(host_, (*server)->pipeline());
  const auto ada = before.Call<v1::RegisterMemberResponse>("", Ada());
  ASSERT_THAT(ada, Succeeds());
  server->reset();

  server = Start();
  ASSERT_THAT(server, Succeeds());
  testing::Caller after(host_, (*server)->pipeline());
  EXPECT_THAT(after.Call<v1::RegisterMemberResponse>("", Ada()),
              FailsWith(Reason::NAME_TAKEN));
  v1::RefreshSessionRequest refresh;
  refresh.set_refresh_token(ada->refresh_token());
  EXPECT_THAT(after.Call<v1::SessionTokens>("", refresh), Succeeds());
  EXPECT_EQ((*server)->log().Read(0, 10)->events_size(), 1);
  EXPECT_EQ((*server)->log().name(), "services/members");
  EXPECT_THAT((*server)->Check(), Succeeds());
}

TEST_F(MembersServerTest, RefusesADatabaseOfANewerBuild) {
  auto server = Start();
  ASSERT_THAT(server, Succeeds());
  ASSERT_THAT((*server)->database().Script(
                  "INSERT INTO schema_steps (component, name, time) "
                  "VALUES ('members', '9999_later', 0);"),
              Succeeds());
  server->reset();
  EXPECT_THAT(Start(), FailsWith(Reason::STORAGE_UNAVAILABLE));
}

TEST_F(MembersServerTest, DoesNotStartWithoutItsFolder) {
  EXPECT_FALSE(MembersServer::Start({.data_dir = folder_.path() + "/none",
                                     .secrets_dir = folder_.path()},
                                    host_.host(), *signer_, *credential_)
                   .ok());
}

}  // namespace
}  // namespace praxis::members
