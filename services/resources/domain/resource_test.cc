#include "services/resources/domain/resource.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::resources {
namespace {

using praxis::testing::FailsWith;
using praxis::testing::Succeeds;

struct ShapeCase {
  ResourceKind kind;
  const char* text;
  const char* uri;
  bool good;
};

class CheckShapeTest : public ::testing::TestWithParam<ShapeCase> {};

TEST_P(CheckShapeTest, AsksForWhatTheKindHasAndNothingElse) {
  Resource resource;
  resource.kind = GetParam().kind;
  resource.text = GetParam().text;
  resource.uri = GetParam().uri;
  if (GetParam().good) {
    EXPECT_THAT(CheckShape(resource), Succeeds());
  } else {
    EXPECT_THAT(CheckShape(resource), FailsWith(Reason::FIELD_INVALID));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, CheckShapeTest,
    ::testing::Values(
        ShapeCase{ResourceKind::kDocument, "text", "", true},
        ShapeCase{ResourceKind::kDocument, "", "", false},
        ShapeCase{ResourceKind::kDocument, "text", "https://x.org", false},
        ShapeCase{ResourceKind::kLink, "", "https://x.org", true},
        ShapeCase{ResourceKind::kLink, "", "", false},
        ShapeCase{ResourceKind::kLink, "text", "https://x.org", false},
        ShapeCase{ResourceKind::kFile, "", "", true},
        ShapeCase{ResourceKind::kFile, "text", "", false},
        ShapeCase{ResourceKind::kFile, "", "https://x.org", false}));

// Ada's file, without content.
Resource AdasFile() {
  Resource resource;
  resource.kind = ResourceKind::kFile;
  resource.author = "members/ada";
  return resource;
}

TEST(MayUploadTest, LetsItsAuthorAndModerators) {
  EXPECT_THAT(MayUpload(AdasFile(), {.name = "members/ada"}), Succeeds());
  EXPECT_THAT(MayUpload(AdasFile(), {.name = "members/bob", .moderates = true}),
              Succeeds());
  EXPECT_THAT(MayUpload(AdasFile(), {.name = "members/bob"}),
              FailsWith(Reason::NOT_AUTHOR));
}

TEST(MayUploadTest, RefusesWhatIsNoFile) {
  Resource document = AdasFile();
  document.kind = ResourceKind::kDocument;
  EXPECT_THAT(MayUpload(document, {.name = "members/ada"}),
              FailsWith(Reason::NO_CONTENT));
}

TEST(MayDownloadTest, AsksForContent) {
  Resource file = AdasFile();
  EXPECT_THAT(MayDownload(file), FailsWith(Reason::NO_CONTENT));
  SetContent(file, {.sha256 = "ab"}, absl::FromUnixSeconds(5));
  EXPECT_THAT(MayDownload(file), Succeeds());
}

TEST(SetContentTest, MakesANewVersion) {
  Resource file = AdasFile();
  SetContent(file, {.sha256 = "ab"}, absl::FromUnixSeconds(5));
  EXPECT_EQ(file.version, 2);
  EXPECT_EQ(file.update_time, absl::FromUnixSeconds(5));
}

TEST(IsMediaTypeTest, TakesRestrictedNamesOnly) {
  for (const char* good : {"application/pdf", "image/svg+xml", "text/x.y-z"}) {
    EXPECT_TRUE(IsMediaType(good)) << good;
  }
  for (const char* bad :
       {"", "pdf", "application/", "/pdf", "text/html; charset=utf-8",
        "text/html\r\nX-Evil: 1", "a/b/c", "text/ html", "-a/b"}) {
    EXPECT_FALSE(IsMediaType(bad)) << bad;
  }
  EXPECT_FALSE(IsMediaType("a/" + std::string(128, 'b')));
}

}  // namespace
}  // namespace praxis::resources
