// Every attack on a token that reliability.md lists, built by hand.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/auth/encoding.h"
#include "services/common/auth/p256.h"
#include "services/common/auth/token.h"
#include "services/common/status/status.h"

namespace praxis::auth {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'750'000'000);

PublicKey PublicKeyOf(const P256PrivateKey& key) {
  const P256Point point = key.Point();
  PublicKey out = {.x = Base64Url(point.x), .y = Base64Url(point.y)};
  out.kid = ThumbprintOf(out.x, out.y);
  return out;
}

// Keys that the test changes at will; a refresh brings `next`.
class FakeKeys : public KeySource {
 public:
  std::vector<PublicKey> Keys() override { return keys_; }
  uint64_t generation() const override { return generation_; }
  void Refresh() override {
    ++refreshes;
    if (!next.empty()) Set(std::exchange(next, {}));
  }
  void Set(std::vector<PublicKey> keys) {
    keys_ = std::move(keys);
    ++generation_;
  }

  int refreshes = 0;
  std::vector<PublicKey> next;

 private:
  std::vector<PublicKey> keys_;
  uint64_t generation_ = 0;
};

std::string Header(absl::string_view kid, absl::string_view more = "") {
  return absl::StrCat(R"({"alg":"ES256","typ":"JWT","kid":")", kid, "\"", more,
                      "}");
}

std::string SignedText(absl::string_view header, absl::string_view claims) {
  return absl::StrCat(Base64Url(header), ".", Base64Url(claims));
}

std::string Token(const P256PrivateKey& key, absl::string_view header,
                  absl::string_view claims) {
  const std::string text = SignedText(header, claims);
  return absl::StrCat(text, ".", Base64Url(key.Sign(text)));
}

class TokenVerifierTest : public ::testing::Test {
 protected:
  TokenVerifierTest() { keys_.Set({public_key_}); }

  // A token of our key with right claims but for `edits`, which replace text.
  std::string WithClaims(
      std::vector<std::pair<absl::string_view, absl::string_view>> edits = {}) {
    std::string claims =
        R"({"iss":"praxis","aud":"praxis","sub":"members/ada","sid":"s1",)"
        R"("scope":"read write","iat":1750000000,"exp":1750000600})";
    for (const auto& [from, to] : edits) {
      EXPECT_EQ(absl::StrReplaceAll({{from, to}}, &claims), 1) << from;
    }
    return Token(key_, Header(public_key_.kid), claims);
  }
  // A token of our key with right claims under `header`.
  std::string WithHeader(absl::string_view header) {
    const std::vector<std::string> parts = absl::StrSplit(WithClaims(), '.');
    std::string claims = *FromBase64Url(parts[1]);
    return Token(key_, header, claims);
  }

  bool Accepts(absl::string_view token, absl::Time now = kNow) {
    const auto principal = verifier_.Verify(token, now);
    if (!principal.ok()) {
      // Whatever is wrong, the answer is the same.
      EXPECT_EQ(ReasonOf(principal.status()), errors::v1::TOKEN_INVALID);
      EXPECT_EQ(principal.status().message(),
                verifier_.Verify("", now).status().message());
    }
    return principal.ok();
  }

  const P256PrivateKey key_ = P256PrivateKey::Generate();
  const PublicKey public_key_ = PublicKeyOf(key_);
  FakeKeys keys_;
  TokenVerifier verifier_{keys_, TokenRules()};
};

