#include "gateway/docs/docs.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "gateway/docs/asset.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class DocsTest : public ::testing::Test {
 protected:
  DocsTest() { AddDocs(&pages_); }

  Response Get(absl::string_view path, absl::string_view accept_encoding = "",
               absl::string_view if_none_match = "") {
    RequestHead head;
    head.method = "GET";
    head.path = path;
    head.values[static_cast<size_t>(Header::kAcceptEncoding)] = accept_encoding;
    head.values[static_cast<size_t>(Header::kIfNoneMatch)] = if_none_match;
    Response got;
    EXPECT_TRUE(pages_.Has(path)) << path;
    pages_.Open(head, [&](Response response) { got = std::move(response); });
    got.body = std::string(got.content());
    return got;
  }

  telemetry::Registry registry_;
  Pages pages_{registry_};
};

TEST_F(DocsTest, ShowsThePageInItsFolder) {
  const Response page = Get("/docs/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(page.body, HasSubstr("<title>Praxis API</title>"));
  const Response moved = Get("/docs");
  EXPECT_EQ(moved.status, 308);
  EXPECT_THAT(moved.fields, HasSubstr("Location: /docs/\r\n"));
}

TEST_F(DocsTest, HasEveryFileThatThePageNames) {
  const std::string page = Get("/docs/").body;
  for (const Asset& asset : DocsAssets()) {
    if (absl::EndsWith(asset.name, ".js") ||
        absl::EndsWith(asset.name, ".css")) {
      EXPECT_THAT(page, HasSubstr(asset.name));
    }
  }
  EXPECT_THAT(Get("/docs/docs.js").body, HasSubstr("SwaggerUIBundle("));
  EXPECT_THAT(Get("/docs/LICENSE.txt").body, HasSubstr("Apache License"));
}

TEST_F(DocsTest, SendsAFileCompressedToWhoTakesThat) {
  const Response plain = Get("/docs/swagger-ui.css");
  EXPECT_THAT(plain.fields, Not(HasSubstr("Content-Encoding")));
  EXPECT_THAT(plain.body, HasSubstr(".swagger-ui"));
  const Response packed = Get("/docs/swagger-ui.css", "br, gzip");
  EXPECT_THAT(packed.fields, AllOf(HasSubstr("Content-Encoding: gzip\r\n"),
                                   HasSubstr("Vary: Accept-Encoding\r\n")));
  EXPECT_THAT(packed.body, StartsWith("\x1f\x8b"));
  EXPECT_LT(packed.body.size() * 4, plain.body.size());
  EXPECT_THAT(Get("/docs/swagger-ui.css", "gzip;q=0").fields,
              Not(HasSubstr("Content-Encoding")));
}

TEST_F(DocsTest, InflatesAFileOnceForThoseWhoDoNotTakeItCompressed) {
  const Response first = Get("/docs/swagger-ui.js");
  EXPECT_GT(first.body.size(), 1 << 20);
  ASSERT_NE(first.shared_body, nullptr);
  EXPECT_EQ(Get("/docs/swagger-ui.js").shared_body, first.shared_body);
}

TEST_F(DocsTest, SendsNothingToWhoHasTheFile) {
  const std::string fields = Get("/docs/docs.js").fields;
  const size_t begin = fields.find("W/\"");
  const std::string etag =
      fields.substr(begin, fields.find('\r', begin) - begin);
  const Response same = Get("/docs/docs.js", "gzip", etag);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_THAT(same.fields, HasSubstr(etag));
  EXPECT_EQ(Get("/docs/docs.js", "gzip", "\"other\"").status, 200);
}

TEST_F(DocsTest, LetsThePageLoadNothingFromElsewhere) {
  for (const Asset& asset : DocsAssets()) {
    const std::string path = asset.name == "index.html"
                                 ? "/docs/"
                                 : "/docs/" + std::string(asset.name);
    EXPECT_THAT(
        Get(path).fields,
        AllOf(HasSubstr("default-src 'none'; script-src 'self'; "
                        "style-src 'self'; "),
              HasSubstr("frame-ancestors 'none'"), Not(HasSubstr("unsafe"))));
  }
}

}  // namespace
}  // namespace praxis::gateway
