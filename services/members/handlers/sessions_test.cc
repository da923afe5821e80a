#include "services/members/handlers/sessions.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "services/members/domain/session.h"
#include "services/members/testing/together.h"
#include "services/members/testing/world.h"

namespace praxis::members {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPassword[] = "correct horse battery";

// Ada has an account.
class SessionsTest : public ::testing::Test {
 protected:
  SessionsTest() { world_.AddMember("ada", kPassword); }

  absl::StatusOr<v1::SessionTokens> SignIn(absl::string_view handle,
                                           absl::string_view password) {
    v1::CreateSessionRequest request;
    request.set_handle(std::string(handle));
    request.set_password(std::string(password));
    return world_.Call<v1::SessionTokens>("", request);
  }
  absl::StatusOr<v1::SessionTokens> Refresh(absl::string_view token) {
    v1::RefreshSessionRequest request;
    request.set_refresh_token(std::string(token));
    return world_.Call<v1::SessionTokens>("", request);
  }
  absl::StatusOr<v1::ExchangeTokenResponse> Exchange(
      absl::string_view subject_token,
      absl::string_view type = "urn:praxis:token-type:service-credential") {
    v1::ExchangeTokenRequest request;
    request.set_subject_token_type(std::string(type));
    request.set_subject_token(std::string(subject_token));
    return world_.Call<v1::ExchangeTokenResponse>("", request);
  }
  absl::StatusOr<auth::Principal> Verify(absl::string_view access_token,
                                         absl::Time at) {
    auth::TokenVerifier verifier(world_.signer(), auth::TokenRules{});
    return verifier.Verify(access_token, at);
  }