TEST_F(TokenVerifierTest, TellsWhoseTokenItIs) {
  const auto principal = verifier_.Verify(WithClaims(), kNow);
  ASSERT_TRUE(principal.ok()) << principal.status();
  EXPECT_EQ(principal->name, "members/ada");
  EXPECT_EQ(principal->session, "s1");
  EXPECT_EQ(principal->scopes, static_cast<unsigned>(kRead | kWrite));
  EXPECT_EQ(principal->expire_time, absl::FromUnixSeconds(1'750'000'600));
}

TEST_F(TokenVerifierTest, TellsTheSameTheSecondTime) {
  const std::string token = WithClaims();
  ASSERT_TRUE(Accepts(token));
  const auto principal = verifier_.Verify(token, kNow);
  ASSERT_TRUE(principal.ok());
  EXPECT_EQ(principal->name, "members/ada");
  EXPECT_EQ(principal->session, "s1");
  EXPECT_EQ(principal->scopes, static_cast<unsigned>(kRead | kWrite));
  EXPECT_EQ(principal->expire_time, absl::FromUnixSeconds(1'750'000'600));
}

TEST_F(TokenVerifierTest, TakesAServiceWithoutSession) {
  const auto principal =
      verifier_.Verify(WithClaims({{"members/ada", "services/discussions"},
                                   {R"("sid":"s1",)", ""},
                                   {R"("scope":"read write",)", ""}}),
                       kNow);
  ASSERT_TRUE(principal.ok()) << principal.status();
  EXPECT_TRUE(principal->is_service());
  EXPECT_EQ(principal->session, "");
  EXPECT_EQ(principal->scopes, 0u);
}

TEST_F(TokenVerifierTest, KnowsFourScopes) {
  const auto principal = verifier_.Verify(
      WithClaims({{"read write", "admin moderate write read other Admins"}}),
      kNow);
  EXPECT_EQ(principal.value().scopes,
            static_cast<unsigned>(kRead | kWrite | kModerate | kAdmin));
}

// --- The header ---

TEST_F(TokenVerifierTest, RefusesAlgNoneInAnyCase) {
  for (const char* none : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string header =
        absl::StrReplaceAll(Header(public_key_.kid), {{"ES256", none}});
    const std::string token = WithHeader(header);
    EXPECT_FALSE(Accepts(token)) << none;
    EXPECT_FALSE(Accepts(token.substr(0, token.rfind('.') + 1))) << none;
    EXPECT_FALSE(Accepts(token.substr(0, token.rfind('.')))) << none;
  }
}

TEST_F(TokenVerifierTest, RefusesHs256SignedWithThePublicKey) {
  const std::string header =
      absl::StrReplaceAll(Header(public_key_.kid), {{"ES256", "HS256"}});
  const std::vector<std::string> parts = absl::StrSplit(WithClaims(), '.');
  const std::string text = SignedText(header, *FromBase64Url(parts[1]));
  const P256Point point = key_.Point();
  for (const std::string& secret :
       {point.x + point.y, "\x04" + point.x + point.y, public_key_.x,
        absl::StrCat(public_key_.x, public_key_.y), public_key_.kid}) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac,
         &length);
    EXPECT_FALSE(Accepts(absl::StrCat(
        text, ".", Base64Url({reinterpret_cast<char*>(mac), length}))));
  }
}

TEST_F(TokenVerifierTest, RefusesAnAlgorithmOtherThanTheKeys) {
  for (const char* alg :
       {"ES384", "ES512", "RS256", "PS256", "EdDSA", "es256", "ES256K", " "}) {
    EXPECT_FALSE(Accepts(WithHeader(
        absl::StrReplaceAll(Header(public_key_.kid), {{"ES256", alg}}))))
        << alg;
  }
  EXPECT_FALSE(Accepts(WithHeader(absl::StrReplaceAll(
      Header(public_key_.kid), {{"\"ES256\"", "[\"ES256\"]"}}))));
  EXPECT_FALSE(Accepts(WithHeader(absl::StrReplaceAll(
      Header(public_key_.kid), {{R"("alg":"ES256",)", ""}}))));
}

TEST_F(TokenVerifierTest, RefusesUnknownAndHostileKids) {
  for (const char* kid :
       {"../../dev/null", "' OR 1=1", "/dev/null", "", "other", "*",
        R"(a\u0000b)", "http://evil.example/key"}) {
    EXPECT_FALSE(Accepts(WithHeader(Header(kid)))) << kid;
  }
  EXPECT_FALSE(Accepts(WithHeader(Header(std::string(500, 'a')))));
  EXPECT_FALSE(Accepts(WithHeader(R"({"alg":"ES256","typ":"JWT"})")));
  EXPECT_FALSE(Accepts(WithHeader(R"({"alg":"ES256","kid":7})")));
  EXPECT_EQ(keys_.refreshes, 1) << "only \"other\" could be a key of ours";
}

TEST_F(TokenVerifierTest, RefusesAKeyThatTheTokenBrings) {
  const P256PrivateKey mine = P256PrivateKey::Generate();
  const PublicKey jwk = PublicKeyOf(mine);
  const std::string header =
      Header(jwk.kid, absl::StrCat(R"(,"jwk":{"kty":"EC","crv":"P-256","x":")",
                                   jwk.x, R"(","y":")", jwk.y, R"("})"));
  const std::vector<std::string> parts = absl::StrSplit(WithClaims(), '.');
  EXPECT_FALSE(Accepts(Token(mine, header, *FromBase64Url(parts[1]))));
}

TEST_F(TokenVerifierTest, RefusesHeadersThatPointToAKeyOrMustBeUnderstood) {
  ASSERT_TRUE(Accepts(WithHeader(Header(public_key_.kid))));
  for (const char* more :
       {R"(,"jwk":{})", R"(,"jku":"https://evil.example/jwks.json")",
        R"(,"x5u":"https://evil.example/cert")", R"(,"x5c":["MIIB"])",
        R"(,"crit":["exp"])", R"(,"crit":["b64"],"b64":false)", R"(,"crit":[])",
        R"(,"jku":null)"}) {
    EXPECT_FALSE(Accepts(WithHeader(Header(public_key_.kid, more)))) << more;
  }
  EXPECT_EQ(keys_.refreshes, 0) << "nothing is fetched";
}

TEST_F(TokenVerifierTest, TakesTheTypesOfAnAccessTokenOnly) {
  const auto with_type = [&](absl::string_view type) {
    return WithHeader(absl::StrReplaceAll(Header(public_key_.kid),
                                          {{R"("typ":"JWT",)", type}}));
  };
  EXPECT_TRUE(Accepts(with_type("")));
  EXPECT_TRUE(Accepts(with_type(R"("typ":"jwt",)")));
  EXPECT_TRUE(Accepts(with_type(R"("typ":"at+jwt",)")));
  EXPECT_TRUE(Accepts(with_type(R"("typ":"AT+JWT",)")));
  EXPECT_FALSE(Accepts(with_type(R"("typ":"id+jwt",)")));
  EXPECT_FALSE(Accepts(with_type(R"("typ":"JOSE",)")));
  EXPECT_FALSE(Accepts(with_type(R"("typ":1,)")));
}

TEST_F(TokenVerifierTest, RefusesAHeaderThatSaysAThingTwice) {
  EXPECT_FALSE(
      Accepts(WithHeader(Header(public_key_.kid, R"(,"alg":"ES256")"))));
  EXPECT_FALSE(
      Accepts(WithHeader(Header(public_key_.kid, R"(,"\u0061lg":"none")"))));
}

// --- The claims ---

TEST_F(TokenVerifierTest, RefusesAWrongOrMissingIssuer) {
  for (const char* issuer :
       {"", R"("iss":"evil",)", R"("iss":"Praxis",)", R"("iss":"praxis ",)",
        R"("iss":["praxis"],)", R"("iss":null,)"}) {
    EXPECT_FALSE(Accepts(WithClaims({{R"("iss":"praxis",)", issuer}})))
        << issuer;
  }
}

TEST_F(TokenVerifierTest, RefusesAWrongOrMissingAudience) {
  for (const char* audience :
       {"", R"("aud":"other",)", R"("aud":[],)", R"("aud":["other"],)",
        R"("aud":["praxis",1],)", R"("aud":{"praxis":1},)",
        R"("aud":"praxis other",)", R"("aud":[["praxis"]],)"}) {
    EXPECT_FALSE(Accepts(WithClaims({{R"("aud":"praxis",)", audience}})))
        << audience;
  }
}

TEST_F(TokenVerifierTest, TakesAnAudienceAmongSeveral) {
  EXPECT_TRUE(Accepts(
      WithClaims({{R"("aud":"praxis")", R"("aud":["other","praxis"])"}})));
}

TEST_F(TokenVerifierTest, RefusesAWrongOrMissingSubject) {
  for (const char* subject :
       {"", R"("sub":"",)", R"("sub":"ada",)", R"("sub":"members/",)",
        R"("sub":"members/ada/x",)", R"("sub":"communities/lean",)",
        R"("sub":["members/ada"],)"}) {
    EXPECT_FALSE(Accepts(WithClaims({{R"("sub":"members/ada",)", subject}})))
        << subject;
  }
}

TEST_F(TokenVerifierTest, RefusesClaimsOfAnotherType) {
  EXPECT_FALSE(Accepts(WithClaims({{R"("sid":"s1")", R"("sid":1)"}})));
  EXPECT_FALSE(Accepts(
      WithClaims({{R"("scope":"read write")", R"("scope":["admin"])"}})));
}

TEST_F(TokenVerifierTest, RefusesATokenThatHasExpiredBeyondTheLeeway) {
  const std::string token = WithClaims();
  EXPECT_TRUE(Accepts(token, kNow + absl::Seconds(659)));
  EXPECT_FALSE(Accepts(token, kNow + absl::Seconds(660)));
  EXPECT_FALSE(Accepts(token, kNow + absl::Hours(1)));
}

TEST_F(TokenVerifierTest, RefusesAnExpiryThatIsMissingOrNoNumber) {
  for (const char* expiry :
       {R"("x":1)", R"("exp":"1750000600")", R"("exp":1750000600.5)",
        R"("exp":null)", R"("exp":-1)", R"("exp":1e30)",
        R"("exp":99999999999999999999)"}) {
    EXPECT_FALSE(Accepts(WithClaims({{R"("exp":1750000600)", expiry}})))
        << expiry;
  }
}

TEST_F(TokenVerifierTest, RefusesATokenOfTheFuture) {
  for (const char* claim : {"iat", "nbf"}) {
    const auto from = [&](int64_t second) {
      return WithClaims(
          {{R"("iat":1750000000)", absl::StrCat("\"", claim, "\":", second)}});
    };
    EXPECT_TRUE(Accepts(from(1'750'000'060))) << claim;
    EXPECT_FALSE(Accepts(from(1'750'000'061))) << claim;
  }
  EXPECT_FALSE(
      Accepts(WithClaims({{R"("iat":1750000000)", R"("nbf":"1750000000")"}})));
}

TEST_F(TokenVerifierTest, RefusesDuplicateClaims) {
  EXPECT_FALSE(
      Accepts(WithClaims({{R"("sub":"members/ada")",
                           R"("sub":"members/ada","sub":"members/bob")"}})));
  EXPECT_FALSE(Accepts(
      WithClaims({{R"("sub":"members/ada")",
                   R"("sub":"members/ada","s\u0075b":"members/bob")"}})));
}

TEST_F(TokenVerifierTest, RefusesClaimsThatAreNoJsonObject) {
  for (const absl::string_view claims :
       {"", "null", "[]", "\"x\"", "{", "{}x", "{\"iss\":\"\xff\"}",
        "{'iss':'praxis'}"}) {
    EXPECT_FALSE(Accepts(Token(key_, Header(public_key_.kid), claims)))
        << claims;
  }
  // Valid claims with something behind them.
  const std::vector<std::string> parts = absl::StrSplit(WithClaims(), '.');
  EXPECT_FALSE(Accepts(
      Token(key_, Header(public_key_.kid), *FromBase64Url(parts[1]) + "{}")));
}

// --- The signature and the form ---

TEST_F(TokenVerifierTest, RefusesRAndSOfZero) {
  const std::string token = WithClaims();
  const std::string text = token.substr(0, token.rfind('.'));
  EXPECT_FALSE(
      Accepts(absl::StrCat(text, ".", Base64Url(std::string(64, '\0')))));
  EXPECT_FALSE(Accepts(absl::StrCat(text, ".")));
}

TEST_F(TokenVerifierTest, RefusesASignatureInDer) {
  const std::string token = WithClaims();
  const size_t dot = token.rfind('.');
  const std::string raw = *FromBase64Url(token.substr(dot + 1));
  const std::string der = absl::StrCat(
      absl::string_view("\x30\x46\x02\x21\x00", 5), raw.substr(0, 32),
      absl::string_view("\x02\x21\x00", 3), raw.substr(32));
  EXPECT_FALSE(
      Accepts(absl::StrCat(token.substr(0, dot), ".", Base64Url(der))));
}

TEST_F(TokenVerifierTest, RefusesAnotherKeysSignature) {
  const std::vector<std::string> parts = absl::StrSplit(WithClaims(), '.');
  EXPECT_FALSE(
      Accepts(Token(P256PrivateKey::Generate(), Header(public_key_.kid),
                    *FromBase64Url(parts[1]))));
}

TEST_F(TokenVerifierTest, RefusesATokenWithAnyCharacterChanged) {
  const std::string token = WithClaims();
  ASSERT_TRUE(Accepts(token));
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(Accepts(changed)) << i;
  }
}

TEST_F(TokenVerifierTest, RefusesWhateverIsAroundAToken) {
  const std::string token = WithClaims();
  for (const std::string& changed :
       {token + ".", token + ".x", token + "=", token + "==", token + "\n",
        token + " ", " " + token, "." + token, token + std::string(1, '\0'),
        "Bearer " + token, token + token}) {
    EXPECT_FALSE(Accepts(changed)) << changed;
  }
}

TEST_F(TokenVerifierTest, RefusesBase64ThatIsNotCanonical) {
  const std::string token = WithClaims();
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  // 64 bytes leave two bits over: "A" and "B" in the last place would both do.
  std::string twin = token;
  ++twin.back();
  EXPECT_FALSE(Accepts(twin));
  EXPECT_FALSE(Accepts(absl::StrCat(parts[0], "=.", parts[1], ".", parts[2])));
  EXPECT_FALSE(Accepts(absl::StrCat(parts[0], ".", parts[1], "=.", parts[2])));
}

TEST_F(TokenVerifierTest, RefusesWhatIsNoToken) {
  for (const absl::string_view text :
       {"", ".", "..", "...", "a.b.c", "e30.e30.", "e30.e30.e30"}) {
    EXPECT_FALSE(Accepts(text)) << text;
  }
}

TEST_F(TokenVerifierTest, RefusesMoreThan8KiB) {
  const auto padded = [&](size_t bytes) {
    return WithClaims(
        {{R"("sid":"s1")", absl::StrCat(R"("x":")", std::string(bytes, 'x'),
                                        R"(","sid":"s1")")}});
  };
  const std::string large = padded(5'500);
  ASSERT_LE(large.size(), 8192u);
  EXPECT_TRUE(Accepts(large));
  const std::string too_large = padded(6'000);
  ASSERT_GT(too_large.size(), 8192u);
  EXPECT_FALSE(Accepts(too_large));
}

TEST_F(TokenVerifierTest, SurvivesDeepNesting) {
  EXPECT_FALSE(
      Accepts(Token(key_, Header(public_key_.kid), std::string(5'000, '['))));
  EXPECT_FALSE(Accepts(Token(key_, std::string(5'000, '['), "{}")));
}

// --- Keys that change ---

TEST_F(TokenVerifierTest, AsksForNewKeysWhenATokenNamesOne) {
  const P256PrivateKey new_key = P256PrivateKey::Generate();
  const PublicKey new_public_key = PublicKeyOf(new_key);
  const std::vector<std::string> parts = absl::StrSplit(WithClaims(), '.');
  const std::string claims = *FromBase64Url(parts[1]);
  keys_.next = {public_key_, new_public_key};
  EXPECT_TRUE(Accepts(Token(new_key, Header(new_public_key.kid), claims)));
  EXPECT_EQ(keys_.refreshes, 1);
  EXPECT_TRUE(Accepts(WithClaims())) << "the old key holds until retired";
  EXPECT_EQ(keys_.refreshes, 1);
}

TEST_F(TokenVerifierTest, ForgetsTokensOfAKeyThatIsRetired) {
  const std::string token = WithClaims();
  ASSERT_TRUE(Accepts(token));
  ASSERT_TRUE(Accepts(token));
  keys_.Set({PublicKeyOf(P256PrivateKey::Generate())});
  EXPECT_FALSE(Accepts(token));
}

TEST_F(TokenVerifierTest, KeepsTokensOfAKeyThatStays) {
  const std::string token = WithClaims();
  ASSERT_TRUE(Accepts(token));
  keys_.Set({PublicKeyOf(P256PrivateKey::Generate()), public_key_});
  EXPECT_TRUE(Accepts(token));
}

TEST_F(TokenVerifierTest, PassesOverKeysThatAreNone) {
  keys_.Set({{.kid = "a", .x = "=", .y = ""},
             {.kid = "b", .x = public_key_.x, .y = public_key_.x},
             public_key_});
  EXPECT_TRUE(Accepts(WithClaims()));
}

TEST_F(TokenVerifierTest, NeverRemembersATokenBeyondItsTime) {
  const std::string token = WithClaims();
  ASSERT_TRUE(Accepts(token));
  EXPECT_TRUE(Accepts(token, kNow + absl::Seconds(599)));
  EXPECT_FALSE(Accepts(token, kNow + absl::Seconds(700)));
  EXPECT_FALSE(Accepts(token, kNow - absl::Seconds(61)));
}

}  // namespace
}  // namespace praxis::auth
