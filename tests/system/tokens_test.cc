// Tokens that are not ours, not any more, or not for this (RFC 8725): refused
// with 401 over both transports, whoever asks and whatever else is sent.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/json.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/token_forge.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

using google::rpc::PERMISSION_DENIED;
using google::rpc::UNAUTHENTICATED;

constexpr Transport kTransports[] = {Transport::kHttp, Transport::kGrpc};

// The JSON number of a time so far from now.
std::string After(absl::Duration duration) {
  return absl::StrCat(absl::ToUnixSeconds(absl::Now() + duration));
}

// Ada is signed in; her token is taken apart. The key is the suite's own.
class TokensTest : public SuiteTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(SuiteTest::SetUp());
    ada_ = std::make_unique<Person>(Register(suite(), Transport::kGrpc, "ada"));
    bob_ = std::make_unique<Person>(Register(suite(), Transport::kGrpc, "bob"));
    forge_ = std::make_unique<TokenForge>(suite().Secret("signing_key.pem"));
    parts_ = PartsOfToken(ada_->caller.token());
  }

  std::string Header(const std::string& name, const std::string& value) const {
    return WithMember(parts_.header, name, value);
  }
  std::string Claims(const std::string& name, const std::string& value) const {
    return WithMember(parts_.claims, name, value);
  }
  // Signed by the right key, with one member changed.
  std::string WithHeader(const std::string& name,
                         const std::string& value) const {
    return forge_->Sign(Header(name, value), parts_.claims);
  }
  std::string WithClaim(const std::string& name,
                        const std::string& value) const {
    return forge_->Sign(parts_.header, Claims(name, value));
  }

  // What the token is good for, at every service.
  std::vector<Answer> TryEverywhere(const std::string& token) {
    std::vector<Answer> answers;
    for (const Transport transport : kTransports) {
      Caller caller(suite(), transport, token);
      answers.push_back(
          caller.Try(Of<members::v1::GetMemberRequest>("members/me")));
      // Public things too: a wrong token is no missing one.
      answers.push_back(
          caller.Try(In<discussions::v1::ListThreadsRequest>("communities/-")));
      answers.push_back(
          caller.Try(In<resources::v1::ListResourcesRequest>("communities/-")));
    }
    return answers;
  }

  void ExpectRefused(const std::string& what, const std::string& token) {
    for (const Answer& answer : TryEverywhere(token)) {
      EXPECT_THAT(answer, Refused(UNAUTHENTICATED, "TOKEN_INVALID")) << what;
      if (answer.http_status != 0) {
        EXPECT_EQ(answer.http_status, 401);
      }
    }
  }
  void ExpectTaken(const std::string& what, const std::string& token) {
    for (const Answer& answer : TryEverywhere(token)) {
      EXPECT_THAT(answer, Answered()) << what;
    }
  }

  std::unique_ptr<Person> ada_;
  std::unique_ptr<Person> bob_;
  std::unique_ptr<TokenForge> forge_;
  TokenParts parts_;
};

INSTANTIATE_TEST_SUITE_P(Shapes, TokensTest, BothShapes(), NameOfShape);

TEST_P(TokensTest, TakesItsOwn) {
  ExpectTaken("as it was given", ada_->caller.token());
  // Which shows that what is refused elsewhere is well made otherwise.
  ExpectTaken("made anew", forge_->Sign(parts_.header, parts_.claims));
  ExpectTaken("of a clock that is half a minute ahead",
              WithClaim("nbf", After(absl::Seconds(30))));
}

TEST_P(TokensTest, PublishesTheKeyThatTheySignWith) {
  const HttpClient client(suite().http_port());
  const HttpResponse jwks = client.Get("/v1/jwks");
  EXPECT_EQ(jwks.body, client.Get("/.well-known/jwks.json").body);
  const std::optional<Json> json = ParseJson(jwks.body);
  ASSERT_TRUE(json.has_value());
  const std::optional<Json> own = ParseJson(forge_->Jwk());
  EXPECT_EQ(TextAt(*json, "keys.0.x"), TextAt(*own, "x"));
  EXPECT_EQ(TextAt(*json, "keys.0.y"), TextAt(*own, "y"));
  EXPECT_EQ(TextAt(*json, "keys.0.alg"), "ES256");
  EXPECT_EQ(TextAt(*json, "keys.0.kid"),
            TextAt(*ParseJson(parts_.header), "kid"));
  EXPECT_EQ(At(*json, "keys.0.d"), nullptr) << "the private key";
}

