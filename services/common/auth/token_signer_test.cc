#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/auth/encoding.h"
#include "services/common/auth/p256.h"
#include "services/common/auth/token.h"

namespace praxis::auth {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'750'000'000);
const Principal kAda = {
    .name = "members/ada", .session = "s1", .scopes = kRead | kWrite};

class TokenSignerTest : public ::testing::Test {
 protected:
  TokenSignerTest() {
    std::string folder = ::testing::TempDir() + "token_signer.XXXXXX";
    folder_ = mkdtemp(folder.data());
  }
  ~TokenSignerTest() override { std::filesystem::remove_all(folder_); }

  std::string Path() const { return (folder_ / "token_key.pem").string(); }
  std::unique_ptr<TokenSigner> Open() const {
    return TokenSigner::Open(Path(), TokenRules()).value();
  }

  std::filesystem::path folder_;
};

TEST_F(TokenSignerTest, SignsWhatTheVerifierTakes) {
  const auto signer = Open();
  TokenVerifier verifier(*signer, TokenRules());
  const std::string token = signer->Sign(kAda, kNow, absl::Minutes(10));
  const auto principal = verifier.Verify(token, kNow);
  ASSERT_TRUE(principal.ok()) << principal.status();
  EXPECT_EQ(principal->name, "members/ada");
  EXPECT_EQ(principal->session, "s1");
  EXPECT_EQ(principal->scopes, static_cast<unsigned>(kRead | kWrite));
  EXPECT_EQ(principal->expire_time, kNow + absl::Minutes(10));
  EXPECT_FALSE(verifier.Verify(token, kNow + absl::Minutes(12)).ok());
}

TEST_F(TokenSignerTest, SaysOnlyWhatTheContractSays) {
  const std::vector<std::string> parts =
      absl::StrSplit(Open()->Sign(kAda, kNow, absl::Minutes(10)), '.');
  ASSERT_THAT(parts, SizeIs(3));
  EXPECT_THAT(*FromBase64Url(parts[0]),
              MatchesRegex(R"(\{"alg":"ES256","typ":"at\+jwt",)"
                           R"("kid":"[A-Za-z0-9_-]{43}"\})"));
  EXPECT_EQ(*FromBase64Url(parts[1]),
            R"({"iss":"praxis","aud":"praxis","sub":"members/ada",)"
            R"("sid":"s1","scope":"read write",)"
            R"("iat":1750000000,"exp":1750000600})");
}

TEST_F(TokenSignerTest, SignsForItsIssuerAndAudienceOnly) {
  const auto signer =
      TokenSigner::Open(Path(), {.issuer = "a \"b\"", .audience = "c"});
  const std::string token = signer.value()->Sign(kAda, kNow, absl::Minutes(10));
  TokenVerifier same(**signer, {.issuer = "a \"b\"", .audience = "c"});
  TokenVerifier other(**signer, TokenRules());
  EXPECT_TRUE(same.Verify(token, kNow).ok());
  EXPECT_FALSE(other.Verify(token, kNow).ok());
}

TEST_F(TokenSignerTest, KeepsItsKeyInAFileOfItsOwn) {
  const auto keys = Open()->Keys();
  ASSERT_THAT(keys, SizeIs(1));
  EXPECT_EQ(Open()->Keys(), keys);
  struct stat info;
  ASSERT_EQ(stat(Path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
}

TEST_F(TokenSignerTest, SignsWithTheFirstKeyAndStillKnowsTheOthers) {
  const auto before = Open();
  const std::string old_token = before->Sign(kAda, kNow, absl::Minutes(10));
  std::ifstream old_file(Path());
  const std::string old_pem(std::istreambuf_iterator<char>(old_file), {});
  std::ofstream(Path()) << P256PrivateKey::Generate().ToPem() << old_pem;

  const auto after = Open();
  ASSERT_THAT(after->Keys(), SizeIs(2));
  EXPECT_EQ(after->Keys()[1], before->Keys()[0]);
  TokenVerifier verifier(*after, TokenRules());
  EXPECT_TRUE(verifier.Verify(old_token, kNow).ok());
  const std::string new_token = after->Sign(kAda, kNow, absl::Minutes(10));
  EXPECT_TRUE(verifier.Verify(new_token, kNow).ok());
  TokenVerifier old_verifier(*before, TokenRules());
  EXPECT_FALSE(old_verifier.Verify(new_token, kNow).ok());
}

TEST_F(TokenSignerTest, RefusesAFileThatHoldsSomethingElse) {
  std::ofstream(Path()) << "not a key";
  const auto signer = TokenSigner::Open(Path(), TokenRules());
  ASSERT_FALSE(signer.ok());
  EXPECT_THAT(std::string(signer.status().message()), HasSubstr("P-256"));
}

// RFC 7638 gives no example for a curve; this is the key of RFC 7515, A.3,
// hashed by sha256sum.
TEST(ThumbprintOfTest, IsThatOfTheRfc) {
  EXPECT_EQ(ThumbprintOf("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                         "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
            "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
}

}  // namespace
}  // namespace praxis::auth
