#include "gateway/transcode/json_cursor.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using ::praxis::testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// "" if the text is one JSON value, else why not.
std::string Refusal(absl::string_view json) {
  JsonCursor in(json);
  if (in.SkipValue() && in.ReadEnd()) return "";
  EXPECT_THAT(in.error(), FailsWith(Reason::BODY_INVALID));
  return std::string(in.error().message());
}

// What a string means, or "error".
std::string Meaning(absl::string_view json) {
  JsonCursor in(json);
  absl::string_view text;
  return in.ReadString(&text) ? std::string(text) : "error";
}

TEST(JsonCursorTest, AcceptsJson) {
  for (const std::string json :
       {"null", "true", " false\n", "0", "-1.5e+3", "\"\"", "[]", "{}",
        "[1, \"a\", [null], {\"b\": {}}]", "\t{ \"a\" :1 ,\r\n\"b\": [ ] } ",
        "\"\\u00e9\\ud83d\\ude00\"", "\"\x7f\xc3\xa9\"", "{\"\":0}"}) {
    EXPECT_EQ(Refusal(json), "") << json;
  }
}

TEST(JsonCursorTest, RefusesWhatIsAlmostJson) {
  for (const std::string json : {"",
                                 " ",
                                 "nul",
                                 "nullx",
                                 "True",
                                 "TRUE",
                                 "01",
                                 "1.",
                                 ".5",
                                 "+1",
                                 "0x10",
                                 "NaN",
                                 "Infinity",
                                 "[1,]",
                                 "[,1]",
                                 "[1 2]",
                                 "[1",
                                 "]",
                                 "{\"a\":1,}",
                                 "{,}",
                                 "{a:1}",
                                 "{'a':1}",
                                 "{\"a\"}",
                                 "{\"a\":}",
                                 "{\"a\" 1}",
                                 "{\"a\":1",
                                 "{1:2}",
                                 "'a'",
                                 "\"a",
                                 "\"\\",
                                 "1 2",
                                 "{} {}",
                                 "[1]]",
                                 "// comment\n1",
                                 "/* */ 1",
                                 "[1] x",
                                 "\xef\xbb\xbf{}",
                                 "\f1",
                                 "\v1",
                                 "\"\n\"",
                                 "\"\t\"",
                                 "\"\x01\"",
                                 "\"\\x41\"",
                                 "\"\\a\"",
                                 "\"\\u12\"",
                                 "\"\\u12g4\"",
                                 "\"\\ud800\"",
                                 "\"\\ud800x\"",
                                 "\"\\ud800\\u0041\"",
                                 "\"\\udc00\"",
                                 "\"\\ud800\\ud800\"",
                                 "\"\\U0041\"",
                                 "\"\xff\"",
                                 "\"\xc0\x80\"",
                                 "\"\xed\xa0\x80\"",
                                 "\"\xc3\"",
                                 "\xc3\xa9"}) {
    EXPECT_NE(Refusal(json), "") << json;
  }
}

TEST(JsonCursorTest, RefusesNulBytes) {
  EXPECT_NE(Refusal(absl::string_view("\0", 1)), "");
  EXPECT_NE(Refusal(absl::string_view("1\0", 2)), "");
  EXPECT_NE(Refusal(absl::string_view("\"\0\"", 3)), "");
}

TEST(JsonCursorTest, UnescapesStrings) {
  EXPECT_EQ(Meaning(R"("plain")"), "plain");
  EXPECT_EQ(Meaning(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(Meaning(R"("\u0041\u00e9\u6F22\uD83D\ude00")"),
            "A\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80");
  EXPECT_EQ(Meaning(R"("\u0000")"), std::string(1, '\0'));
  EXPECT_EQ(Meaning("\"a\\n\xc3\xa9\\n b\""), "a\n\xc3\xa9\n b");
}

TEST(JsonCursorTest, UnescapesAtEveryPlaceOfALongString) {
  for (size_t place = 0; place < 70; ++place) {
    const std::string before(place, 'x');
    const std::string after(69 - place, 'y');
    EXPECT_EQ(Meaning("\"" + before + "\\n" + after + "\""),
              before + "\n" + after);
    EXPECT_EQ(Meaning("\"" + before + "\xe6\xbc\xa2" + after + "\""),
              before + "\xe6\xbc\xa2" + after);
    EXPECT_EQ(Meaning("\"" + before + "\xe6\xbc" + after + "\""), "error");
  }
}

TEST(JsonCursorTest, SaysWhereInLinesAndCharacters) {
  EXPECT_THAT(Refusal("[1,\n  x]"), StartsWith("at $ (line 2, column 3): "));
  EXPECT_THAT(Refusal("[\"\xc3\xa9\xe6\xbc\xa2\" x]"),
              StartsWith("at $ (line 1, column 7): "));
  EXPECT_THAT(Refusal("\n\n"), StartsWith("at $ (line 3, column 1): "));
}

TEST(JsonCursorTest, SaysWhatWasExpectedButNeverTheValue) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "expected a number, not the end of the body"},
      {"[1 \"secret\"]", "expected \",\" or \"]\", not this string"},
      {"{7:1}", "expected a member's name in quotes, not this number"},
      {"{\"a\" true}", "expected \":\", not a boolean"},
      {"1 {}", "expected the end of the body, not an object"},
      {"@", "expected a number, not \"@\""},
      {"\x01", "expected a number, not this byte"},
      {"\"a", "the string does not end"},
      {"\"\\q\"", "this is no escape sequence"},
      {"\"\n\"", "control characters in strings must be escaped"},
      {"\"\xff\"", "the body is not UTF-8"},
  };
  for (const auto& [json, message] : cases) {
    EXPECT_THAT(Refusal(json), HasSubstr(message)) << json;
    EXPECT_FALSE(absl::StrContains(Refusal(json), "secret"));
  }
}

TEST(JsonCursorTest, NamesThePathFromTheOutside) {
  JsonCursor in("x");
  EXPECT_FALSE(in.Fail("no"));
  in.AddField("name");
  in.AddIndex(3);
  in.AddKey("a\n\"key\"");
  in.AddField("list");
  EXPECT_EQ(in.error().message(),
            "at $.list[\"a\\n\\\"key\\\"\"][3].name (line 1, column 1): no");
}

TEST(JsonCursorTest, AllowsSixtyFourLevelsAndNoMore) {
  const auto nested = [](int depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(Refusal(nested(kMaxJsonDepth)), "");
  EXPECT_THAT(Refusal(nested(kMaxJsonDepth + 1)), HasSubstr("nested deeper"));
  EXPECT_EQ(Refusal("[" + nested(63) + "," + nested(63) + "]"), "");
  EXPECT_THAT(Refusal(std::string(100000, '[')), HasSubstr("nested deeper"));
}

TEST(JsonCursorTest, ShowsTextsShortAndEscaped) {
  EXPECT_EQ(Shown("plain"), "\"plain\"");
  EXPECT_EQ(Shown("\xc3\xa9\n\x01"), "\"\xc3\xa9\\n\\x01\"");
  EXPECT_EQ(Shown("\xff"), "\"\\xff\"");
  // Cut before a character, not within.
  EXPECT_EQ(Shown("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\xc3\xa9"),
            "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\"");
  EXPECT_EQ(Shown(std::string(1000, 'x')),
            "\"" + std::string(40, 'x') + "...\"");
}

}  // namespace
}  // namespace praxis::gateway
