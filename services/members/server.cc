#include "services/members/server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/auth/secrets.h"
#include "services/common/auth/service_credential.h"
#include "services/common/auth/token.h"
#include "services/common/events/log.h"
#include "services/common/ops/checks.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"
#include "services/common/rpc/write.h"
#include "services/common/sql/database.h"
#include "services/common/sql/migrate.h"
#include "services/common/sql/open.h"
#include "services/common/status/status.h"
#include "services/members/handlers/passwords.h"
#include "services/members/handlers/sign_in.h"
#include "services/members/handlers/token_issuer.h"
#include "services/members/rpc.h"
#include "services/members/schema/schema.h"
#include "services/members/store/access.h"

namespace praxis::members {
namespace {

constexpr absl::string_view kSource = "services/members";

absl::StatusOr<std::unique_ptr<sql::Database>> OpenDatabase(
    const MembersServer::Options& options) {
  sql::OpenOptions open = {.postgres = options.database,
                           .name = "members",
                           .on_disk_failure = options.on_disk_failure};
  if (!options.in_memory) {
    open.sqlite_path = absl::StrCat(options.data_dir, "/members.db");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<sql::Database> db, sql::Open(open));
  RETURN_IF_ERROR(sql::Migrate(
      *db, {rpc::WriteSchema(), events::LogSchema(), MembersSchema()}));
  return db;
}

// One key a service, shared by its replicas: a page token or a refresh token
// that one has sealed opens at any other, and after a restart.
absl::StatusOr<auth::Sealer> OpenSealer(const MembersServer::Options& options) {
  if (options.in_memory) return auth::Sealer::Random();
  return auth::Sealer::Open(absl::StrCat(options.secrets_dir, "/seal_members"));
}

events::LogOptions LogOptionsOf(const MembersServer::Options& options) {
  events::LogOptions log = {.publisher = options.publisher};
  if (options.has_remote_consumers) {
    log.acks.grace = log.acks.lease + log.acks.lease / 10;
  }
  return log;
}

}  // namespace

// In the order they are made, which is the order they need each other in.
struct MembersServer::Parts {
  std::unique_ptr<sql::Database> db;
  auth::Sealer sealer;
  events::Log log;
  store::StoredAccess access;
  TokenIssuer issuer;
  Passwords passwords;
  SignIn sign_in;
  Members members;
  Sessions sessions;
  Communities communities;
  Memberships memberships;
  rpc::Methods methods;
  std::unique_ptr<rpc::Pipeline> pipeline;

  Parts(const Options& options, std::unique_ptr<sql::Database> database,
        const auth::Sealer& seal, auth::TokenSigner& signer,
        const auth::ServiceCredential& credential)
      : db(std::move(database)),
        sealer(seal),
        log(*db, kSource, LogOptionsOf(options)),
        access(*db),
        issuer(signer, sealer),
        passwords({.cost = options.password_cost}),
        sign_in(*db, passwords, issuer),
        members(*db, passwords, sign_in),
        sessions(sign_in, issuer, credential),
        communities(*db, log),
        memberships(*db, log) {}
};

absl::StatusOr<std::unique_ptr<MembersServer>> MembersServer::Start(
    const Options& options, const rpc::Host& host, auth::TokenSigner& signer,
    const auth::ServiceCredential& credential,
    std::function<absl::Time()> clock) {
  ASSIGN_OR_RETURN(std::unique_ptr<sql::Database> db, OpenDatabase(options));
  ASSIGN_OR_RETURN(const auth::Sealer sealer, OpenSealer(options));
  auto parts = std::make_unique<Parts>(options, std::move(db), sealer, signer,
                                       credential);

  AddMethods(parts->methods, parts->members, parts->sessions,
             parts->communities, parts->memberships);
  RETURN_IF_ERROR(parts->methods.Check());
  parts->pipeline = std::make_unique<rpc::Pipeline>(
      rpc::Pipeline::Parts{.methods = parts->methods,
                           .access = parts->access,
                           .sealer = parts->sealer,
                           .host = host,
                           .clock = std::move(clock)},
      rpc::PipelineOptions{.inline_reads = options.database.empty()});
  return std::unique_ptr<MembersServer>(new MembersServer(std::move(parts)));
}

absl::Status MembersServer::Migrate(const Options& options) {
  return OpenDatabase(options).status();
}

MembersServer::MembersServer(std::unique_ptr<Parts> parts)
    : parts_(std::move(parts)) {}
MembersServer::~MembersServer() = default;

rpc::Pipeline& MembersServer::pipeline() { return *parts_->pipeline; }
events::Log& MembersServer::log() { return parts_->log; }
const auth::Sealer& MembersServer::sealer() const { return parts_->sealer; }
sql::Database& MembersServer::database() { return *parts_->db; }
absl::Status MembersServer::Check() { return parts_->db->Check(); }

std::vector<ops::Check> MembersServer::Checks() {
  return {ops::CheckOf(*parts_->db), ops::CheckOf(parts_->log)};
}

}  // namespace praxis::members
