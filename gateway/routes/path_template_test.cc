#include "gateway/routes/path_template.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::HasSubstr;
using Kind = PathTemplate::Segment::Kind;

// A template written out: segments, variables with their range ("]" of a
// single one), verb.
std::string Shown(const PathTemplate& path) {
  std::string text;
  for (const PathTemplate::Segment& segment : path.segments) {
    absl::StrAppend(&text, "/",
                    segment.kind == Kind::kOne    ? "*"
                    : segment.kind == Kind::kRest ? "**"
                                                  : segment.literal);
  }
  for (const PathTemplate::Variable& variable : path.variables) {
    absl::StrAppend(&text, " ", variable.field_path, "[", variable.begin, ",",
                    variable.end, variable.is_single ? "]" : ")");
  }
  if (!path.verb.empty()) absl::StrAppend(&text, " :", path.verb);
  return text;
}

TEST(PathTemplateTest, ReadsEveryFormOfTheGrammar) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"/v1/jwks", "/v1/jwks"},
      {"/.well-known/jwks.json", "/.well-known/jwks.json"},
      {"/-._~!$&'()+,;@", "/-._~!$&'()+,;@"},
      {"/v1/*/x", "/v1/*/x"},
      {"/**", "/**"},
      {"/v1/{name}", "/v1/* name[1,2]"},
      {"/v1/{name=*}", "/v1/* name[1,2]"},
      {"/v1/{name=a}", "/v1/a name[1,2]"},
      {"/v1/{name=a/*}", "/v1/a/* name[1,3)"},
      {"/v1/{name=a/*/b/*}:do", "/v1/a/*/b/* name[1,5) :do"},
      {"/v1/{a.b_c=x/*}/y", "/v1/x/*/y a.b_c[1,3)"},
      {"/v1/{_a1}", "/v1/* _a1[1,2]"},
      {"/v1/{path=**}", "/v1/** path[1,2)"},
      {"/v1/{path=f/**}:get", "/v1/f/** path[1,3) :get"},
      {"/{a}/{b}", "/*/* a[0,1] b[1,2]"},
      {"/v1/x:verb", "/v1/x :verb"},
      {"/v1/**:verb", "/v1/** :verb"},
      {"/v1/{a}/x/{b=**}:v", "/v1/*/x/** a[1,2] b[3,4) :v"},
  };
  for (const auto& [text, shown] : cases) {
    const auto path = PathTemplate::Parse(text);
    ASSERT_THAT(path, Succeeds()) << text;
    EXPECT_EQ(Shown(*path), shown);
  }
}

TEST(PathTemplateTest, RefusesWhatTheGrammarHasNot) {
  for (const std::string text : {"",
                                 "v1",
                                 "/",
                                 "//",
                                 "/v1/",
                                 "/v1//x",
                                 "/v1/{",
                                 "/v1/{}",
                                 "/v1/{a",
                                 "/v1/{a=",
                                 "/v1/{a=}",
                                 "/v1/{a=b/{c}}",
                                 "/v1/{1a}",
                                 "/v1/{a.}",
                                 "/v1/{.a}",
                                 "/v1/{a}b",
                                 "/v1/x{a}",
                                 "/v1/***",
                                 "/v1/**/x",
                                 "/v1/{a=**}/x",
                                 "/v1/{a=**}/{b}",
                                 "/v1/{a=**/x}",
                                 "/v1/x:",
                                 "/v1/x:a:b",
                                 "/v1/x:{a}",
                                 "/v1/x:*",
                                 "/v1/a b",
                                 "/v1/a?b",
                                 "/v1/a#b",
                                 "/v1/a%20b",
                                 "/v1/a=b",
                                 "/v1/*x",
                                 "/v1/x*",
                                 "/v1/{a b}",
                                 "/v1/{a=/b}",
                                 "/v1/{a-b}",
                                 "/v1/}",
                                 "/v1/{a}}",
                                 "/v1/\xc3\xa9"}) {
    EXPECT_THAT(PathTemplate::Parse(text), FailsWith(Reason::INTERNAL)) << text;
  }
}

TEST(PathTemplateTest, SaysWhatIsWrongAndWhere) {
  const auto path = PathTemplate::Parse("/v1/{a=b/{c}}");
  EXPECT_THAT(
      std::string(path.status().message()),
      AllOf(HasSubstr("a variable within a variable"), HasSubstr("at byte 9")));
}

}  // namespace
}  // namespace praxis::gateway