TEST_P(TokensTest, RefusesOtherAlgorithms) {
  for (const std::string none : {"none", "None", "NONE", "nOnE"}) {
    const std::string header = Header("alg", absl::StrCat("\"", none, "\""));
    ExpectRefused(none, TokenOf({header, parts_.claims, ""}));
    ExpectRefused(none, TokenOf({header, parts_.claims, parts_.signature}));
    ExpectRefused(none, forge_->Sign(header, parts_.claims));
  }
  for (const std::string& key : forge_->PublicForms()) {
    ExpectRefused("HS256 with the public key",
                  SignHmac(Header("alg", R"("HS256")"), parts_.claims, key));
  }
  for (const std::string other :
       {"RS256", "ES384", "ES256K", "PS256", "EdDSA", "es256", ""}) {
    ExpectRefused(other, WithHeader("alg", absl::StrCat("\"", other, "\"")));
  }
  ExpectRefused("no algorithm", WithHeader("alg", ""));
  ExpectRefused("an algorithm that is no text", WithHeader("alg", "256"));
}

TEST_P(TokensTest, RefusesKeysThatTheTokenBrings) {
  const TokenForge other;
  ExpectRefused("another key", other.Sign(parts_.header, parts_.claims));
  ExpectRefused("a key in the header",
                other.Sign(Header("jwk", other.Jwk()), parts_.claims));
  ExpectRefused("our key in the header", WithHeader("jwk", forge_->Jwk()));
  const std::string url =
      absl::StrCat("\"http://127.0.0.1:", suite().http_port(), "/v1/jwks\"");
  for (const std::string name : {"jku", "x5u"}) {
    ExpectRefused(name, other.Sign(Header(name, url), parts_.claims));
    ExpectRefused(name, WithHeader(name, url));
  }
  ExpectRefused("a certificate", WithHeader("x5c", R"(["MIIB"])"));
  for (const std::string kid :
       {R"("../../dev/null")", R"("' OR 1=1")", R"("/etc/passwd")", R"("")",
        R"("unknown")", R"("a\u0000b")", "7", "null", R"(["x"])",
        R"("|/usr/bin/id")"}) {
    ExpectRefused(kid, WithHeader("kid", kid));
  }
  ExpectRefused(
      "a long kid",
      WithHeader("kid", absl::StrCat("\"", std::string(4000, 'k'), "\"")));
  ExpectRefused("no kid", WithHeader("kid", ""));
  for (const std::string crit :
       {R"(["exp"])", R"(["b64"])", "[]", R"("exp")"}) {
    ExpectRefused("crit", WithHeader("crit", crit));
  }
  ExpectRefused("another type", WithHeader("typ", R"("secevent+jwt")"));
}

TEST_P(TokensTest, RefusesSignaturesThatAreNone) {
  TokenParts parts = parts_;
  const auto refused = [&](const std::string& what, std::string signature) {
    parts.signature = std::move(signature);
    ExpectRefused(what, TokenOf(parts));
  };
  refused("r = s = 0", std::string(64, '\0'));
  refused("s = 0", parts_.signature.substr(0, 32) + std::string(32, '\0'));
  refused("r = 0", std::string(32, '\0') + parts_.signature.substr(32));
  refused("r and s beyond the order", std::string(64, '\xff'));
  refused("no signature", "");
  refused("half a signature", parts_.signature.substr(0, 32));
  refused("one byte more", parts_.signature + '\0');
  std::string flipped = parts_.signature;
  flipped[10] ^= 1;
  refused("one bit flipped", flipped);

  const std::string token = ada_->caller.token();
  ExpectRefused(
      "another's claims under this signature",
      TokenOf({parts_.header,
               absl::StrReplaceAll(parts_.claims, {{ada_->name, bob_->name}}),
               parts_.signature}));
  ExpectRefused("padding", token + "=");
  ExpectRefused("a fourth part", token + ".e30");
  ExpectRefused("two parts", token.substr(0, token.rfind('.')));
  ExpectRefused("five parts (encrypted)", token + "..");
  ExpectRefused("no token at all", "x");
  ExpectRefused("dots", "..");
}

