#include "services/common/search/index.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/access/projection.h"
#include "services/common/sql/migrate.h"
#include "services/common/sql/sqlite.h"
#include "services/common/testing/matchers.h"

namespace praxis::search {
namespace {

using ::praxis::testing::Succeeds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kEllipsis[] = "\xe2\x80\xa6";

// A service with one table of texts.
constexpr char kTexts[] = R"(
CREATE TABLE texts (scope TEXT, object TEXT, title TEXT, body TEXT);
CREATE VIEW search_texts AS
SELECT number, hex(entry.scope) AS scope, title, body
FROM search_entries entry JOIN texts
  ON texts.scope = entry.scope AND texts.object = entry.object;
)";

// A stored text.
struct Stored {
  std::string scope;
  std::string object;
  std::string title;
  std::string body;

  operator Text() const { return {scope, object, title, body}; }
};

// "t1" names a text with a title, "p1" one without.
class IndexTest : public ::testing::Test {
 protected:
  IndexTest() : db_(*sql::OpenSqlite({})) {
    EXPECT_THAT(sql::Migrate(*db_, {access::ProjectionSchema(),
                                    IndexSchema(),
                                    {.component = "texts",
                                     .migrations = {{"0001_init", kTexts}}}}),
                Succeeds());
  }

  void Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    EXPECT_THAT(db_->Write(body), Succeeds());
  }

  Stored Put(absl::string_view scope, absl::string_view object,
             absl::string_view title, absl::string_view body) {
    const Stored text = {std::string(scope), std::string(object),
                         std::string(title), std::string(body)};
    Write([&](sql::Tx& tx) -> absl::Status {
      RETURN_IF_ERROR(tx.Execute("INSERT INTO texts VALUES ($1, $2, $3, $4)",
                                 {scope, object, title, body})
                          .status());
      return Add(tx, text);
    });
    return text;
  }

  void Change(const Stored& before, absl::string_view body) {
    Stored after = before;
    after.body = std::string(body);
    Write([&](sql::Tx& tx) -> absl::Status {
      RETURN_IF_ERROR(tx.Execute("UPDATE texts SET body = $3 "
                                 "WHERE scope = $1 AND object = $2",
                                 {after.scope, after.object, after.body})
                          .status());
      return Replace(tx, before, after);
    });
  }

  // `visibility` as in praxis.events.v1: 1 is PUBLIC.
  void SetScope(absl::string_view scope, int visibility,
                absl::string_view reader = "") {
    Write([&](sql::Tx& tx) -> absl::Status {
      RETURN_IF_ERROR(
          tx.Execute("INSERT INTO access_scopes (scope, visibility) "
                     "VALUES ($1, $2)",
                     {scope, visibility})
              .status());
      if (reader.empty()) return absl::OkStatus();
      return tx
          .Execute(
              "INSERT INTO access_grants (scope, principal, role) "
              "VALUES ($1, $2, 1)",
              {scope, reader})
          .status();
    });
  }

  std::vector<Hit> Hits(absl::string_view query, const Where& where,
                        absl::string_view after = "", int limit = 100) {
    const absl::StatusOr<sql::TextQuery> parsed = sql::TextQuery::Parse(query);
    EXPECT_THAT(parsed, Succeeds());
    std::vector<Hit> hits;
    EXPECT_THAT(db_->Read([&](sql::Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(hits,
                       search::Find(reader, *parsed, where, after, limit));
      return absl::OkStatus();
    }),
                Succeeds());
    return hits;
  }

  static std::vector<std::string> ObjectsOf(const std::vector<Hit>& hits) {
    std::vector<std::string> objects;
    for (const Hit& hit : hits) objects.push_back(hit.object);
    return objects;
  }

  // The objects that a query finds, by default in the room "a".
  std::vector<std::string> Find(absl::string_view query,
                                const Where& where = {.scope = kRoom}) {
    return ObjectsOf(Hits(query, where));
  }

  // FTS5's own check that the index holds exactly what the view says.
  void CheckIndex() {
    Write([](sql::Tx& tx) {
      return tx
          .Execute(
              "INSERT INTO search_index (search_index, rank) "
              "VALUES ('integrity-check', 1)",
              {})
          .status();
    });
  }

  static constexpr char kRoom[] = "rooms/a";

  std::unique_ptr<sql::Database> db_;
};

