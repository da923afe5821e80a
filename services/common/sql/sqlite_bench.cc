// What the driver costs beside SQLite used directly: reading a post and a page
// of fifty, and writing a post with its event to disk for 1 to 128 callers,
// beside a bare loop that commits as many of the same rows at once.
#include <sqlite3.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "services/common/sql/sqlite.h"
#include "services/common/status/status.h"
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
  CREATE TABLE posts (
    thread TEXT NOT NULL, id TEXT NOT NULL, author TEXT NOT NULL,
    body TEXT NOT NULL, time BIGINT NOT NULL, PRIMARY KEY (thread, id)
  ) WITHOUT ROWID;
  CREATE TABLE events (
    number INTEGER PRIMARY KEY, time BIGINT NOT NULL, type TEXT NOT NULL,
    name TEXT NOT NULL, body BYTEA NOT NULL
  );
)";

// On the disk of the temporary folder, deleted in the end.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / "bench-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file() const { return path_ + "/a.db"; }

 private:
  std::string path_;
};

absl::Status WritePost(Tx& tx, int64_t i) {
  const std::string thread = ThreadName(i);
  const std::string id = PostId(i);
  RETURN_IF_ERROR(
      tx.Execute(kInsertPost, {thread, id, "members/ada", Body(), kTime})
          .status());
  return tx
      .Execute(kInsertEvent,
               {kTime, "post.created", absl::StrCat(thread, "/posts/", id),
                Param::Blob(Body())})
      .status();
}

std::unique_ptr<Database> OpenFilled(const std::string& path) {
  std::unique_ptr<Database> db = *OpenSqlite({.path = path});
  Require(db->Script(kTables));
  Require(db->Write([](Tx& tx) -> absl::Status {
    for (int i = 0; i < kThreads * kPostsPerThread; ++i) {
      RETURN_IF_ERROR(WritePost(tx, i));
    }
    return absl::OkStatus();
  }));
  return db;
}

// Shared by the threads of one benchmark.
struct Shared {
  Folder folder;
  std::unique_ptr<Database> db = OpenFilled(folder.file());
};
std::unique_ptr<Shared> shared;
void SetUp(const benchmark::State&) { shared = std::make_unique<Shared>(); }
void TearDown(const benchmark::State&) { shared.reset(); }

void PointRead(benchmark::State& state) {
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
BENCHMARK(PointRead)
    ->Setup(SetUp)
    ->Teardown(TearDown)
    ->UseRealTime()
    ->MeasureProcessCPUTime();
BENCHMARK(PointRead)
    ->Setup(SetUp)
    ->Teardown(TearDown)
    ->Threads(4)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

void PageOf50(benchmark::State& state) {
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
BENCHMARK(PageOf50)
    ->Setup(SetUp)
    ->Teardown(TearDown)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

void GroupCommit(benchmark::State& state) {
  for (auto _ : state) {
    const int64_t i = NextPost();
    Require(shared->db->Write([&](Tx& tx) { return WritePost(tx, i); }));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(GroupCommit)
    ->Setup(SetUp)
    ->Teardown(TearDown)
    ->Threads(1)
    ->Threads(8)
    ->Threads(16)
    ->Threads(32)
    ->Threads(64)
    ->Threads(128)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

// SQLite as it comes, used directly on one thread.
class Bare {
 public:
  explicit Bare(const std::string& path) {
    { const std::unique_ptr<Database> filled = OpenFilled(path); }
    sqlite3_open_v2(path.c_str(), &db_,
                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    Run("PRAGMA synchronous = FULL");
  }
  ~Bare() { sqlite3_close_v2(db_); }

  void Run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      std::abort();
    }
  }
  sqlite3_stmt* Prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
                       nullptr);
    return statement;
  }

 private:
  sqlite3* db_ = nullptr;
};

void BindText(sqlite3_stmt* statement, int slot, const std::string& text) {
  sqlite3_bind_text(statement, slot, text.data(), text.size(), SQLITE_STATIC);
}

void BarePointRead(benchmark::State& state) {
  Folder folder;
  Bare bare(folder.file());
  sqlite3_stmt* select = bare.Prepare(kPoint);
  int64_t i = 0;
  for (auto _ : state) {
    const std::string thread = ThreadName(i);
    const std::string id = PostId(i);
    i = (i + 7) % (kThreads * kPostsPerThread);
    BindText(select, 1, thread);
    BindText(select, 2, id);
    if (sqlite3_step(select) != SQLITE_ROW) std::abort();
    benchmark::DoNotOptimize(sqlite3_column_bytes(select, 0));
    sqlite3_reset(select);
  }
  sqlite3_finalize(select);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BarePointRead)->UseRealTime()->MeasureProcessCPUTime();

void BarePageOf50(benchmark::State& state) {
  Folder folder;
  Bare bare(folder.file());
  sqlite3_stmt* select = bare.Prepare(kPage);
  int64_t i = 0;
  for (auto _ : state) {
    const std::string thread = ThreadName(i++);
    BindText(select, 1, thread);
    size_t bytes = 0;
    while (sqlite3_step(select) == SQLITE_ROW) {
      bytes += sqlite3_column_bytes(select, 2);
    }
    if (bytes != 50 * Body().size()) std::abort();
    sqlite3_reset(select);
  }
  sqlite3_finalize(select);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BarePageOf50)->UseRealTime()->MeasureProcessCPUTime();

// As many posts and events a commit as the argument says.
void BareCommit(benchmark::State& state) {
  Folder folder;
  Bare bare(folder.file());
  sqlite3_stmt* post = bare.Prepare(kInsertPost);
  sqlite3_stmt* event = bare.Prepare(kInsertEvent);
  const std::string author = "members/ada";
  const std::string type = "post.created";
  for (auto _ : state) {
    bare.Run("BEGIN IMMEDIATE");
    for (int64_t n = 0; n < state.range(0); ++n) {
      const int64_t i = NextPost();
      const std::string thread = ThreadName(i);
      const std::string id = PostId(i);
      const std::string name = absl::StrCat(thread, "/posts/", id);
      BindText(post, 1, thread);
      BindText(post, 2, id);
      BindText(post, 3, author);
      BindText(post, 4, Body());
      sqlite3_bind_int64(post, 5, 1'700'000'000'000'000);
      if (sqlite3_step(post) != SQLITE_DONE) std::abort();
      sqlite3_reset(post);
      sqlite3_bind_int64(event, 1, 1'700'000'000'000'000);
      BindText(event, 2, type);
      BindText(event, 3, name);
      BindText(event, 4, Body());
      if (sqlite3_step(event) != SQLITE_DONE) std::abort();
      sqlite3_reset(event);
    }
    bare.Run("COMMIT");
  }
  sqlite3_finalize(post);
  sqlite3_finalize(event);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BareCommit)
    ->Arg(1)
    ->Arg(8)
    ->Arg(16)
    ->Arg(32)
    ->Arg(64)
    ->Arg(128)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace praxis::sql