TEST_P(TokensTest, RefusesClaimsThatAreNotForUsAndNow) {
  for (const std::string iss :
       {R"("other")", R"("PRAXIS")", "\"\"", "7", R"(["praxis"])"}) {
    ExpectRefused("iss " + iss, WithClaim("iss", iss));
  }
  for (const std::string aud :
       {R"("other")", R"(["other"])", "[]", "7", R"(["praxis", 7])"}) {
    ExpectRefused("aud " + aud, WithClaim("aud", aud));
  }
  for (const char* claim : {"iss", "aud", "exp", "sub"}) {
    ExpectRefused(absl::StrCat("no ", claim), WithClaim(claim, ""));
  }
  ExpectRefused("expired", WithClaim("exp", After(-absl::Minutes(2))));
  ExpectRefused("expired long ago", WithClaim("exp", "1"));
  ExpectRefused("a negative exp", WithClaim("exp", "-1"));
  ExpectRefused(
      "exp in a text",
      WithClaim("exp", absl::StrCat("\"", After(absl::Hours(1)), "\"")));
  ExpectRefused("not yet", WithClaim("nbf", After(absl::Minutes(5))));
  ExpectRefused("made in the future",
                WithClaim("iat", After(absl::Minutes(5))));
  for (const std::string sub :
       {"\"\"", R"("ada")", R"("members/")", R"("members/../services/members")",
        R"("members/a/b")", "7", R"("services/")"}) {
    ExpectRefused("sub " + sub, WithClaim("sub", sub));
  }
}

TEST_P(TokensTest, RefusesWhatCanBeReadInTwoWays) {
  const std::string twice_sub = absl::StrReplaceAll(
      parts_.claims, {{"{", absl::StrCat(R"({"sub":")", bob_->name, R"(",)")}});
  ExpectRefused("sub twice", forge_->Sign(parts_.header, twice_sub));
  ExpectRefused("alg twice",
                forge_->Sign(absl::StrReplaceAll(parts_.header,
                                                 {{"{", R"({"alg":"none",)"}}),
                             parts_.claims));
  ExpectRefused("text after the claims",
                forge_->Sign(parts_.header, parts_.claims + "{}"));
  ExpectRefused("a list for the claims",
                forge_->Sign(parts_.header, "[" + parts_.claims + "]"));
  ExpectRefused("claims that are no JSON", forge_->Sign(parts_.header, "sub"));
  ExpectRefused("a header that is no JSON",
                forge_->Sign("ES256", parts_.claims));
  ExpectRefused(
      "more than 8 KiB",
      WithClaim("pad", absl::StrCat("\"", std::string(7000, 'p'), "\"")));
  ExpectRefused("more than 8 KiB of nothing", std::string(8200, 'a'));
}

TEST_P(TokensTest, RefusesRefreshTokensAndCredentialsAsAccessTokens) {
  ExpectRefused("a refresh token", ada_->refresh_token);
  ExpectRefused("a credential", suite().Secret("service_credential"));
  ExpectRefused("a password", "the-long-secret");
  members::v1::RefreshSessionRequest refresh;
  refresh.set_refresh_token(ada_->caller.token().substr(0, 256));
  EXPECT_THAT(ada_->caller.Try(refresh),
              Refused(UNAUTHENTICATED, "TOKEN_INVALID"));
  members::v1::ExchangeTokenRequest exchange;
  exchange.set_subject_token_type("urn:praxis:token-type:service-credential");
  const std::string credential = suite().Secret("service_credential");
  for (const std::string& wrong :
       {absl::StrCat("services/members:", credential, "0"),
        absl::StrCat(ada_->name, ":", credential),
        absl::StrCat("services/nobody:", credential), credential,
        std::string("services/members:")}) {
    exchange.set_subject_token(wrong);
    EXPECT_THAT(ada_->caller.Try(exchange),
                Refused(UNAUTHENTICATED, "TOKEN_INVALID"));
  }
}

