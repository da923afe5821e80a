// Hostile input: whatever comes, an answer and no crash. The fuzz targets of
// tests/fuzz go on for longer; this is what every run of the tests tries.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/transcode/field_paths.h"
#include "gateway/transcode/testing/convert.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gateway/transcode/testing/random_message.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using ::testing::AnyOf;
using testing::Everything;
using ::testing::HasSubstr;
using testing::SchemaOf;

constexpr uint64_t kSeed = 271828;
constexpr int kMessages = 40;
constexpr int kMutations = 150;

// Replaces, removes, doubles or inserts a few bytes.
std::string Mutated(std::string text, testing::RandomMessage* random) {
  static constexpr char kTokens[] = "{}[]\",:\\\n \x00\x7f\x80\xff-+.eE019ntfu";
  for (int n = 1 + random->Below(3); n > 0 && !text.empty(); --n) {
    const size_t at = random->Below(static_cast<int>(text.size()));
    const char token = kTokens[random->Below(sizeof(kTokens) - 1)];
    switch (random->Below(5)) {
      case 0:
        text[at] = token;
        break;
      case 1:
        text[at] ^= 1 << random->Below(8);
        break;
      case 2:
        text.erase(at, 1 + random->Below(8));
        break;
      case 3:
        text.insert(at, text.substr(at, 1 + random->Below(20)));
        break;
      default:
        text.insert(at, 1, token);
    }
  }
  return text;
}

TEST(MutationTest, ReadsNoJsonThatItCannotWriteBackTheSame) {
  testing::RandomMessage random(kSeed);
  int accepted = 0;
  for (int i = 0; i < kMessages; ++i) {
    Everything message;
    random.Fill(&message);
    const std::string json = testing::JsonOf(message);
    for (int j = 0; j < kMutations; ++j) {
      SCOPED_TRACE(absl::StrCat("seed ", kSeed, " message ", i, " try ", j));
      const std::string mutated = Mutated(json, &random);
      std::string wire;
      const bool read = ReadJson(SchemaOf<Everything>(), mutated, &wire).ok();
      // Whatever the reader takes, the others take.
      ASSERT_EQ(FieldPaths(SchemaOf<Everything>(), mutated).ok() || !read,
                true);
      if (!read) continue;
      ++accepted;
      Everything parsed;
      ASSERT_TRUE(parsed.ParseFromString(wire)) << mutated;
      // We take less than protobuf, and understand it the same.
      Everything theirs;
      const auto status =
          google::protobuf::util::JsonStringToMessage(mutated, &theirs);
      if (!status.ok()) {
        // It knows one host of types only, and no exponent within quotes.
        ASSERT_THAT(status.ToString(),
                    AnyOf(HasSubstr("type URL"), HasSubstr("invalid value \"")))
            << mutated;
        continue;
      }
      ASSERT_EQ(testing::JsonOf(parsed), testing::JsonOf(theirs)) << mutated;
      const std::string once = testing::JsonOfWire<Everything>(wire);
      ASSERT_EQ(once.rfind("error", 0), std::string::npos) << once << mutated;
      ASSERT_EQ(testing::JsonOf(*testing::FromJson<Everything>(once)), once);
    }
  }
  EXPECT_GT(accepted, 100);  // else the mutations are too wild to tell much
}

TEST(MutationTest, WritesMutatedBytesAsProtobufWouldOrFails) {
  testing::RandomMessage random(kSeed);
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < kMessages; ++i) {
    Everything message;
    random.Fill(&message);
    const std::string wire = message.SerializeAsString();
    for (int j = 0; j < kMutations; ++j) {
      SCOPED_TRACE(absl::StrCat("seed ", kSeed, " message ", i, " try ", j));
      const std::string mutated = Mutated(wire, &random);
      std::string json;
      if (!WriteJson(SchemaOf<Everything>(), mutated, &json).ok()) continue;
      ++accepted;
      Everything parsed;
      // A text that another value displaced may be no UTF-8: it is not seen.
      if (!parsed.ParseFromString(mutated)) {
        ++refused;
      } else {
        ASSERT_EQ(testing::JsonOf(parsed), json);
      }
    }
  }
  EXPECT_GT(accepted, 100);
  EXPECT_LT(refused, accepted / 100);
}

TEST(MutationTest, SurvivesEveryCutOfAMessage) {
  testing::RandomMessage random(kSeed);
  Everything message;
  random.Fill(&message);
  const std::string json = testing::JsonOf(message);
  const std::string wire = message.SerializeAsString();
  for (size_t size = 0; size < json.size(); ++size) {
    // A copy of its own, so that a sanitizer sees any byte read beyond it.
    const std::string cut = json.substr(0, size);
    EXPECT_FALSE(testing::FromJson<Everything>(cut).ok()) << cut;
  }
  for (size_t size = 0; size < wire.size(); ++size) {
    const std::string cut = wire.substr(0, size);
    Everything parsed;
    const bool fails =
        testing::JsonOfWire<Everything>(cut).rfind("error", 0) == 0;
    if (!parsed.ParseFromString(cut)) {
      EXPECT_TRUE(fails) << size;
    }
  }
}

TEST(MutationTest, SurvivesNoise) {
  testing::RandomMessage random(kSeed);
  for (int i = 0; i < 3000; ++i) {
    std::string noise(random.Below(64), '\0');
    for (char& c : noise) c = static_cast<char>(random.Below(256));
    testing::JsonOfWire<Everything>(noise);
    testing::FromJson<Everything>(noise).IgnoreError();
    testing::FromJson<Everything>("{\"" + noise).IgnoreError();
  }
}

}  // namespace
}  // namespace praxis::gateway
