// What the driver costs beside libpq used directly: reading a post and a page
// of fifty, and posting (the post, its thread's counter, its event) from 1 to
// 64 threads, beside a bare loop of the same transaction on as many
// connections. It wants a cluster whose fsync is on:
//   FSYNC=on tests/tools/postgres run DIR build/release/bin/common_sql_bench
#include <libpq-fe.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "services/common/sql/postgres.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/posts.h"

namespace praxis::sql {
namespace {

using testing::Body;
using testing::kInsertEvent;
using testing::kInsertPost;
using testing::kPage;
using testing::kPoint;
using testing::kPostsPerThread;
using testing::kThreads;
using testing::kTime;
using testing::NextPost;
using testing::PostId;
using testing::Require;
using testing::ThreadName;

constexpr char kTables[] = R"(
  CREATE TABLE threads (id TEXT PRIMARY KEY, post_count BIGINT NOT NULL);
  CREATE TABLE posts (
    thread TEXT NOT NULL, id TEXT NOT NULL, author TEXT NOT NULL,
    body TEXT NOT NULL, time BIGINT NOT NULL, PRIMARY KEY (thread, id)
  );
  CREATE TABLE events (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, time BIGINT NOT NULL,
    type TEXT NOT NULL, name TEXT NOT NULL, body BYTEA NOT NULL
  );
)";
constexpr char kCount[] =
    "UPDATE threads SET post_count = post_count + 1 WHERE id = $1";

absl::Status WritePost(Tx& tx, int64_t i) {
  const std::string thread = ThreadName(i);
  const std::string id = PostId(i);
  RETURN_IF_ERROR(
      tx.Execute(kInsertPost, {thread, id, "members/ada", Body(), kTime})
          .status());
  RETURN_IF_ERROR(tx.Execute(kCount, {thread}).status());
  return tx
      .Execute(kInsertEvent,
               {kTime, "post.created", absl::StrCat(thread, "/posts/", id),
                Param::Blob(Body())})
      .status();
}

// Shared by the threads of one benchmark.
struct Shared {
  Shared() : conninfo(testing::TestPostgres()) {
    if (conninfo.empty()) std::abort();
    db = *OpenPostgres({.conninfo = conninfo, .connections = 64});
    Require(db->Script(kTables));
    Require(db->Script(absl::StrCat(
        "INSERT INTO threads SELECT 'communities/lean/threads/' || i, 0"
        " FROM generate_series(0, ",
        kThreads - 1,
        ") i;"
        "INSERT INTO posts SELECT 'communities/lean/threads/' || (i % ",
        kThreads, "), '01h' || (10000000 + i), 'members/ada', '", Body(), "', ",
        kTime, " FROM generate_series(0, ", kThreads * kPostsPerThread - 1,
        ") i;")));
    Require(db->Script("ANALYZE threads; ANALYZE posts;"));
  }

  const std::string conninfo;
  std::unique_ptr<Database> db;
};
std::unique_ptr<Shared> shared;
void SetUp(const benchmark::State&) { shared = std::make_unique<Shared>(); }
void TearDown(const benchmark::State&) { shared.reset(); }

void PostgresPointRead(benchmark::State& state) {
  int64_t i = 0;
  for (auto _ : state) {
    const std::string thread = ThreadName(i);
    const std::string id = PostId(i);
    i = (i + 7) % (kThreads * kPostsPerThread);
    size_t bytes = 0;
    Require(shared->db->Read([&](Reader& reader) {
      return reader.Query(kPoint, {thread, id}, [&](const Row& row) {
        bytes += row.Text(0).size();
        return absl::OkStatus();
      });
    }));
    if (bytes != Body().size()) std::abort();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(PostgresPointRead)
    ->Setup(SetUp)
    ->Teardown(TearDown)
    ->Threads(1)
    ->Threads(4)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

void PostgresPageOf50(benchmark::State& state) {
  int64_t i = 0;
  for (auto _ : state) {
    const std::string thread = ThreadName(i++);
    size_t bytes = 0;
    Require(shared->db->Read([&](Reader& reader) {
      return reader.Query(kPage, {thread}, [&](const Row& row) {
        bytes += row.Text(2).size() + row.Int(3) % 2;
        return absl::OkStatus();
      });
    }));
    if (bytes != 50 * Body().size()) std::abort();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(PostgresPageOf50)
    ->Setup(SetUp)
    ->Teardown(TearDown)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

void PostgresPost(benchmark::State& state) {
  for (auto _ : state) {
    const int64_t i = NextPost();
    Require(shared->db->Write([&](Tx& tx) { return WritePost(tx, i); }));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(PostgresPost)
    ->Setup(SetUp)
    ->Teardown(TearDown)
    ->Threads(1)
    ->Threads(16)
    ->Threads(64)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

// libpq as it comes, used directly, one statement a round trip.
class BarePostgres {
 public:
  explicit BarePostgres(const std::string& conninfo)
      : connection_(PQconnectdb(conninfo.c_str())) {
    Prepare("point", kPoint);
    Prepare("post", kInsertPost);
    Prepare("count", kCount);
    Prepare("event", kInsertEvent);
  }
  ~BarePostgres() { PQfinish(connection_); }

  void Run(const char* sql) { Keep(PQexec(connection_, sql)); }
  // The bytes of the first value.
  int Execute(const char* name, const std::vector<const char*>& values) {
    return Keep(PQexecPrepared(connection_, name,
                               static_cast<int>(values.size()), values.data(),
                               nullptr, nullptr, 0));
  }

 private:
  void Prepare(const char* name, const char* sql) {
    Keep(PQprepare(connection_, name, sql, 0, nullptr));
  }
  static int Keep(PGresult* result) {
    const ExecStatusType state = PQresultStatus(result);
    if (state != PGRES_COMMAND_OK && state != PGRES_TUPLES_OK) std::abort();
    const int bytes = PQntuples(result) > 0 ? PQgetlength(result, 0, 0) : 0;
    PQclear(result);
    return bytes;
  }

  PGconn* const connection_;
};

void BarePostgresPointRead(benchmark::State& state) {
  BarePostgres bare(shared->conninfo);
  int64_t i = 0;
  for (auto _ : state) {
    const std::string thread = ThreadName(i);
    const std::string id = PostId(i);
    i = (i + 7) % (kThreads * kPostsPerThread);
    if (bare.Execute("point", {thread.c_str(), id.c_str()}) != 400) {
      std::abort();
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BarePostgresPointRead)
    ->Setup(SetUp)
    ->Teardown(TearDown)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

void BarePostgresPost(benchmark::State& state) {
  BarePostgres bare(shared->conninfo);
  const std::string time = absl::StrCat(kTime);
  for (auto _ : state) {
    const int64_t i = NextPost();
    const std::string thread = ThreadName(i);
    const std::string id = PostId(i);
    const std::string name = absl::StrCat(thread, "/posts/", id);
    bare.Run("BEGIN");
    bare.Execute("post", {thread.c_str(), id.c_str(), "members/ada",
                          Body().c_str(), time.c_str()});
    bare.Execute("count", {thread.c_str()});
    bare.Execute("event",
                 {time.c_str(), "post.created", name.c_str(), Body().c_str()});
    bare.Run("COMMIT");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BarePostgresPost)
    ->Setup(SetUp)
    ->Teardown(TearDown)
    ->Threads(1)
    ->Threads(16)
    ->Threads(64)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace praxis::sql