TEST_F(IndexTest, FindsTextsThatHoldEveryWord) {
  Put(kRoom, "t1", "Daily stand-up", "How long is yours?");
  Put(kRoom, "p1", "", "Ten minutes, standing.");
  Put(kRoom, "p2", "", "Ours takes forty minutes");
  EXPECT_THAT(Find("minutes"), ElementsAre("p2", "p1"));
  EXPECT_THAT(Find("minutes TEN"), ElementsAre("p1"));
  EXPECT_THAT(Find("minutes eleven"), IsEmpty());
  EXPECT_THAT(Find("minut*"), ElementsAre("p2", "p1"));
  EXPECT_THAT(Find("minut"), IsEmpty());
  EXPECT_THAT(Find("\"forty minutes\""), ElementsAre("p2"));
  EXPECT_THAT(Find("\"minutes forty\""), IsEmpty());
  // One word in the title, one in the body: the text holds both.
  EXPECT_THAT(Find("long daily"), ElementsAre("t1"));
}

TEST_F(IndexTest, ComparesWordsWithoutCaseAndAccents) {
  Put(kRoom, "t1", "Caf\xc3\xa9 in Z\xc3\x9cRICH", "body");
  EXPECT_THAT(Find("cafe zurich"), ElementsAre("t1"));
  EXPECT_THAT(Find("CAF\xc3\x89"), ElementsAre("t1"));
}

TEST_F(IndexTest, PutsTitlesFirstAndThenTheNewest) {
  Put(kRoom, "t1", "Kanban for beginners", "Where to start?");
  Put(kRoom, "t2", "Boards", "Do you use kanban?");
  Put(kRoom, "p1", "", "kanban kanban kanban");
  Put(kRoom, "t3", "Kanban again", "And kanban in the body");
  Put(kRoom, "t4", "Nothing of it", "at all");
  EXPECT_THAT(Find("kanban"), ElementsAre("t3", "t1", "p1", "t2"));
}

TEST_F(IndexTest, GoesOnAfterEveryPlace) {
  for (int i = 0; i < 7; ++i) {
    Put(kRoom, absl::StrCat("t", i), i % 2 == 0 ? "word one" : "other",
        "the word is here");
  }
  const std::vector<std::string> all = Find("word");
  ASSERT_THAT(all, SizeIs(7));
  for (int limit = 1; limit <= 8; ++limit) {
    std::vector<std::string> paged;
    std::string after;
    for (size_t page = 0; page <= all.size(); ++page) {
      const auto hits = Hits("word", {.scope = kRoom}, after, limit);
      if (hits.empty()) break;
      for (const Hit& hit : hits) paged.push_back(hit.object);
      after = hits.back().place;
    }
    EXPECT_EQ(paged, all) << limit;
  }
}

TEST_F(IndexTest, GivesEachTextOnceWhateverIsWrittenInBetween) {
  Put(kRoom, "t1", "word", "old title");
  Put(kRoom, "t2", "text", "word");
  const Stored text = Put(kRoom, "p1", "", "word");
  Put(kRoom, "p2", "", "word");

  auto hits = Hits("word", {.scope = kRoom}, "", 2);
  EXPECT_THAT(ObjectsOf(hits), ElementsAre("t1", "p2"));
  Put(kRoom, "t3", "word", "newer title");
  Put(kRoom, "p3", "", "word");
  Change(text, "word word, edited");
  hits = Hits("word", {.scope = kRoom}, hits.back().place, 100);
  EXPECT_THAT(ObjectsOf(hits), ElementsAre("p1", "t2"));
}

TEST_F(IndexTest, LooksInOneScopeOnly) {
  // Names that a tokenizer might take for parts of each other.
  const std::vector<std::string> scopes = {"rooms/a", "rooms/a-b",
                                           "rooms/a-b-c", "rooms/b"};
  for (const std::string& scope : scopes) {
    Put(scope, absl::StrCat("in ", scope), "word", "body");
  }
  for (const std::string& scope : scopes) {
    EXPECT_THAT(Find("word", {.scope = scope}),
                ElementsAre(absl::StrCat("in ", scope)));
  }
  EXPECT_THAT(Find("word", {.scope = "rooms/c"}), IsEmpty());
  // The scope's own word is out of reach of a query.
  EXPECT_THAT(Find(absl::BytesToHexString("rooms/a")), IsEmpty());
}

