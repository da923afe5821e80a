#include "services/common/search/index.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/access/projection.h"
#include "services/common/sql/migrate.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/matchers.h"

namespace praxis::search {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A service with one table of texts.
constexpr char kTexts[] = R"(
CREATE TABLE texts (scope TEXT, object TEXT, title TEXT, body TEXT);
-- sqlite
CREATE VIEW search_texts AS
SELECT number, hex(entry.scope) AS scope, title, body
FROM search_entries entry JOIN texts
  ON texts.scope = entry.scope AND texts.object = entry.object;
-- end
-- postgres
CREATE FUNCTION search_texts(scope TEXT, object TEXT)
RETURNS TABLE (title TEXT, body TEXT) LANGUAGE SQL STABLE AS $$
  SELECT texts.title, texts.body FROM texts
  WHERE texts.scope = $1 AND texts.object = $2
$$;
-- end
)";

// A stored text.
struct Stored {
  std::string scope;
  std::string object;
  std::string title;
  std::string body;

  operator Text() const { return {scope, object, title, body}; }
};

// Objects are named in the order in which they are put: "1t" is a text with a
// title, "2p" one without.
class IndexTest : public ::testing::Test {
 protected:
  IndexTest() : db_(*praxis::testing::OpenTestDatabase()) {
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

  absl::StatusOr<sql::Slice<Hit>> Page(absl::string_view query,
                                       const Where& where,
                                       absl::string_view after, int size) {
    const absl::StatusOr<sql::TextQuery> parsed = sql::TextQuery::Parse(query);
    EXPECT_THAT(parsed, Succeeds()) << query;
    sql::Slice<Hit> hits;
    RETURN_IF_ERROR(db_->Read([&](sql::Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(hits, search::Find(reader, *parsed, where, after, size));
      return absl::OkStatus();
    }));
    return hits;
  }

  std::vector<Hit> Hits(absl::string_view query, const Where& where,
                        absl::string_view after = "", int size = 100) {
    const auto page = Page(query, where, after, size);
    EXPECT_THAT(page, Succeeds());
    return page->items;
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
    if (db_->dialect() != sql::Dialect::kSqlite) return;
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
  Put(kRoom, "1t", "Daily stand-up", "How long is yours?");
  Put(kRoom, "2p", "", "Ten minutes, standing.");
  Put(kRoom, "3p", "", "Ours takes forty minutes");
  EXPECT_THAT(Find("minutes"), ElementsAre("3p", "2p"));
  EXPECT_THAT(Find("minutes TEN"), ElementsAre("2p"));
  EXPECT_THAT(Find("minutes eleven"), IsEmpty());
  EXPECT_THAT(Find("minut*"), ElementsAre("3p", "2p"));
  EXPECT_THAT(Find("minut"), IsEmpty());
  EXPECT_THAT(Find("\"forty minutes\""), ElementsAre("3p"));
  EXPECT_THAT(Find("\"minutes forty\""), IsEmpty());
  EXPECT_THAT(Find("\"takes forty min\"*"), ElementsAre("3p"));
  EXPECT_THAT(Find("stand-up"), ElementsAre("1t"));
  EXPECT_THAT(Find("up-stand"), IsEmpty());
  // One word in the title, one in the body: the text holds both.
  EXPECT_THAT(Find("long daily"), ElementsAre("1t"));
  // But a phrase is in one of them.
  EXPECT_THAT(Find("\"up how\""), IsEmpty());
  // Where there is no word, nothing is found, nor does it confine the others.
  EXPECT_THAT(Find("\xe2\x80\xa6"), IsEmpty());
  EXPECT_THAT(Find("\xe2\x80\xa6 forty"), ElementsAre("3p"));
}

TEST_F(IndexTest, ComparesWordsWithoutCaseAndAccents) {
  Put(kRoom, "1t", "Caf\xc3\xa9 in Z\xc3\x9cRICH", "body");
  EXPECT_THAT(Find("cafe zurich"), ElementsAre("1t"));
  EXPECT_THAT(Find("CAF\xc3\x89"), ElementsAre("1t"));
}

TEST_F(IndexTest, PutsTitlesFirstAndThenTheNewest) {
  Put(kRoom, "1t", "Kanban for beginners", "Where to start?");
  Put(kRoom, "2t", "Boards", "Do you use kanban?");
  Put(kRoom, "3p", "", "kanban kanban kanban");
  Put(kRoom, "4t", "Kanban again", "And kanban in the body");
  Put(kRoom, "5t", "Nothing of it", "at all");
  EXPECT_THAT(Find("kanban"), ElementsAre("4t", "1t", "3p", "2t"));
}

TEST_F(IndexTest, GoesOnAfterEveryPlace) {
  for (int i = 0; i < 7; ++i) {
    Put(kRoom, absl::StrCat(i, "t"), i % 2 == 0 ? "word one" : "other",
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

TEST_F(IndexTest, TellsWhetherThereAreMore) {
  Put(kRoom, "1t", "word", "title");
  Put(kRoom, "2p", "", "word");
  for (const auto& [size, more] : {std::pair(1, true), {2, false}}) {
    const auto page = Page("word", {.scope = kRoom}, "", size);
    ASSERT_THAT(page, Succeeds());
    EXPECT_THAT(page->items, SizeIs(size));
    EXPECT_EQ(page->more, more) << size;
  }
}

// Of 300 KiB each, four reach the bound.
TEST_F(IndexTest, EndsAPageThatHasReadTextsEnough) {
  std::vector<std::string> all;
  for (int i = 0; i < 10; ++i) {
    all.insert(all.begin(), absl::StrCat(i));
    Put(kRoom, all.front(), "", "word " + std::string(300 << 10, 'x'));
  }
  std::vector<std::string> paged;
  std::vector<size_t> sizes;
  std::string after;
  for (bool more = true; more && sizes.size() < all.size();) {
    const auto page = Page("word", {.scope = kRoom}, after, 100);
    ASSERT_THAT(page, Succeeds());
    sizes.push_back(page->items.size());
    for (const Hit& hit : page->items) paged.push_back(hit.object);
    after = page->items.back().place;
    more = page->more;
  }
  EXPECT_EQ(paged, all);
  EXPECT_THAT(sizes, ElementsAre(4, 4, 2));
}

// What only the tokenizer knows to be punctuation or an accent.
TEST_F(IndexTest, BoundsTheWordsAndPrefixesThatTheTokenizerFinds) {
  const auto joined = [](int words, absl::string_view by) {
    return absl::StrJoin(std::vector<std::string>(words, "a"), by);
  };
  for (const char* dot : {"\u2014", "\u00b7"}) {
    EXPECT_THAT(Page(joined(16, dot), {.scope = kRoom}, "", 10), Succeeds());
    EXPECT_THAT(Page(joined(17, dot), {.scope = kRoom}, "", 10),
                FailsWith(Reason::QUERY_INVALID));
    // Over all phrases.
    EXPECT_THAT(Page(absl::StrCat(joined(9, dot), " \"", joined(8, dot), "\""),
                     {.scope = kRoom}, "", 10),
                FailsWith(Reason::QUERY_INVALID));
  }
  for (const char* query : {"\u1ebf*", "x\u2014a*", "\"abc\u2014ab\"*"}) {
    EXPECT_THAT(Page(query, {.scope = kRoom}, "", 10),
                FailsWith(Reason::QUERY_INVALID))
        << query;
  }
  for (const char* query :
       {"\u770b*", "\u043f\u0440*", "x\u2014abc*", "caf\u00e9*", "\u2026*"}) {
    EXPECT_THAT(Page(query, {.scope = kRoom}, "", 10), Succeeds()) << query;
  }
}

TEST_F(IndexTest, GivesEachTextOnceWhateverIsWrittenInBetween) {
  Put(kRoom, "1t", "word", "old title");
  Put(kRoom, "2t", "text", "word");
  const Stored text = Put(kRoom, "3p", "", "word");
  Put(kRoom, "4p", "", "word");

  auto hits = Hits("word", {.scope = kRoom}, "", 2);
  EXPECT_THAT(ObjectsOf(hits), ElementsAre("1t", "4p"));
  Put(kRoom, "5t", "word", "newer title");
  Put(kRoom, "6p", "", "word");
  Change(text, "word word, edited");
  hits = Hits("word", {.scope = kRoom}, hits.back().place, 100);
  EXPECT_THAT(ObjectsOf(hits), ElementsAre("3p", "2t"));
}

TEST_F(IndexTest, LooksInOneScopeOnly) {
  // Names that a tokenizer might take for parts of each other.
  const std::vector<std::string> scopes = {"rooms/a", "rooms/a-b",
                                           "rooms/a-b-c", "rooms/b"};
  for (const std::string& scope : scopes) {
    Put(scope, absl::StrCat("in:", scope), "word", "body");
  }
  for (const std::string& scope : scopes) {
    EXPECT_THAT(Find("word", {.scope = scope}),
                ElementsAre(absl::StrCat("in:", scope)));
  }
  EXPECT_THAT(Find("word", {.scope = "rooms/c"}), IsEmpty());
  // The scope's own word is out of reach of a query.
  EXPECT_THAT(Find(absl::BytesToHexString("rooms/a")), IsEmpty());
}

TEST_F(IndexTest, LooksWhereThePrincipalMayRead) {
  SetScope("public", 1);
  SetScope("private", 2, "members/ada");
  SetScope("hidden", 3, "members/bob");
  Put("public", "1t", "word", "body");
  Put("private", "2t", "word", "body");
  Put("hidden", "3t", "word", "body");
  Put("absent", "4t", "word", "body");
  EXPECT_THAT(Find("word", {}), ElementsAre("1t"));
  EXPECT_THAT(Find("word", {.principal = "members/eve"}), ElementsAre("1t"));
  EXPECT_THAT(Find("word", {.principal = "members/ada"}),
              ElementsAre("2t", "1t"));
  EXPECT_THAT(Find("word", {.principal = "members/bob"}),
              ElementsAre("3t", "1t"));
}

TEST_F(IndexTest, FindsNothingForWhoMayReadNothing) {
  SetScope("private", 2, "members/ada");
  Put("private", "1t", "word", "word");
  EXPECT_THAT(Find("word", {}), IsEmpty());
  EXPECT_THAT(Find("word", {.principal = "members/eve"}), IsEmpty());
}

TEST_F(IndexTest, LooksWhereThePrincipalMayReadAlsoWhenThatIsMuch) {
  std::vector<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    const std::string scope = absl::StrCat("rooms/", i);
    SetScope(scope, 1 + i % 2, i % 4 == 1 ? "members/ada" : "");
    const std::string object = absl::StrCat(100 + i);
    Put(scope, object, "word", "body");
    if (i % 2 == 0 || i % 4 == 1) expected.insert(expected.begin(), object);
  }
  EXPECT_EQ(Find("word", {.principal = "members/ada"}), expected);
}

TEST_F(IndexTest, FollowsAnEdit) {
  Put(kRoom, "1t", "Question", "body");
  const Stored text = Put(kRoom, "2p", "", "before the edit");
  Change(text, "after the change");
  EXPECT_THAT(Find("before"), IsEmpty());
  EXPECT_THAT(Find("edit"), IsEmpty());
  EXPECT_THAT(Find("after the change"), ElementsAre("2p"));
  CheckIndex();
}

TEST_F(IndexTest, RefusesAnEditOfWhatIsNotThere) {
  const Stored text = {kRoom, "1t", "Question", "body"};
  EXPECT_THAT(db_->Write([&](sql::Tx& tx) { return Replace(tx, text, text); }),
              FailsWith(Reason::RESOURCE_NOT_FOUND));
}

// More texts than are looked through before the words are looked up, of which
// the few that are found lie far behind them.
class CrowdedIndexTest : public IndexTest {
 protected:
  CrowdedIndexTest() {
    for (const char* scope : {"rooms/a", "rooms/b", "rooms/c"}) {
      SetScope(scope, 2, "members/ada");
    }
    SetScope("rooms/d", 2);
    Write([&](sql::Tx& tx) -> absl::Status {
      for (int i = 0; i < 4000; ++i) RETURN_IF_ERROR(AddText(tx, i));
      return absl::OkStatus();
    });
  }

  // The first 2,000 in four rooms in turn, the others all in "d". All texts
  // there hold "shared"; elsewhere 15 old ones do.
  static absl::Status AddText(sql::Tx& tx, int i) {
    const char room = i < 2000 ? "abcd"[i % 4] : 'd';
    const std::string scope = absl::StrCat("rooms/", std::string(1, room));
    const std::string object = absl::StrCat(10000 + i);
    const std::string body =
        absl::StrCat("filler", i < 20 || i == 3900 ? " rare" : "",
                     i < 20 || room == 'd' ? " shared" : "");
    RETURN_IF_ERROR(tx.Execute("INSERT INTO texts VALUES ($1, $2, '', $3)",
                               {scope, object, body})
                        .status());
    return Add(tx, {scope, object, "", body});
  }

  // All that a query finds, by pages of five.
  std::vector<std::string> Paged(absl::string_view query, const Where& where) {
    std::vector<std::string> objects;
    std::string after;
    for (int page = 0; page < 10; ++page) {
      const auto hits = Hits(query, where, after, 5);
      for (const Hit& hit : hits) objects.push_back(hit.object);
      if (hits.size() < 5) break;
      after = hits.back().place;
    }
    return objects;
  }
};

TEST_F(CrowdedIndexTest, FindsWhatIsOldInOneScope) {
  const std::vector<std::string> rare = {"13900", "10019", "10015",
                                         "10011", "10007", "10003"};
  EXPECT_EQ(Find("rare", {.scope = "rooms/d"}), rare);
  EXPECT_EQ(Paged("rare", {.scope = "rooms/d"}), rare);
}

TEST_F(CrowdedIndexTest, FindsWhatIsOldInAFewScopes) {
  std::vector<std::string> old;
  for (int i = 19; i >= 0; --i) {
    if (i % 4 != 3) old.push_back(absl::StrCat(10000 + i));
  }
  for (const char* query : {"rare", "shared", "shared filler"}) {
    EXPECT_EQ(Find(query, {.principal = "members/ada"}), old) << query;
    EXPECT_EQ(Paged(query, {.principal = "members/ada"}), old) << query;
  }
}

TEST_F(CrowdedIndexTest, FindsWhatIsOldAmongWhatMayBeRead) {
  // So many that they are not named.
  for (int i = 0; i < 40; ++i) SetScope(absl::StrCat("rooms/public", i), 1);
  std::vector<std::string> old;
  for (int i = 19; i >= 0; --i) {
    if (i % 4 != 3) old.push_back(absl::StrCat(10000 + i));
  }
  for (const char* query : {"rare", "shared"}) {
    EXPECT_EQ(Find(query, {.principal = "members/ada"}), old) << query;
    EXPECT_EQ(Paged(query, {.principal = "members/ada"}), old) << query;
  }
  EXPECT_THAT(Find("shared", {.principal = "members/eve"}), IsEmpty());
}

TEST_F(IndexTest, KeepsItsIndexTrueToTheTables) {
  Put(kRoom, "1t", "\"quoted\" caf\xc3\xa9 <b>", "Body\nwith\tlines");
  std::vector<Stored> texts;
  for (int i = 0; i < 20; ++i) {
    texts.push_back(Put(kRoom, absl::StrCat(100 + i), "",
                        absl::StrCat("text ", i, " \xf0\x9f\x8e\x89")));
  }
  for (size_t i = 0; i < texts.size(); i += 3) {
    Change(texts[i], absl::StrCat("edited ", i, " ", std::string(5000, 'x')));
  }
  CheckIndex();
}

TEST_F(IndexTest, ShowsTheWordsAroundTheMatchInTitleOrBody) {
  std::vector<std::string> words;
  for (int i = 0; i < 200; ++i) words.push_back(absl::StrCat("word", i));
  const std::string long_body = absl::StrJoin(words, "\n\n");
  Put(kRoom, "1t", "A needle in the title", long_body);
  Put(kRoom, "2t", "Other", "One <b>needle</b>\n\n* in   a list");
  Put(kRoom, "3p", "", long_body);

  const auto needles = Hits("needle", {.scope = kRoom});
  ASSERT_THAT(ObjectsOf(needles), ElementsAre("1t", "2t"));
  EXPECT_EQ(needles[0].snippet, "A needle in the title");
  EXPECT_EQ(needles[1].snippet, "One <b>needle</b> * in a list");

  const auto middle = Hits("word100", {.scope = kRoom});
  ASSERT_THAT(ObjectsOf(middle), ElementsAre("3p", "1t"));
  for (const Hit& hit : middle) {
    EXPECT_THAT(hit.snippet, HasSubstr("word99 word100 word101"));
  }
}

// More than are read at once.
TEST_F(IndexTest, ShowsToEachHitItsOwnWords) {
  for (int i = 0; i < 40; ++i) {
    Put(kRoom, absl::StrCat(100 + i), "", absl::StrCat("word number", i));
  }
  const auto hits = Hits("word", {.scope = kRoom});
  ASSERT_THAT(hits, SizeIs(40));
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(hits[i].object, absl::StrCat(139 - i));
    EXPECT_EQ(hits[i].snippet, absl::StrCat("word number", 39 - i));
  }
}

}  // namespace
}  // namespace praxis::search