TEST_P(TokensTest, RefusesWhatTheScopeDoesNotCover) {
  members::v1::CreateCommunityRequest found;
  found.set_community_id(Unique("scoped"));
  found.mutable_community()->set_display_name("Scoped");
  for (const Transport transport : kTransports) {
    Caller reader(suite(), transport, WithClaim("scope", R"("read")"));
    EXPECT_THAT(reader.Try(Of<members::v1::GetMemberRequest>("members/me")),
                Answered());
    EXPECT_THAT(reader.Try(found),
                Refused(PERMISSION_DENIED, "TOKEN_SCOPE_INSUFFICIENT"));
  }
}

TEST_P(TokensTest, BelievesNoHeaderButTheToken) {
  const std::vector<std::pair<std::string, std::string>> claims = {
      {"x-user-id", ada_->name},
      {"x-user", ada_->name},
      {"x-roles", "OWNER"},
      {"x-forwarded-user", ada_->name},
      {"x-praxis-principal", ada_->name},
      {"forwarded", "for=127.0.0.1;by=services/members"},
      {"x-forwarded-for", "127.0.0.1"},
      {"grpc-metadata-authorization", "Bearer " + ada_->caller.token()},
      {"grpc-metadata-x-user-id", ada_->name},
      {"x-original-authorization", "Bearer " + ada_->caller.token()},
      {"proxy-authorization", "Bearer " + ada_->caller.token()}};
  std::vector<std::string> lines;
  for (const auto& [name, value] : claims) {
    lines.push_back(absl::StrCat(name, ": ", value));
  }
  const HttpClient http(suite().http_port());
  members::v1::Member me;
  EXPECT_THAT(AnswerOf(http.Send({.target = "/v1/members/me",
                                  .token = bob_->caller.token(),
                                  .fields = lines}),
                       &me),
              Answered());
  EXPECT_EQ(me.name(), bob_->name);
  EXPECT_THAT(
      AnswerOfBody(http.Send({.target = "/v1/members/me", .fields = lines})),
      Refused(UNAUTHENTICATED, "TOKEN_MISSING"));

  GrpcClient grpc;
  const auto request = Of<members::v1::GetMemberRequest>("members/me");
  const auto& method = MethodOf(request);
  const std::string address =
      suite().GrpcAddressOf(method.service()->full_name());
  Metadata metadata(claims.begin(), claims.end());
  EXPECT_THAT(grpc.Unary(address, PathOf(method), request.SerializeAsString(),
                         metadata),
              Refused(UNAUTHENTICATED, "TOKEN_MISSING"));
  metadata.emplace_back("authorization", "Bearer " + bob_->caller.token());
  const Answer answer = grpc.Unary(address, PathOf(method),
                                   request.SerializeAsString(), metadata);
  EXPECT_TRUE(me.ParseFromString(answer.bytes));
  EXPECT_EQ(me.name(), bob_->name);
  // Two of them are none.
  metadata.emplace_back("authorization", "Bearer " + ada_->caller.token());
  EXPECT_THAT(grpc.Unary(address, PathOf(method), request.SerializeAsString(),
                         metadata),
              Refused(UNAUTHENTICATED, "TOKEN_INVALID"));
}

TEST_P(TokensTest, SaysHowToSignIn) {
  const HttpClient http(suite().http_port());
  EXPECT_EQ(http.Get("/v1/members/me")["www-authenticate"], "Bearer");
  EXPECT_EQ(http.Get("/v1/members/me", "x")["www-authenticate"],
            "Bearer error=\"invalid_token\"");
}

}  // namespace
}  // namespace praxis::system