TEST_F(IndexTest, LooksWhereThePrincipalMayRead) {
  SetScope("public", 1);
  SetScope("private", 2, "members/ada");
  SetScope("hidden", 3, "members/bob");
  for (const char* scope : {"public", "private", "hidden", "absent"}) {
    Put(scope, scope, "word", "body");
  }
  EXPECT_THAT(Find("word", {}), ElementsAre("public"));
  EXPECT_THAT(Find("word", {.principal = "members/eve"}),
              ElementsAre("public"));
  EXPECT_THAT(Find("word", {.principal = "members/ada"}),
              ElementsAre("private", "public"));
  EXPECT_THAT(Find("word", {.principal = "members/bob"}),
              ElementsAre("hidden", "public"));
}

TEST_F(IndexTest, FindsNothingForWhoMayReadNothing) {
  SetScope("private", 2, "members/ada");
  Put("private", "t1", "word", "word");
  EXPECT_THAT(Find("word", {}), IsEmpty());
  EXPECT_THAT(Find("word", {.principal = "members/eve"}), IsEmpty());
}

TEST_F(IndexTest, LooksWhereThePrincipalMayReadAlsoWhenThatIsMuch) {
  std::vector<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    const std::string scope = absl::StrCat("rooms/", i);
    SetScope(scope, 1 + i % 2, i % 4 == 1 ? "members/ada" : "");
    Put(scope, scope, "word", "body");
    if (i % 2 == 0 || i % 4 == 1) expected.insert(expected.begin(), scope);
  }
  EXPECT_EQ(Find("word", {.principal = "members/ada"}), expected);
}

TEST_F(IndexTest, FollowsAnEdit) {
  Put(kRoom, "t1", "Question", "body");
  const Stored text = Put(kRoom, "p1", "", "before the edit");
  Change(text, "after the change");
  EXPECT_THAT(Find("before"), IsEmpty());
  EXPECT_THAT(Find("edit"), IsEmpty());
  EXPECT_THAT(Find("after the change"), ElementsAre("p1"));
  CheckIndex();
}

TEST_F(IndexTest, KeepsItsIndexTrueToTheTables) {
  Put(kRoom, "t1", "\"quoted\" caf\xc3\xa9 <b>", "Body\nwith\tlines");
  std::vector<Stored> texts;
  for (int i = 0; i < 20; ++i) {
    texts.push_back(Put(kRoom, absl::StrCat("p", i), "",
                        absl::StrCat("text ", i, " \xf0\x9f\x8e\x89")));
  }
  for (size_t i = 0; i < texts.size(); i += 3) {
    Change(texts[i], absl::StrCat("edited ", i, " ", std::string(5000, 'x')));
  }
  CheckIndex();
}

TEST_F(IndexTest, ShowsTheWordsAroundTheMatchOnOneLine) {
  std::vector<std::string> words;
  for (int i = 0; i < 200; ++i) words.push_back(absl::StrCat("word", i));
  const std::string long_body = absl::StrJoin(words, "\n\n");
  Put(kRoom, "t1", "A needle in the title", long_body);
  Put(kRoom, "t2", "Other", "One <b>needle</b>\n\n* in   a list");
  Put(kRoom, "p1", "", long_body);

  const auto needles = Hits("needle", {.scope = kRoom});
  ASSERT_THAT(ObjectsOf(needles), ElementsAre("t1", "t2"));
  EXPECT_EQ(needles[0].snippet, "A needle in the title");
  EXPECT_EQ(needles[1].snippet, "One <b>needle</b> * in a list");

  const auto middle = Hits("word100", {.scope = kRoom});
  ASSERT_THAT(ObjectsOf(middle), ElementsAre("p1", "t1"));
  for (const Hit& hit : middle) {
    EXPECT_THAT(hit.snippet, ::testing::HasSubstr("word99 word100 word101"));
    EXPECT_THAT(hit.snippet, ::testing::StartsWith(kEllipsis));
    EXPECT_THAT(hit.snippet, ::testing::EndsWith(kEllipsis));
    EXPECT_THAT(hit.snippet, Not(::testing::HasSubstr("word20 ")));
  }
}

TEST_F(IndexTest, BoundsTheSnippetAndCutsNoCharacter) {
  std::string word;
  for (int i = 0; i < 1000; ++i) word += "\xc3\xa9";
  Put(kRoom, "t1", "Title", "x" + word + " needle");
  const auto hits = Hits("needle", {.scope = kRoom});
  ASSERT_THAT(hits, SizeIs(1));
  // 400 bytes, of which the last would have been half a character.
  EXPECT_EQ(hits[0].snippet, ("x" + word).substr(0, 399));
}

}  // namespace
}  // namespace praxis::search
