#include "tests/system/scenario.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/system/json.h"

namespace praxis::system {
namespace {

using google::protobuf::Message;

constexpr int kPage = 200;

template <typename Request>
std::unique_ptr<Message> Boxed(Request request) {
  return std::make_unique<Request>(std::move(request));
}

template <typename Request>
std::unique_ptr<Message> ListIn(const std::string& parent) {
  auto request = In<Request>(parent);
  request.set_page_size(kPage);
  return Boxed(std::move(request));
}

template <typename Request>
std::unique_ptr<Message> SearchIn(const std::string& parent,
                                  const std::string& query) {
  auto request = In<Request>(parent);
  request.set_query(query);
  request.set_page_size(kPage);
  return Boxed(std::move(request));
}

std::string MembershipOf(const Place& place, const Person& person) {
  return absl::StrCat(place.community, "/memberships",
                      person.name.substr(person.name.find('/')));
}

// The answer of a read as JSON, or how it was refused.
std::string Seen(Caller& caller, const Message& request) {
  const Answer answer = caller.Try(request);
  if (!answer.ok()) {
    return absl::StrCat(google::rpc::Code_Name(answer.code), " ",
                        answer.reason);
  }
  const std::unique_ptr<Message> response(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(MethodOf(request).output_type())
          ->New());
  EXPECT_TRUE(response->ParseFromString(answer.bytes));
  return ToJson(*response);
}

}  // namespace

Scenario::Scenario(const Suite& suite, Transport transport)
    : document_(SystemDocument()),
      ada_(Register(suite, transport, "ada")),
      bob_(Register(suite, transport, "bob")),
      cleo_(Register(suite, transport, "cleo")),
      dora_(Register(suite, transport, "dora")) {
  workshop_.community = Found(ada_.caller, "workshop", events::v1::PRIVATE);
  forum_.community = Found(bob_.caller, "forum", events::v1::PUBLIC);
  club_.community = Found(cleo_.caller, "club", events::v1::HIDDEN);
  Join(bob_.caller, workshop_.community);
  Join(cleo_.caller, workshop_.community);
  Join(ada_.caller, forum_.community);
  Join(cleo_.caller, forum_.community);
  workshop_.word = "quenchingoil";
  forum_.word = "brasslathe";
  club_.word = "hiddenguild";
}

void Scenario::Work() {
  WorkIn(workshop_, bob_, cleo_);
  WorkIn(forum_, cleo_, ada_);
  WorkIn(club_, cleo_, cleo_);
}

// The asker asks and resolves, the other answers and uploads.
void Scenario::WorkIn(Place& place, Person& asker, Person& other) {
  place.thread =
      Ask(asker.caller, place.community, "A crack after hardening",
          absl::StrCat("Which ", place.word, " do you use?\n\n- water\n- oil"));
  EXPECT_EQ(place.thread.author(), asker.name);
  place.post = Reply(other.caller, place.thread.name(),
                     absl::StrCat("Warm the ", place.word, " first."));
  EXPECT_EQ(place.post.author(), other.name);

  auto resolve = Of<discussions::v1::ResolveThreadRequest>(place.thread.name());
  auto& solution = *resolve.mutable_outcome()->mutable_solution();
  solution.set_solution("Sixty degrees; no crack since.");
  solution.add_tried("Cold oil");
  place.thread = asker.caller.Call<discussions::v1::Thread>(resolve);
  EXPECT_EQ(place.thread.outcome().solution().solution(), solution.solution());
  EXPECT_EQ(place.thread.resolver(), asker.name);
  EXPECT_TRUE(place.thread.has_resolve_time());
  EXPECT_EQ(place.thread.post_count(), 1);

  place.resource = AddFile(other.caller, place.community,
                           absl::StrCat("Notes on ", place.word));
  const Answer uploaded = other.caller.Upload(place.resource.name(), document_);
  EXPECT_THAT(uploaded, Answered());
  EXPECT_TRUE(place.resource.ParseFromString(uploaded.bytes));
  EXPECT_EQ(place.resource.content().sha256(), Sha256Hex(document_.bytes));
  EXPECT_EQ(place.resource.content().size_bytes(),
            static_cast<int64_t>(document_.bytes.size()));
  EXPECT_EQ(place.resource.content().filename(), document_.filename);
}

std::vector<std::unique_ptr<Message>> Scenario::ReadsOf(const Place& place) {
  namespace d = discussions::v1;
  namespace r = resources::v1;
  std::vector<std::unique_ptr<Message>> reads;
  reads.push_back(Boxed(Of<d::GetThreadRequest>(place.thread.name())));
  reads.push_back(ListIn<d::ListThreadsRequest>(place.community));
  reads.push_back(SearchIn<d::SearchThreadsRequest>(place.community,  //
                                                    place.word));
  reads.push_back(Boxed(Of<d::GetPostRequest>(place.post.name())));
  reads.push_back(ListIn<d::ListPostsRequest>(place.thread.name()));
  reads.push_back(Boxed(Of<r::GetResourceRequest>(place.resource.name())));
  reads.push_back(ListIn<r::ListResourcesRequest>(place.community));
  reads.push_back(SearchIn<r::SearchResourcesRequest>(place.community,  //
                                                      place.word));
  reads.push_back(ListIn<members::v1::ListMembershipsRequest>(place.community));
  return reads;
}

std::vector<std::unique_ptr<Message>> Scenario::WideReadsOf(
    const Place& place) {
  constexpr char kAll[] = "communities/-";
  std::vector<std::unique_ptr<Message>> reads;
  reads.push_back(ListIn<discussions::v1::ListThreadsRequest>(kAll));
  reads.push_back(
      SearchIn<discussions::v1::SearchThreadsRequest>(kAll, place.word));
  reads.push_back(ListIn<resources::v1::ListResourcesRequest>(kAll));
  reads.push_back(
      SearchIn<resources::v1::SearchResourcesRequest>(kAll, place.word));
  return reads;
}

std::map<std::string, std::string> Scenario::Snapshot(const Suite& suite,
                                                      Transport transport) {
  std::map<std::string, std::string> seen;
  for (const Person* person : {&ada_, &bob_, &cleo_, &dora_}) {
    Caller caller(suite, transport, person->caller.token());
    const auto look = [&](const Message& request) {
      seen[absl::StrCat(person->handle, " ", request.GetTypeName(), " ",
                        ToJson(request))] = Seen(caller, request);
    };
    look(Of<members::v1::GetMemberRequest>("members/me"));
    members::v1::ListCommunitiesRequest communities;
    communities.set_page_size(kPage);
    look(communities);
    for (const Place* place : {&workshop_, &forum_, &club_}) {
      look(Of<members::v1::GetCommunityRequest>(place->community));
      look(
          Of<members::v1::GetMembershipRequest>(MembershipOf(*place, *person)));
      for (const auto& read : ReadsOf(*place)) look(*read);
      for (const auto& read : WideReadsOf(*place)) look(*read);
      const Answer bytes = caller.Download(place->resource.name());
      seen[absl::StrCat(person->handle, " ", place->resource.name())] =
          absl::StrCat(bytes.reason, Sha256Hex(bytes.bytes));
    }
  }
  for (const char* source : kSources) {
    for (const events::v1::Event& event : EventsOf(suite, source)) {
      seen[absl::StrCat(source, " ", event.number())] = ToJson(event);
    }
  }
  return seen;
}

}  // namespace praxis::system
