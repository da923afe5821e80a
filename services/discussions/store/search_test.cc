// How threads and posts are indexed; common/search tests the searching.
#include "services/discussions/store/search.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/access/projection.h"
#include "services/common/search/index.h"
#include "services/common/sql/migrate.h"
#include "services/common/sql/text_query.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/matchers.h"
#include "services/discussions/schema/schema.h"
#include "services/discussions/store/posts.h"
#include "services/discussions/store/threads.h"

namespace praxis::discussions::store {
namespace {

using ::praxis::testing::Succeeds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SearchTest : public ::testing::Test {
 protected:
  SearchTest() : db_(*praxis::testing::OpenTestDatabase()) {
    EXPECT_THAT(
        sql::Migrate(*db_, {access::ProjectionSchema(), search::IndexSchema(),
                            DiscussionsSchema()}),
        Succeeds());
  }

  void Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    EXPECT_THAT(db_->Write(body), Succeeds());
  }

  void AddThread(absl::string_view community, absl::string_view id,
                 absl::string_view title, absl::string_view body) {
    Thread thread;
    thread.key = {std::string(community), std::string(id)};
    thread.title = std::string(title);
    thread.body = std::string(body);
    Write([&](sql::Tx& tx) -> absl::Status {
      RETURN_IF_ERROR(InsertThread(tx, thread));
      return IndexThread(tx, thread);
    });
  }

  Post AddPost(absl::string_view community, absl::string_view thread,
               absl::string_view id, absl::string_view body) {
    Post post;
    post.key = {{std::string(community), std::string(thread)}, std::string(id)};
    post.body = std::string(body);
    Write([&](sql::Tx& tx) -> absl::Status {
      RETURN_IF_ERROR(InsertPost(tx, post));
      return IndexPost(tx, post);
    });
    return post;
  }

  // "lean t1: snippet" of a thread, "lean t1/p1: snippet" of a post.
  std::vector<std::string> Find(absl::string_view query) {
    std::vector<std::string> found;
    EXPECT_THAT(db_->Read([&](sql::Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(const sql::TextQuery parsed,
                       sql::TextQuery::Parse(query));
      ASSIGN_OR_RETURN(const sql::Slice<SearchHit> hits,
                       Search(reader, parsed, {.scope = "communities/lean"},
                              /*after=*/"", /*size=*/100));
      for (const SearchHit& hit : hits.items) {
        found.push_back(absl::StrCat(
            hit.thread.key.community, " ", hit.thread.key.id,
            hit.post.empty() ? "" : "/", hit.post, ": ", hit.snippet));
      }
      return absl::OkStatus();
    }),
                Succeeds());
    return found;
  }

  // FTS5's own check that the index holds exactly what the tables say.
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

  std::unique_ptr<sql::Database> db_;
};

TEST_F(SearchTest, FindsThreadsByTitleAndBodyAndPostsByTheirs) {
  AddThread("lean", "t1", "A zebra", "and a giraffe");
  AddPost("lean", "t1", "p1", "The zebra again");
  AddPost("lean", "t1", "p2", "Nothing");
  AddThread("six", "t1", "A zebra", "elsewhere");
  EXPECT_THAT(Find("zebra"),
              ElementsAre("lean t1: A zebra", "lean t1/p1: The zebra again"));
  EXPECT_THAT(Find("giraffe"), ElementsAre("lean t1: and a giraffe"));
  CheckIndex();
}

TEST_F(SearchTest, FollowsAnEdit) {
  AddThread("lean", "t1", "A question", "with a body");
  Post post = AddPost("lean", "t1", "p1", "zebra");
  const std::string old_body = post.body;
  Edit(post, "giraffe", absl::UnixEpoch());
  Write([&](sql::Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(UpdatePost(tx, post));
    return ReindexPost(tx, post, old_body);
  });
  EXPECT_THAT(Find("zebra"), IsEmpty());
  EXPECT_THAT(Find("giraffe"), ElementsAre("lean t1/p1: giraffe"));
  CheckIndex();
}

}  // namespace
}  // namespace praxis::discussions::store
