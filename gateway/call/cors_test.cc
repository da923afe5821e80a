#include "gateway/call/cors.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

RequestHead From(absl::string_view origin, absl::string_view asks_for = "") {
  RequestHead head;
  head.values[static_cast<size_t>(Header::kOrigin)] = origin;
  head.values[static_cast<size_t>(Header::kAccessControlRequestMethod)] =
      asks_for;
  return head;
}

std::string Fields(const Cors& cors, const RequestHead& head) {
  std::string fields;
  cors.AddFields(head, &fields);
  return fields;
}

std::string Preflight(const Cors& cors, const RequestHead& head) {
  std::string fields;
  cors.AddPreflightFields(head, "GET, PATCH", &fields);
  return fields;
}

TEST(CorsTest, SaysNothingWithoutAList) {
  const Cors cors({});
  EXPECT_EQ(Fields(cors, From("https://a.example")), "");
  EXPECT_EQ(Preflight(cors, From("https://a.example", "PATCH")), "");
}

TEST(CorsTest, LetsListedOriginsReadAnswers) {
  const Cors cors({"https://a.example", "http://localhost:3000"});
  EXPECT_THAT(
      Fields(cors, From("http://localhost:3000")),
      HasSubstr("Access-Control-Allow-Origin: http://localhost:3000\r\n"));
  EXPECT_THAT(Fields(cors, From("https://a.example")), HasSubstr("Vary"));
  // Readers that fetch a file in parts go by these.
  EXPECT_THAT(
      Fields(cors, From("https://a.example")),
      AllOf(HasSubstr(" Accept-Ranges,"), HasSubstr(" Content-Range,")));
}

TEST(CorsTest, ComparesOriginsWhole) {
  const Cors cors({"https://a.example"});
  for (absl::string_view origin :
       {"", "null", "https://a.example.evil", "http://a.example",
        "https://a.example:444", "https://A.example", "https://evil.a.example",
        "https://a.example/"}) {
    // Shared caches must know that the answer depends on who asks.
    EXPECT_EQ(Fields(cors, From(origin)), "Vary: Origin\r\n") << origin;
    EXPECT_EQ(Preflight(cors, From(origin, "PATCH")), "") << origin;
  }
}

TEST(CorsTest, KnowsWhatBrowsersSay) {
  for (absl::string_view origin :
       {"https://a.example", "http://localhost:3000", "https://[::1]:8443",
        "app-scheme://localhost"}) {
    EXPECT_TRUE(Cors::IsOrigin(origin)) << origin;
  }
  for (absl::string_view text :
       {"", "*", "null", "a.example", "https://", "://a", "https://a.example/",
        " https://a.example", "https://A.example", "https://*.example",
        "https://me@a.example"}) {
    EXPECT_FALSE(Cors::IsOrigin(text)) << text;
  }
}

TEST(CorsTest, AnswersAPreflightWithMethodsAndHeaders) {
  const Cors cors({"https://a.example"});
  const std::string fields =
      Preflight(cors, From("https://a.example", "PATCH"));
  EXPECT_THAT(fields,
              HasSubstr("Access-Control-Allow-Methods: GET, PATCH\r\n"));
  EXPECT_THAT(fields, HasSubstr("If-Match"));
  EXPECT_THAT(fields, Not(HasSubstr("Allow-Credentials")));
  // An OPTIONS that is no preflight.
  EXPECT_EQ(Preflight(cors, From("https://a.example")), "");
}

}  // namespace
}  // namespace praxis::gateway
