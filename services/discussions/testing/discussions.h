// The service as its tests call it.
#ifndef SERVICES_DISCUSSIONS_TESTING_DISCUSSIONS_H_
#define SERVICES_DISCUSSIONS_TESTING_DISCUSSIONS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "praxis/discussions/v1/events.pb.h"
#include "praxis/discussions/v1/posts.pb.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/cache/cache.h"
#include "services/common/rpc/pipeline.h"
#include "services/common/testing/access_source.h"
#include "services/common/testing/caller.h"
#include "services/discussions/server.h"

namespace praxis::discussions::testing {

// A request of each kind, with `text` where a text is wanted.
v1::CreateThreadRequest ThreadIn(absl::string_view community,
                                 absl::string_view title,
                                 absl::string_view body = "Who knows?");
v1::CreatePostRequest PostIn(absl::string_view thread, absl::string_view body);
// The outcome that a thread of this kind closes with, filled in.
v1::Outcome OutcomeFor(v1::ThreadKind kind);

// A server in memory, called through its pipeline, and the log it follows.
// Persons and communities go by their ids: "ada" calls as members/ada, ""
// without a token.
class Discussions {
 public:
  // `cache` may be null; else outlives this.
  explicit Discussions(cache::Cache* cache = nullptr);

  // What members has committed; the server hears of it a little later.
  ::praxis::testing::AccessSource& members() { return members_; }
  DiscussionsServer& server() { return *server_; }
  ::praxis::testing::TestHost& host() { return host_; }

  // Makes a community, or changes how far it is seen. Returns when the server
  // knows, as do the next two.
  void Found(absl::string_view community, events::v1::Visibility visibility);
  void Join(absl::string_view community, absl::string_view member,
            events::v1::Role role = events::v1::MEMBER);
  void Leave(absl::string_view community, absl::string_view member);

  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(absl::string_view person,
                                const Request& request) {
    return caller_->Call<Response>(
        person.empty() ? "" : absl::StrCat("members/", person), request);
  }

  // What must succeed, or the test program ends with what went wrong.
  v1::Thread CreateThread(absl::string_view person,
                          const v1::CreateThreadRequest& request);
  v1::Post CreatePost(absl::string_view person,
                      const v1::CreatePostRequest& request);

  absl::StatusOr<v1::Thread> GetThread(absl::string_view person,
                                       absl::string_view name);
  absl::StatusOr<v1::Post> GetPost(absl::string_view person,
                                   absl::string_view name);

  // An open WatchEvents.
  std::unique_ptr<rpc::StreamCall> Watch(absl::string_view person,
                                         const v1::WatchEventsRequest& request);

  // Every page of a list or search, `page_size` at a time; "-" is every
  // community.
  absl::StatusOr<std::vector<v1::Thread>> ListThreads(
      absl::string_view person, absl::string_view community,
      int page_size = 50);
  absl::StatusOr<std::vector<v1::Post>> ListPosts(absl::string_view person,
                                                  absl::string_view thread,
                                                  int page_size = 50);
  absl::StatusOr<std::vector<v1::ThreadHit>> Search(absl::string_view person,
                                                    absl::string_view community,
                                                    absl::string_view query,
                                                    int page_size = 50);

  // "thread.created communities/lean/threads/..." of every event, in order.
  std::vector<std::string> Events();
  events::v1::Event LastEvent();

 private:
  void SetRole(absl::string_view community, absl::string_view member,
               events::v1::Role role);

  ::praxis::testing::TestHost host_;
  ::praxis::testing::AccessSource members_;
  std::unique_ptr<DiscussionsServer> server_;
  std::unique_ptr<::praxis::testing::Caller> caller_;
};

}  // namespace praxis::discussions::testing

#endif  // SERVICES_DISCUSSIONS_TESTING_DISCUSSIONS_H_
