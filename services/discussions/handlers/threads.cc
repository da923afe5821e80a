#include "services/discussions/handlers/threads.h"

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "services/common/events/log.h"
#include "services/common/rpc/etag.h"
#include "services/common/rpc/fields.h"
#include "services/common/rpc/id.h"
#include "services/common/rpc/page.h"
#include "services/common/rpc/write.h"
#include "services/common/search/index.h"
#include "services/common/sql/text_query.h"
#include "services/common/status/status.h"
#include "services/discussions/convert.h"
#include "services/discussions/domain/thread.h"
#include "services/discussions/handlers/events.h"
#include "services/discussions/store/search.h"
#include "services/discussions/store/threads.h"

namespace praxis::discussions {
namespace {

// The id of the community that a list or search names; empty for
// "communities/-", every community the caller may read.
absl::string_view CommunityOf(absl::string_view parent) {
  const absl::string_view id = rpc::IdAt(parent, 0);
  return id == "-" ? absl::string_view() : id;
}

}  // namespace

absl::StatusOr<v1::Thread> Threads::CreateThread(
    const rpc::Call& call, const v1::CreateThreadRequest& request) {
  return rpc::Write(
      call, db_, request.request_id(),
      [&](sql::Tx& tx) -> absl::StatusOr<v1::Thread> {
        Thread thread;
        // Made while writing: ids follow the order of the commits.
        thread.key = {std::string(rpc::IdAt(request.parent(), 0)),
                      rpc::NewId(call.time)};
        thread.kind = FromProto(request.thread().kind());
        thread.title = request.thread().title();
        thread.body = request.thread().body();
        thread.author = call.caller.name;
        thread.create_time = thread.update_time = call.time;
        RETURN_IF_ERROR(store::InsertThread(tx, thread));
        RETURN_IF_ERROR(store::IndexThread(tx, thread));

        v1::Thread created = ToProto(std::move(thread));
        RETURN_IF_ERROR(events::Emit(tx, ThreadCreated(created, call)));
        return created;
      });
}

absl::StatusOr<v1::Thread> Threads::GetThread(
    const rpc::Call& call, const v1::GetThreadRequest& request) {
  const ThreadKey key = ThreadKeyOf(request.name());
  return cache_.GetThread(
      call, db_, key, [&](sql::Reader& reader) -> absl::StatusOr<v1::Thread> {
        ASSIGN_OR_RETURN(Thread thread, store::GetThread(reader, key));
        return ToProto(std::move(thread));
      });
}

absl::StatusOr<v1::ListThreadsResponse> Threads::ListThreads(
    const rpc::Call& call, const v1::ListThreadsRequest& request) {
  ASSIGN_OR_RETURN(const rpc::Page page, rpc::PageOf(call, request));
  const absl::string_view community = CommunityOf(request.parent());

  sql::Slice<Thread> threads;
  RETURN_IF_ERROR(
      rpc::Read(call, db_, [&](sql::Reader& reader) -> absl::Status {
        ASSIGN_OR_RETURN(
            threads,
            community.empty()
                ? store::ListReadableThreads(reader, call.caller.name,
                                             page.after, page.size)
                : store::ListThreads(reader, community, page.after, page.size));
        return absl::OkStatus();
      }));

  v1::ListThreadsResponse response;
  if (threads.more) {
    response.set_next_page_token(
        rpc::NextPageToken(call, request, threads.items.back().key.id));
  }
  for (Thread& thread : threads.items) {
    *response.add_threads() = ToProto(std::move(thread));
  }
  return response;
}

absl::StatusOr<v1::SearchThreadsResponse> Threads::SearchThreads(
    const rpc::Call& call, const v1::SearchThreadsRequest& request) {
  ASSIGN_OR_RETURN(const rpc::Page page, rpc::PageOf(call, request));
  ASSIGN_OR_RETURN(const sql::TextQuery query,
                   sql::TextQuery::Parse(request.query()));
  const bool everywhere = CommunityOf(request.parent()).empty();
  const search::Where where = {.scope = everywhere ? "" : request.parent(),
                               .principal = call.caller.name};

  sql::Slice<store::SearchHit> hits;
  RETURN_IF_ERROR(
      rpc::Read(call, db_, [&](sql::Reader& reader) -> absl::Status {
        ASSIGN_OR_RETURN(
            hits, store::Search(reader, query, where, page.after, page.size));
        return absl::OkStatus();
      }));

  v1::SearchThreadsResponse response;
  if (hits.more) {
    response.set_next_page_token(
        rpc::NextPageToken(call, request, hits.items.back().place));
  }
  for (store::SearchHit& found : hits.items) {
    v1::ThreadHit& hit = *response.add_hits();
    if (!found.post.empty()) {
      hit.set_post(NameOf(PostKey{found.thread.key, found.post}));
    }
    *hit.mutable_thread() = ToProto(std::move(found.thread));
    hit.set_snippet(std::move(found.snippet));
  }
  return response;
}

absl::StatusOr<v1::Thread> Threads::ResolveThread(
    const rpc::Call& call, const v1::ResolveThreadRequest& request) {
  ThreadCache::Change change(cache_, ThreadKeyOf(request.name()));
  const absl::StatusOr<v1::Thread> ended = rpc::Write(
      call, db_, request.request_id(),
      [&](sql::Tx& tx) -> absl::StatusOr<v1::Thread> {
        ASSIGN_OR_RETURN(Thread thread,
                         store::GetThread(tx, ThreadKeyOf(request.name())));
        const Actor actor = ActorOf(call);
        RETURN_IF_ERROR(MayResolve(thread, actor));
        RETURN_IF_ERROR(rpc::CheckEtag(request.etag(), thread.version));
        RETURN_IF_ERROR(
            Resolve(thread, FromProto(request.outcome()), actor, call.time));
        RETURN_IF_ERROR(store::UpdateResolution(tx, thread));

        v1::Thread resolved = ToProto(std::move(thread));
        RETURN_IF_ERROR(events::Emit(tx, ThreadResolved(resolved, call)));
        RETURN_IF_ERROR(change.Note(tx));
        return resolved;
      });
  change.Announce(db_);
  return ended;
}

}  // namespace praxis::discussions