  World world_;
};

TEST_F(SessionsTest, SignsInWhateverTheCaseOfTheHandle) {
  for (const char* handle : {"ada", "ADA", "aDa"}) {
    const auto tokens = SignIn(handle, kPassword);
    ASSERT_THAT(tokens, Succeeds());
    EXPECT_EQ(tokens->member(), "members/ada");
  }
  EXPECT_THAT(world_.Events(), IsEmpty());
}

TEST_F(SessionsTest, GivesAnAccessTokenForTenMinutes) {
  const auto tokens = SignIn("ada", kPassword);
  ASSERT_THAT(tokens, Succeeds());
  EXPECT_EQ(tokens->expires_in_s(), 600);
  const auto principal = Verify(tokens->access_token(), world_.now());
  ASSERT_THAT(principal, Succeeds());
  EXPECT_EQ(principal->name, "members/ada");
  EXPECT_EQ(principal->scopes, auth::kRead | auth::kWrite | auth::kModerate);
  EXPECT_LE(principal->expire_time, world_.now() + absl::Minutes(10));
  EXPECT_THAT(world_.Rows("SELECT id FROM sessions", 1),
              ::testing::ElementsAre(principal->session));
  EXPECT_THAT(Verify(tokens->access_token(), world_.now() + absl::Minutes(12)),
              FailsWith(Reason::TOKEN_INVALID));
}

TEST_F(SessionsTest, AnswersAWrongPasswordAndAnUnknownHandleAlike) {
  const absl::Status wrong = SignIn("ada", "wrong password").status();
  EXPECT_THAT(wrong, FailsWith(Reason::CREDENTIALS_INVALID));
  for (const std::string& handle :
       {std::string("bob"), std::string("no such handle"),
        std::string("a' OR '1'='1")}) {
    EXPECT_EQ(
        ToRpcStatus(SignIn(handle, kPassword).status()).SerializeAsString(),
        ToRpcStatus(wrong).SerializeAsString())
        << handle;
  }
  EXPECT_THAT(world_.Rows("SELECT id FROM sessions", 1), IsEmpty());
}

TEST_F(SessionsTest, TakesNoHandleWithControlCharacters) {
  EXPECT_THAT(SignIn(std::string("ada\0", 4), kPassword),
              FailsWith(Reason::FIELD_INVALID));
  EXPECT_THAT(world_.Rows("SELECT id FROM sessions", 1), IsEmpty());
}

TEST_F(SessionsTest, LocksAHandleAfterFiveFailuresAndReleasesItInTime) {
  // One that nobody has is locked alike, so a lock tells nothing.
  for (const char* handle : {"ada", "bob"}) {
    for (int i = 0; i < 5; ++i) {
      EXPECT_THAT(SignIn(handle, "wrong password"),
                  FailsWith(Reason::CREDENTIALS_INVALID));
    }
    EXPECT_THAT(SignIn(handle, kPassword), FailsWith(Reason::RATE_LIMITED));
  }
  world_.Advance(absl::Seconds(30));
  EXPECT_THAT(SignIn("bob", kPassword), FailsWith(Reason::CREDENTIALS_INVALID));
  ASSERT_THAT(SignIn("ADA", kPassword), Succeeds());
  // It counts anew.
  EXPECT_THAT(SignIn("ada", "wrong password"),
              FailsWith(Reason::CREDENTIALS_INVALID));
  EXPECT_THAT(SignIn("ada", kPassword), Succeeds());
}

TEST_F(SessionsTest, LetsManyGuessesAtOnceLearnNoMoreThanOneAfterTheOther) {
  const auto statuses = Together(16, [&](int i) {
    return SignIn("ada", absl::StrCat("wrong password ", i)).status();
  });
  EXPECT_EQ(std::count_if(statuses.begin(), statuses.end(),
                          [](const absl::Status& status) {
                            return ReasonOf(status) ==
                                   Reason::CREDENTIALS_INVALID;
                          }),
            5);
}

TEST_F(SessionsTest, ChangesARefreshTokenForTheNext) {
  const auto first = SignIn("ada", kPassword);
  std::string token = first->refresh_token();
  const auto session = Verify(first->access_token(), world_.now())->session;
  for (int i = 0; i < 5; ++i) {
    world_.Advance(absl::Hours(24));
    const auto next = Refresh(token);
    ASSERT_THAT(next, Succeeds());
    EXPECT_EQ(next->member(), "members/ada");
    EXPECT_NE(next->refresh_token(), token);
    EXPECT_EQ(Verify(next->access_token(), world_.now())->session, session);
    token = next->refresh_token();
  }
  EXPECT_THAT(world_.Rows("SELECT id FROM sessions", 1), SizeIs(1));
}

TEST_F(SessionsTest, EndsTheSessionWhenAUsedTokenComesAgain) {
  const std::string stolen = SignIn("ada", kPassword)->refresh_token();
  const std::string good = Refresh(stolen)->refresh_token();
  world_.Advance(kRetryGrace);
  EXPECT_THAT(Refresh(stolen), FailsWith(Reason::TOKEN_INVALID));
  EXPECT_THAT(Refresh(good), FailsWith(Reason::TOKEN_INVALID));
  EXPECT_THAT(world_.Rows("SELECT id FROM sessions", 1), IsEmpty());
}

TEST_F(SessionsTest, EndsNoOtherSession) {
  const std::string other = SignIn("ada", kPassword)->refresh_token();
  const std::string stolen = SignIn("ada", kPassword)->refresh_token();
  ASSERT_THAT(Refresh(stolen), Succeeds());
  world_.Advance(kRetryGrace);
  ASSERT_THAT(Refresh(stolen), FailsWith(Reason::TOKEN_INVALID));
  EXPECT_THAT(Refresh(other), Succeeds());
}

TEST_F(SessionsTest, AnswersARetryOfARefreshWhoseAnswerGotLost) {
  const std::string used = SignIn("ada", kPassword)->refresh_token();
  const std::string lost = Refresh(used)->refresh_token();
  const auto retried = Refresh(used);
  ASSERT_THAT(retried, Succeeds());
  world_.Advance(absl::Minutes(9));
  const auto next = Refresh(retried->refresh_token());
  ASSERT_THAT(next, Succeeds());
  // Had the lost one not been lost, two would hold the session.
  EXPECT_THAT(Refresh(lost), FailsWith(Reason::TOKEN_INVALID));
  EXPECT_THAT(Refresh(next->refresh_token()), FailsWith(Reason::TOKEN_INVALID));
}

TEST_F(SessionsTest, EndsASessionAfterThirtyDaysHoweverOftenRefreshed) {
  std::string token = SignIn("ada", kPassword)->refresh_token();
  for (int i = 0; i < 29; ++i) {
    world_.Advance(absl::Hours(24));
    const auto next = Refresh(token);
    ASSERT_THAT(next, Succeeds());
    token = next->refresh_token();
  }
  world_.Advance(absl::Hours(24));
  EXPECT_THAT(Refresh(token), FailsWith(Reason::TOKEN_INVALID));
  EXPECT_THAT(world_.Rows("SELECT id FROM sessions", 1), IsEmpty());
}

TEST_F(SessionsTest, TakesNothingElseForARefreshToken) {
  const auto tokens = SignIn("ada", kPassword);
  const auto id = Verify(tokens->access_token(), world_.now())->session;
  World elsewhere;
  elsewhere.AddMember("ada", kPassword);
  v1::CreateSessionRequest there;
  there.set_handle("ada");
  there.set_password(kPassword);
  const std::string plain = absl::StrCat("ada/", id, "/", "random");
  const auth::Sealer& sealer = world_.server().sealer();
  std::string altered = tokens->refresh_token();
  altered[altered.size() / 2] ^= 1;
  for (const std::string& token :
       {std::string("x"), plain, altered, sealer.Seal(plain, "a page"),
        elsewhere.Call<v1::SessionTokens>("", there)->refresh_token()}) {
    EXPECT_THAT(Refresh(token), FailsWith(Reason::TOKEN_INVALID));
  }
  EXPECT_THAT(Refresh(""), FailsWith(Reason::FIELD_INVALID));
  EXPECT_THAT(Refresh(std::string(257, 'x')), FailsWith(Reason::FIELD_INVALID));
  // None of them ended the session.
  EXPECT_THAT(Refresh(tokens->refresh_token()), Succeeds());
}

TEST_F(SessionsTest, GivesAServiceItsTokenForTheSuitesCredential) {
  for (const char* name : {"services/members", "services/discussions",
                           "services/resources", "services/gateway"}) {
    const auto exchanged = Exchange(world_.credential().SubjectToken(name));
    ASSERT_THAT(exchanged, Succeeds()) << name;
    EXPECT_EQ(exchanged->issued_token_type(),
              "urn:ietf:params:oauth:token-type:access_token");
    EXPECT_EQ(exchanged->expires_in_s(), 600);
    const auto principal = Verify(exchanged->access_token(), world_.now());
    ASSERT_THAT(principal, Succeeds());
    EXPECT_EQ(principal->name, name);
    EXPECT_EQ(principal->session, "");
    EXPECT_EQ(principal->scopes, auth::kRead | auth::kWrite);
  }
}

TEST_F(SessionsTest, GivesNobodyElseAServicesToken) {
  const std::string good = world_.credential().SubjectToken("");
  const std::string secret = good.substr(good.find(':') + 1);
  for (const std::string& token :
       {std::string("services/discussions"), std::string(":"), secret,
        std::string("services/discussions:"),
        std::string("services/discussions:wrong"),
        "services/discussions:" + secret.substr(1),
        "services/unknown:" + secret, "members/ada:" + secret, ":" + secret,
        "discussions:" + secret, "services/discussions\n:" + secret}) {
    EXPECT_THAT(Exchange(token), FailsWith(Reason::TOKEN_INVALID)) << token;
  }
  EXPECT_THAT(Exchange(world_.credential().SubjectToken("services/gateway"),
                       "urn:ietf:params:oauth:token-type:jwt"),
              FailsWith(Reason::FIELD_INVALID));
}

TEST_F(SessionsTest, PublishesTheKeysThatTokensAreVerifiedWith) {
  const auto jwks = world_.Call<v1::Jwks>("", v1::GetJwksRequest());
  ASSERT_THAT(jwks, Succeeds());
  const std::vector<auth::PublicKey> keys = world_.signer().Keys();
  ASSERT_EQ(jwks->keys_size(), static_cast<int>(keys.size()));
  ASSERT_THAT(keys, SizeIs(1));
  EXPECT_EQ(jwks->keys(0).kty(), "EC");
  EXPECT_EQ(jwks->keys(0).use(), "sig");
  EXPECT_EQ(jwks->keys(0).alg(), "ES256");
  EXPECT_EQ(jwks->keys(0).crv(), "P-256");
  EXPECT_EQ(jwks->keys(0).kid(), keys[0].kid);
  EXPECT_EQ(jwks->keys(0).x(), keys[0].x);
  EXPECT_EQ(jwks->keys(0).y(), keys[0].y);
}

}  // namespace
}  // namespace praxis::members
