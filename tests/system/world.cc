#include "tests/system/world.h"

#include <unistd.h>

#include <atomic>

#include "absl/strings/str_cat.h"

namespace praxis::system {
namespace {

constexpr char kCredentialType[] = "urn:praxis:token-type:service-credential";
constexpr int kEventsAPage = 1000;

}  // namespace

std::string Unique(const std::string& stem) {
  static std::atomic<int> count{0};
  return absl::StrCat(stem, "-", ++count);
}

Person Register(const Suite& suite, Transport transport,
                const std::string& stem) {
  Caller nobody(suite, transport);
  members::v1::RegisterMemberRequest request;
  request.set_handle(Unique(stem));
  request.set_email(absl::StrCat(request.handle(), "@example.org"));
  request.set_password(absl::StrCat("the long secret of ", request.handle()));
  const auto response =
      nobody.Call<members::v1::RegisterMemberResponse>(request);
  return {.name = response.member().name(),
          .handle = request.handle(),
          .password = request.password(),
          .refresh_token = response.refresh_token(),
          .caller = nobody.With(response.access_token())};
}

std::string Found(Caller& founder, const std::string& stem,
                  events::v1::Visibility visibility,
                  members::v1::JoinPolicy policy) {
  members::v1::CreateCommunityRequest request;
  request.set_community_id(Unique(stem));
  request.mutable_community()->set_display_name(stem);
  request.mutable_community()->set_visibility(visibility);
  request.mutable_community()->set_join_policy(policy);
  return founder.Call<members::v1::Community>(request).name();
}

void Join(Caller& caller, const std::string& community) {
  const auto membership = caller.Call<members::v1::Membership>(
      In<members::v1::CreateMembershipRequest>(community));
  EXPECT_EQ(membership.role(), events::v1::MEMBER);
}

discussions::v1::Thread Ask(Caller& caller, const std::string& community,
                            const std::string& title, const std::string& body) {
  auto request = In<discussions::v1::CreateThreadRequest>(community);
  request.mutable_thread()->set_kind(discussions::v1::PROBLEM_SOLVING);
  request.mutable_thread()->set_title(title);
  request.mutable_thread()->set_body(body);
  return caller.Call<discussions::v1::Thread>(request);
}

discussions::v1::Post Reply(Caller& caller, const std::string& thread,
                            const std::string& body) {
  auto request = In<discussions::v1::CreatePostRequest>(thread);
  request.mutable_post()->set_body(body);
  return caller.Call<discussions::v1::Post>(request);
}

resources::v1::Resource AddFile(Caller& caller, const std::string& community,
                                const std::string& title) {
  auto request = In<resources::v1::CreateResourceRequest>(community);
  request.mutable_resource()->set_title(title);
  request.mutable_resource()->set_kind(resources::v1::FILE);
  return caller.Call<resources::v1::Resource>(request);
}

Caller ServiceOf(const Suite& suite, const std::string& name) {
  Caller nobody(suite, Transport::kGrpc);
  members::v1::ExchangeTokenRequest request;
  request.set_subject_token_type(kCredentialType);
  request.set_subject_token(
      absl::StrCat(name, ":", suite.Secret("service_credential")));
  return nobody.With(
      nobody.Call<members::v1::ExchangeTokenResponse>(request).access_token());
}

std::vector<events::v1::Event> EventsOf(const Suite& suite,
                                        const std::string& source) {
  Caller service = ServiceOf(suite, "services/discussions");
  std::vector<events::v1::Event> events;
  events::v1::ReadEventsRequest request;
  request.set_source(source);
  request.set_page_size(kEventsAPage);
  for (;;) {
    const auto page = service.Call<events::v1::ReadEventsResponse>(request);
    events.insert(events.end(), page.events().begin(), page.events().end());
    if (page.events().empty() || events.back().number() >= page.latest()) {
      return events;
    }
    request.set_after(events.back().number());
  }
}

std::map<std::string, int64_t> NewestEvents(const Suite& suite) {
  Caller service = ServiceOf(suite, "services/discussions");
  std::map<std::string, int64_t> newest;
  for (const char* source : kSources) {
    events::v1::ReadEventsRequest request;
    request.set_source(source);
    request.set_page_size(1);
    newest[source] =
        service.Call<events::v1::ReadEventsResponse>(request).latest();
  }
  return newest;
}

}  // namespace praxis::system
