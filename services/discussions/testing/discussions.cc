#include "services/discussions/testing/discussions.h"

#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/events/log.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/matchers.h"

namespace praxis::discussions::testing {
namespace {

using ::praxis::testing::Succeeds;

constexpr int kEventsMax = 1000;
constexpr int kPagesMax = 1000;

// Follows a list to its end. `items` takes a response's items.
template <typename Response, typename Item, typename Request, typename Items>
absl::StatusOr<std::vector<Item>> Follow(Discussions& discussions,
                                         absl::string_view person,
                                         Request request, Items items) {
  std::vector<Item> all;
  for (int page = 0; page < kPagesMax; ++page) {
    ASSIGN_OR_RETURN(const Response response,
                     discussions.Call<Response>(person, request));
    for (const Item& item : items(response)) all.push_back(item);
    if (response.next_page_token().empty()) return all;
    request.set_page_token(response.next_page_token());
  }
  return absl::OutOfRangeError("the list does not end");
}

}  // namespace

v1::CreateThreadRequest ThreadIn(absl::string_view community,
                                 absl::string_view title,
                                 absl::string_view body) {
  v1::CreateThreadRequest request;
  request.set_parent(absl::StrCat("communities/", community));
  request.mutable_thread()->set_kind(v1::PROBLEM_SOLVING);
  request.mutable_thread()->set_title(std::string(title));
  request.mutable_thread()->set_body(std::string(body));
  return request;
}

v1::CreatePostRequest PostIn(absl::string_view thread, absl::string_view body) {
  v1::CreatePostRequest request;
  request.set_parent(std::string(thread));
  request.mutable_post()->set_body(std::string(body));
  return request;
}

v1::Outcome OutcomeFor(v1::ThreadKind kind) {
  v1::Outcome outcome;
  switch (kind) {
    case v1::PROBLEM_SOLVING:
      outcome.mutable_solution()->set_solution("Limit the work in progress.");
      outcome.mutable_solution()->add_tried("More people");
      break;
    case v1::INFORMATION_REQUEST:
      outcome.mutable_answer()->set_answer("Forty-two");
      break;
    case v1::SEEKING_EXPERIENCE:
      outcome.mutable_experiences()->set_summary("Three teams told theirs.");
      outcome.mutable_experiences()->add_people("members/bob");
      break;
    case v1::REUSING_ASSETS:
      outcome.mutable_reuse_record()->set_resource(
          "communities/lean/resources/checklist");
      break;
    case v1::COORDINATION: {
      v1::Commitment& commitment =
          *outcome.mutable_commitments()->add_commitments();
      commitment.set_what("Invite the speakers");
      commitment.set_member("members/bob");
      break;
    }
    case v1::BUILDING_ARGUMENT:
      outcome.mutable_evidence_pack()->set_argument("It pays.");
      outcome.mutable_evidence_pack()->add_evidence("https://example.com/a");
      break;
    case v1::GROWING_CONFIDENCE:
      outcome.mutable_feedback()->set_feedback("Go ahead.");
      break;
    case v1::DISCUSSING_DEVELOPMENTS:
      outcome.mutable_shared_position()->set_position("Wait and see.");
      break;
    case v1::DOCUMENTING_PROJECT:
      outcome.mutable_resource_version()->set_resource(
          "communities/lean/resources/report");
      break;
    case v1::VISIT:
      outcome.mutable_visit_record()->set_notes("They showed us the line.");
      break;
    case v1::MAPPING_KNOWLEDGE: {
      v1::KnowledgeGap& gap = *outcome.mutable_knowledge_gaps()->add_gaps();
      gap.set_topic("Queueing theory");
      gap.set_owner("members/ada");
      break;
    }
    default:
      ADD_FAILURE() << "no outcome for " << kind;
  }
  return outcome;
}

Discussions::Discussions(cache::Cache* cache) {
  absl::StatusOr<std::unique_ptr<DiscussionsServer>> server =
      DiscussionsServer::Start({.in_memory = true,
                                .database = praxis::testing::TestPostgres(),
                                .cache = cache},
                               host_.host(), members_.log());
  EXPECT_THAT(server, Succeeds());
  server_ = *std::move(server);
  caller_ =
      std::make_unique<::praxis::testing::Caller>(host_, server_->pipeline());
}

void Discussions::Found(absl::string_view community,
                        events::v1::Visibility visibility) {
  members_.SetVisibility(absl::StrCat("communities/", community), visibility);
  EXPECT_THAT(server_->CatchUp(), Succeeds());
}

void Discussions::Join(absl::string_view community, absl::string_view member,
                       events::v1::Role role) {
  SetRole(community, member, role);
}

void Discussions::Leave(absl::string_view community, absl::string_view member) {
  SetRole(community, member, events::v1::ROLE_UNSPECIFIED);
}

void Discussions::SetRole(absl::string_view community, absl::string_view member,
                          events::v1::Role role) {
  members_.SetRole(absl::StrCat("communities/", community),
                   absl::StrCat("members/", member), role);
  EXPECT_THAT(server_->CatchUp(), Succeeds());
}

v1::Thread Discussions::CreateThread(absl::string_view person,
                                     const v1::CreateThreadRequest& request) {
  absl::StatusOr<v1::Thread> thread = Call<v1::Thread>(person, request);
  EXPECT_THAT(thread, Succeeds());
  return *std::move(thread);
}

v1::Post Discussions::CreatePost(absl::string_view person,
                                 const v1::CreatePostRequest& request) {
  absl::StatusOr<v1::Post> post = Call<v1::Post>(person, request);
  EXPECT_THAT(post, Succeeds());
  return *std::move(post);
}

absl::StatusOr<v1::Thread> Discussions::GetThread(absl::string_view person,
                                                  absl::string_view name) {
  v1::GetThreadRequest request;
  request.set_name(std::string(name));
  return Call<v1::Thread>(person, request);
}

absl::StatusOr<v1::Post> Discussions::GetPost(absl::string_view person,
                                              absl::string_view name) {
  v1::GetPostRequest request;
  request.set_name(std::string(name));
  return Call<v1::Post>(person, request);
}

std::unique_ptr<rpc::StreamCall> Discussions::Watch(
    absl::string_view person, const v1::WatchEventsRequest& request) {
  rpc::Pipeline& pipeline = server_->pipeline();
  rpc::Incoming incoming;
  if (!person.empty()) {
    incoming.token = host_.TokenFor(absl::StrCat("members/", person));
  }
  return pipeline.ServerStream(
      *pipeline.methods().Find(
          "/praxis.discussions.v1.EventService/WatchEvents"),
      std::move(incoming), request.SerializeAsString());
}

absl::StatusOr<std::vector<v1::Thread>> Discussions::ListThreads(
    absl::string_view person, absl::string_view community, int page_size) {
  v1::ListThreadsRequest request;
  request.set_parent(absl::StrCat("communities/", community));
  request.set_page_size(page_size);
  return Follow<v1::ListThreadsResponse, v1::Thread>(
      *this, person, request, [](const auto& page) { return page.threads(); });
}

absl::StatusOr<std::vector<v1::Post>> Discussions::ListPosts(
    absl::string_view person, absl::string_view thread, int page_size) {
  v1::ListPostsRequest request;
  request.set_parent(std::string(thread));
  request.set_page_size(page_size);
  return Follow<v1::ListPostsResponse, v1::Post>(
      *this, person, request, [](const auto& page) { return page.posts(); });
}

absl::StatusOr<std::vector<v1::ThreadHit>> Discussions::Search(
    absl::string_view person, absl::string_view community,
    absl::string_view query, int page_size) {
  v1::SearchThreadsRequest request;
  request.set_parent(absl::StrCat("communities/", community));
  request.set_query(std::string(query));
  request.set_page_size(page_size);
  return Follow<v1::SearchThreadsResponse, v1::ThreadHit>(
      *this, person, request, [](const auto& page) { return page.hits(); });
}

std::vector<std::string> Discussions::Events() {
  std::vector<std::string> events;
  const auto read = server_->log().Read(/*after=*/0, kEventsMax);
  EXPECT_THAT(read, Succeeds());
  for (const events::v1::Event& event : read->events()) {
    events.push_back(absl::StrCat(event.type(), " ", event.name()));
  }
  return events;
}

events::v1::Event Discussions::LastEvent() {
  const auto read = server_->log().Read(/*after=*/0, kEventsMax);
  EXPECT_THAT(read, Succeeds());
  return read->events().empty() ? events::v1::Event()
                                : *read->events().rbegin();
}

}  // namespace praxis::discussions::testing
