#include "services/common/auth/secrets.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::auth {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

constexpr PasswordCost kCheap = {.passes = 1, .memory_bytes = 8192};

TEST(PasswordTest, MatchesItsHashAndNoOther) {
  const std::string hash = *HashPassword("correct horse", kCheap);
  EXPECT_TRUE(PasswordMatches(hash, "correct horse"));
  EXPECT_FALSE(PasswordMatches(hash, "correct horsf"));
  EXPECT_FALSE(PasswordMatches(hash, ""));
  EXPECT_FALSE(PasswordMatches(hash, absl::string_view("correct horse\0", 14)));
}

TEST(PasswordTest, IsHashedWithArgon2idAtFullCostUnlessToldOtherwise) {
  const std::string hash = *HashPassword("correct horse");
  EXPECT_THAT(hash, StartsWith("$argon2id$v=19$m=65536,t=2,p=1$"));
  EXPECT_TRUE(PasswordMatches(hash, "correct horse"));
}

TEST(PasswordTest, IsSaltedAndNotInItsHash) {
  const std::string hash = *HashPassword("correct horse", kCheap);
  EXPECT_NE(hash, *HashPassword("correct horse", kCheap));
  EXPECT_THAT(hash, Not(HasSubstr("correct")));
}

TEST(PasswordTest, NeverMatchesWhatIsNoHash) {
  for (const std::string& hash :
       {std::string(), std::string("x"), std::string("$argon2id$"),
        std::string(500, '$'), std::string("correct horse")}) {
    EXPECT_FALSE(PasswordMatches(hash, "correct horse")) << hash;
  }
}

TEST(RandomTokenTest, Is256BitsThatDiffer) {
  EXPECT_THAT(RandomToken(), MatchesRegex("[A-Za-z0-9_-]+"));
  EXPECT_EQ(RandomToken().size(), 43u);
  EXPECT_NE(RandomToken(), RandomToken());
}

TEST(Sha256HexTest, IsThatOfTheStandard) {
  EXPECT_EQ(Sha256Hex(""),
            "e3b0c44298fc1c149afbf4c8996fb924"
            "27ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"),
            "ba7816bf8f01cfea414140de5dae2223"
            "b00361a396177a9cb410ff61f20015ad");
}

TEST(SecretEqualsTest, ComparesAllBytes) {
  EXPECT_TRUE(SecretEquals("", ""));
  EXPECT_TRUE(SecretEquals("secret", "secret"));
  EXPECT_FALSE(SecretEquals("secret", "secreT"));
  EXPECT_FALSE(SecretEquals("secret", "secret "));
  EXPECT_FALSE(SecretEquals("secret", ""));
}

TEST(SealerTest, OpensWhatItSealed) {
  const Sealer sealer = Sealer::Random();
  for (const std::string& plain :
       {std::string(), std::string("x"), std::string(1000, '\0')}) {
    const std::string sealed = sealer.Seal(plain, "members/ada");
    EXPECT_THAT(sealed, MatchesRegex("[A-Za-z0-9_-]+"));
    EXPECT_EQ(sealer.Unseal(sealed, "members/ada"), plain);
  }
}

TEST(SealerTest, RefusesAnotherContext) {
  const Sealer sealer = Sealer::Random();
  const std::string sealed = sealer.Seal("page 2", "members/ada");
  EXPECT_EQ(sealer.Unseal(sealed, "members/bob"), std::nullopt);
  EXPECT_EQ(sealer.Unseal(sealed, ""), std::nullopt);
}

TEST(SealerTest, RefusesAnotherKey) {
  const std::string sealed = Sealer::Random().Seal("page 2", "");
  EXPECT_EQ(Sealer::Random().Unseal(sealed, ""), std::nullopt);
}

TEST(SealerTest, RefusesWhateverWasChanged) {
  const Sealer sealer = Sealer::Random();
  const std::string sealed = sealer.Seal("page 2", "");
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(sealer.Unseal(changed, ""), std::nullopt) << i;
    EXPECT_EQ(sealer.Unseal(sealed.substr(0, i), ""), std::nullopt) << i;
  }
  EXPECT_EQ(sealer.Unseal(sealed + "AAAA", ""), std::nullopt);
  EXPECT_EQ(sealer.Unseal(sealed + "=", ""), std::nullopt);
}

TEST(SealerTest, NeverSealsTheSameWayTwice) {
  const Sealer sealer = Sealer::Random();
  EXPECT_NE(sealer.Seal("x", ""), sealer.Seal("x", ""));
}

TEST(SealerTest, DigestsByItsKey) {
  const Sealer sealer = Sealer::Random();
  EXPECT_EQ(sealer.Digest("x").size(), 32u);
  EXPECT_EQ(sealer.Digest("x"), sealer.Digest("x"));
  EXPECT_NE(sealer.Digest("x"), sealer.Digest("y"));
  EXPECT_NE(sealer.Digest("x"), Sealer::Random().Digest("x"));
}

TEST(SealerTest, IsTheSameForAllWhoOpenItsFile) {
  std::string folder = ::testing::TempDir() + "sealer.XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/page_key";
  const auto one = Sealer::Open(path);
  const auto other = Sealer::Open(path);
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(other->Unseal(one->Seal("x", "c"), "c"), "x");
  EXPECT_EQ(other->Digest("x"), one->Digest("x"));

  std::ofstream(path) << "not a key";
  EXPECT_FALSE(Sealer::Open(path).ok());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace praxis::auth
