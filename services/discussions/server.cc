#include "services/discussions/server.h"

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/access/projection.h"
#include "services/common/auth/secrets.h"
#include "services/common/events/log.h"
#include "services/common/events/tail.h"
#include "services/common/ops/checks.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"
#include "services/common/rpc/write.h"
#include "services/common/search/index.h"
#include "services/common/sql/database.h"
#include "services/common/sql/migrate.h"
#include "services/common/sql/open.h"
#include "services/common/status/status.h"
#include "services/discussions/handlers/posts.h"
#include "services/discussions/handlers/threads.h"
#include "services/discussions/handlers/watches.h"
#include "services/discussions/rpc.h"
#include "services/discussions/schema/schema.h"

namespace praxis::discussions {
namespace {

constexpr absl::string_view kSource = "services/discussions";

absl::StatusOr<std::unique_ptr<sql::Database>> OpenDatabase(
    const DiscussionsServer::Options& options) {
  sql::OpenOptions open = {.postgres = options.database,
                           .name = "discussions",
                           .on_disk_failure = options.on_disk_failure};
  if (!options.in_memory) {
    open.sqlite_path = absl::StrCat(options.data_dir, "/discussions.db");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<sql::Database> db, sql::Open(open));
  RETURN_IF_ERROR(sql::Migrate(
      *db, {rpc::WriteSchema(), events::LogSchema(), access::ProjectionSchema(),
            search::IndexSchema(), DiscussionsSchema()}));
  return db;
}

absl::StatusOr<auth::Sealer> OpenSealer(
    const DiscussionsServer::Options& options) {
  if (options.in_memory) return auth::Sealer::Random();
  return auth::Sealer::Open(
      absl::StrCat(options.secrets_dir, "/seal_discussions"));
}

}  // namespace

// In the order they are made, which is the order they need each other in.
struct DiscussionsServer::Parts {
  std::unique_ptr<sql::Database> db;
  auth::Sealer sealer;
  events::Log log;
  events::Tail tail;
  std::unique_ptr<access::Projection> access;
  std::atomic<bool> caught_up{false};
  ThreadCache cache;
  Threads threads;
  Posts posts;
  Watches watches;
  rpc::Methods methods;
  std::unique_ptr<rpc::Pipeline> pipeline;

  Parts(const Options& options, const rpc::Host& host,
        std::unique_ptr<sql::Database> database, const auth::Sealer& seal)
      : db(std::move(database)),
        sealer(seal),
        log(*db, kSource, {.publisher = options.publisher}),
        tail(*db, log),
        cache(options.cache, host.registry),
        threads(*db, cache),
        posts(*db, cache),
        watches(tail) {}
};

absl::StatusOr<std::unique_ptr<DiscussionsServer>> DiscussionsServer::Start(
    const Options& options, const rpc::Host& host, events::Source& members,
    std::function<absl::Time()> clock) {
  ASSIGN_OR_RETURN(std::unique_ptr<sql::Database> db, OpenDatabase(options));
  ASSIGN_OR_RETURN(const auth::Sealer sealer, OpenSealer(options));
  auto parts = std::make_unique<Parts>(options, host, std::move(db), sealer);

  ASSIGN_OR_RETURN(parts->access,
                   access::Projection::Start(*parts->db, members,
                                             {.consumer = "discussions/access",
                                              .registry = &host.registry}));
  AddMethods(parts->methods, parts->threads, parts->posts, parts->watches);
  RETURN_IF_ERROR(parts->methods.Check());
  parts->pipeline = std::make_unique<rpc::Pipeline>(
      rpc::Pipeline::Parts{.methods = parts->methods,
                           .access = *parts->access,
                           .sealer = parts->sealer,
                           .host = host,
                           .clock = std::move(clock)},
      rpc::PipelineOptions{.inline_reads = options.database.empty() &&
                                           options.cache == nullptr});
  return std::unique_ptr<DiscussionsServer>(
      new DiscussionsServer(std::move(parts)));
}

absl::Status DiscussionsServer::Migrate(const Options& options) {
  return OpenDatabase(options).status();
}

DiscussionsServer::DiscussionsServer(std::unique_ptr<Parts> parts)
    : parts_(std::move(parts)) {}
DiscussionsServer::~DiscussionsServer() = default;

rpc::Pipeline& DiscussionsServer::pipeline() { return *parts_->pipeline; }
events::Log& DiscussionsServer::log() { return parts_->log; }
const auth::Sealer& DiscussionsServer::sealer() const { return parts_->sealer; }
sql::Database& DiscussionsServer::database() { return *parts_->db; }

absl::Status DiscussionsServer::Check() {
  RETURN_IF_ERROR(parts_->db->Check());
  return parts_->caught_up.load() ? absl::OkStatus() : CatchUp();
}

std::vector<ops::Check> DiscussionsServer::Checks() {
  return {ops::CheckOf(*parts_->db), ops::CheckOf(parts_->log),
          ops::CheckOf(*parts_->access, "members")};
}

absl::Status DiscussionsServer::CatchUp() {
  RETURN_IF_ERROR(parts_->access->CatchUp());
  parts_->caught_up.store(true);
  return absl::OkStatus();
}

}  // namespace praxis::discussions
