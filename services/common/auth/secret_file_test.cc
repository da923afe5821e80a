#include "services/common/auth/secret_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/barrier.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::auth {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class SecretFileTest : public ::testing::Test {
 protected:
  SecretFileTest() {
    std::string folder = ::testing::TempDir() + "secret_file.XXXXXX";
    folder_ = mkdtemp(folder.data());
  }
  ~SecretFileTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const {
    return (folder_ / name).string();
  }
  size_t Files() const {
    return std::distance(std::filesystem::directory_iterator(folder_), {});
  }
  void Put(const std::string& name, const std::string& content) const {
    std::ofstream(Path(name)) << content;
  }

  std::filesystem::path folder_;
};

TEST_F(SecretFileTest, IsMadeOnceAndOnlyForItsOwner) {
  const auto made = ReadOrMakeSecretFile(Path("key"), [] { return "first"; });
  EXPECT_EQ(made.value(), "first");
  const auto read = ReadOrMakeSecretFile(Path("key"), [] { return "second"; });
  EXPECT_EQ(read.value(), "first");
  struct stat info;
  ASSERT_EQ(stat(Path("key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_EQ(Files(), 1u) << "the temporary file is gone";
}

TEST_F(SecretFileTest, IsTheSameForAllWhoMakeItAtOnce) {
  constexpr int kThreads = 8;
  auto* barrier = new absl::Barrier(kThreads);
  std::vector<std::string> seen(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      if (barrier->Block()) delete barrier;
      seen[i] = ReadOrMakeHexKey(Path("key")).value();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(absl::flat_hash_set<std::string>(seen.begin(), seen.end()).size(),
            1u);
  EXPECT_EQ(Files(), 1u);
}

TEST_F(SecretFileTest, IsWhatAnotherProcessMadeInTheMeantime) {
  const auto content = ReadOrMakeSecretFile(Path("key"), [this] {
    Put("key", "theirs");
    return "ours";
  });
  EXPECT_EQ(content.value(), "theirs");
  EXPECT_EQ(Files(), 1u);
}

TEST_F(SecretFileTest, SaysWhenItsFolderIsNotThere) {
  const auto made =
      ReadOrMakeSecretFile(Path("no/such/key"), [] { return "x"; });
  EXPECT_THAT(std::string(made.status().message()), HasSubstr("no/such/key"));
}

TEST_F(SecretFileTest, IsNotReplacedWhenItCannotBeRead) {
  std::filesystem::create_directory(Path("key"));
  EXPECT_FALSE(ReadOrMakeSecretFile(Path("key"), [] { return "x"; }).ok());
  EXPECT_TRUE(std::filesystem::is_directory(Path("key")));
}

TEST_F(SecretFileTest, IsNotHuge) {
  Put("key", std::string(70'000, 'x'));
  EXPECT_FALSE(ReadOrMakeSecretFile(Path("key"), [] { return "x"; }).ok());
}

TEST_F(SecretFileTest, HoldsAHexKey) {
  const auto key = ReadOrMakeHexKey(Path("key"));
  EXPECT_THAT(key.value(), MatchesRegex("[0-9a-f]*"));
  EXPECT_EQ(key->size(), 64u);
  EXPECT_NE(key.value(), ReadOrMakeHexKey(Path("other")).value());
}

TEST_F(SecretFileTest, RefusesWhatIsNoHexKey) {
  for (const int digits : {0, 62, 63, 65}) {
    // 64 characters of which one is no digit, and too few and too many.
    const std::string content =
        std::string(digits, 'a') + (digits == 63 ? "g" : "");
    Put("key", content);
    const auto key = ReadOrMakeHexKey(Path("key"));
    ASSERT_FALSE(key.ok()) << content;
    EXPECT_THAT(std::string(key.status().message()),
                HasSubstr("64 hex digits"));
  }
}

}  // namespace
}  // namespace praxis::auth
