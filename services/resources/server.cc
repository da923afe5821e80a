#include "services/resources/server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/access/projection.h"
#include "services/common/ops/checks.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/write.h"
#include "services/common/search/index.h"
#include "services/common/sql/migrate.h"
#include "services/common/sql/open.h"
#include "services/common/status/status.h"
#include "services/resources/blobs/blob_store.h"
#include "services/resources/blobs/sweeper.h"
#include "services/resources/handlers/contents.h"
#include "services/resources/handlers/resources.h"
#include "services/resources/rpc.h"
#include "services/resources/schema/schema.h"
#include "services/resources/store/blobs.h"

namespace praxis::resources {
namespace {

absl::StatusOr<std::unique_ptr<sql::Database>> OpenDatabase(
    const ResourcesServer::Options& options) {
  sql::OpenOptions open = {.postgres = options.database,
                           .name = "resources",
                           .on_disk_failure = options.on_disk_failure};
  if (!options.in_memory) {
    open.sqlite_path = absl::StrCat(options.data_dir, "/resources.db");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<sql::Database> db, sql::Open(open));
  RETURN_IF_ERROR(sql::Migrate(
      *db, {rpc::WriteSchema(), events::LogSchema(), access::ProjectionSchema(),
            search::IndexSchema(), ResourcesSchema()}));
  return db;
}

// Makes a new folder the database's own, and leaves any other as it is: it has
// an id, or blobs that may be named by another database. The database's part
// comes first: over one new folder two databases each choose an id, and one of
// them is not the folder's.
absl::Status JoinBlobFolder(sql::Database& db, BlobStore& blobs) {
  if (!blobs.IsNew()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string id,
                   store::ChooseBlobFolder(db, auth::RandomToken()));
  // Without it (a disk that is full, no hard links) all but the sweep goes on,
  // and the sweeper says so.
  blobs.GiveId(id).IgnoreError();
  return absl::OkStatus();
}

absl::StatusOr<auth::Sealer> OpenSealer(
    const ResourcesServer::Options& options) {
  if (options.in_memory) return auth::Sealer::Random();
  return auth::Sealer::Open(
      absl::StrCat(options.secrets_dir, "/seal_resources"));
}

class Server : public ResourcesServer {
 public:
  Server(const Options& options, std::unique_ptr<sql::Database> db,
         std::unique_ptr<BlobStore> blobs, const auth::Sealer& sealer)
      : db_(std::move(db)),
        blobs_(std::move(blobs)),
        sealer_(sealer),
        log_(*db_, "services/resources", {.publisher = options.publisher}) {
    AddMethods(methods_, resources_, contents_);
  }

  absl::Status Begin(const Options& options, const rpc::Host& host,
                     events::Source& members,
                     std::function<absl::Time()> clock) {
    RETURN_IF_ERROR(methods_.Check());
    ASSIGN_OR_RETURN(projection_,
                     access::Projection::Start(*db_, members,
                                               {.consumer = "resources/access",
                                                .registry = &host.registry}));
    pipeline_ = std::make_unique<rpc::Pipeline>(
        rpc::Pipeline::Parts{.methods = methods_,
                             .access = *projection_,
                             .sealer = sealer_,
                             .host = host,
                             .clock = std::move(clock)},
        rpc::PipelineOptions{.inline_reads = options.database.empty()});
    return absl::OkStatus();
  }

  rpc::Pipeline& pipeline() override { return *pipeline_; }
  events::Log& log() override { return log_; }
  const auth::Sealer& sealer() const override { return sealer_; }
  absl::Status Check() override { return db_->Check(); }
  std::vector<ops::Check> Checks() override {
    return {ops::CheckOf(*db_), ops::CheckOf(log_),
            ops::CheckOf(*projection_, "members")};
  }

 private:
  // Destroyed last to first: whoever uses a part goes before it.
  const std::unique_ptr<sql::Database> db_;
  const std::unique_ptr<BlobStore> blobs_;
  const auth::Sealer sealer_;
  events::Log log_;
  Resources resources_{*db_};
  Contents contents_{*db_, *blobs_};
  Sweeper sweeper_{*blobs_,
                   {.folder = [this] { return store::BlobFolder(*db_); },
                    .is_named =
                        [this](absl::string_view sha256) {
                          return store::IsBlobNamed(*db_, sha256);
                        }}};
  rpc::Methods methods_;
  std::unique_ptr<access::Projection> projection_;
  std::unique_ptr<rpc::Pipeline> pipeline_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ResourcesServer>> ResourcesServer::Start(
    const Options& options, const rpc::Host& host, events::Source& members,
    std::function<absl::Time()> clock) {
  ASSIGN_OR_RETURN(std::unique_ptr<sql::Database> db, OpenDatabase(options));
  ASSIGN_OR_RETURN(
      std::unique_ptr<BlobStore> blobs,
      BlobStore::Open({.path = absl::StrCat(options.data_dir, "/blobs")}));
  RETURN_IF_ERROR(JoinBlobFolder(*db, *blobs));
  ASSIGN_OR_RETURN(const auth::Sealer sealer, OpenSealer(options));
  auto server = std::make_unique<Server>(options, std::move(db),
                                         std::move(blobs), sealer);
  RETURN_IF_ERROR(server->Begin(options, host, members, std::move(clock)));
  return server;
}

absl::Status ResourcesServer::Migrate(const Options& options) {
  return OpenDatabase(options).status();
}

}  // namespace praxis::resources
