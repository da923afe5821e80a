// Library: the service with a few communities, for tests.
#ifndef SERVICES_RESOURCES_TESTING_LIBRARY_H_
#define SERVICES_RESOURCES_TESTING_LIBRARY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "praxis/resources/v1/resources.pb.h"
#include "services/common/testing/access_source.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/database.h"
#include "services/common/testing/matchers.h"
#include "services/resources/server.h"

namespace praxis::resources::testing {

inline constexpr char kOpen[] = "communities/open";
inline constexpr char kPrivate[] = "communities/private";
inline constexpr char kHidden[] = "communities/hidden";

inline constexpr char kAda[] = "members/ada";
inline constexpr char kBob[] = "members/bob";
inline constexpr char kMoe[] = "members/moe";
inline constexpr char kObi[] = "members/obi";
inline constexpr char kEve[] = "members/eve";

// A PUBLIC, a PRIVATE and a HIDDEN community. Ada and Bob are members of each,
// Moe moderates, Obi observes; Eve belongs to none.
class Library {
 public:
  Library() {
    for (const char* scope : {kOpen, kPrivate, kHidden}) {
      source_.SetVisibility(scope, scope == kOpen      ? events::v1::PUBLIC
                                   : scope == kPrivate ? events::v1::PRIVATE
                                                       : events::v1::HIDDEN);
      source_.SetRole(scope, kAda, events::v1::MEMBER);
      source_.SetRole(scope, kBob, events::v1::MEMBER);
      source_.SetRole(scope, kMoe, events::v1::MODERATOR);
      source_.SetRole(scope, kObi, events::v1::OBSERVER);
    }
    auto server =
        ResourcesServer::Start({.data_dir = folder_.path(),
                                .in_memory = true,
                                .database = praxis::testing::TestPostgres()},
                               host_.host(), source_.log());
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    caller_ =
        std::make_unique<praxis::testing::Caller>(host_, server_->pipeline());
  }

  praxis::testing::Caller& caller() { return *caller_; }
  praxis::testing::AccessSource& source() { return source_; }
  ResourcesServer& server() { return *server_; }

  absl::StatusOr<v1::Resource> Create(absl::string_view as,
                                      absl::string_view parent,
                                      const v1::Resource& resource) {
    v1::CreateResourceRequest request;
    request.set_parent(std::string(parent));
    *request.mutable_resource() = resource;
    return caller_->Call<v1::Resource>(as, request);
  }

  absl::StatusOr<v1::Resource> Get(absl::string_view as,
                                   absl::string_view name) {
    v1::GetResourceRequest request;
    request.set_name(std::string(name));
    return caller_->Call<v1::Resource>(as, request);
  }

  // Types of this service's events, in order.
  std::vector<std::string> EventTypes() {
    std::vector<std::string> types;
    auto events = server_->log().Read(0, 1000);
    EXPECT_TRUE(events.ok()) << events.status();
    for (const auto& event : events->events()) types.push_back(event.type());
    return types;
  }

 private:
  praxis::testing::TemporaryFolder folder_;
  praxis::testing::TestHost host_;
  praxis::testing::AccessSource source_;
  std::unique_ptr<ResourcesServer> server_;
  std::unique_ptr<praxis::testing::Caller> caller_;
};

inline v1::Resource Document(absl::string_view title,
                             absl::string_view text = "Some text.") {
  v1::Resource resource;
  resource.set_title(std::string(title));
  resource.set_kind(v1::DOCUMENT);
  resource.set_text(std::string(text));
  return resource;
}

inline v1::Resource File(absl::string_view title) {
  v1::Resource resource;
  resource.set_title(std::string(title));
  resource.set_kind(v1::FILE);
  return resource;
}

}  // namespace praxis::resources::testing

#endif  // SERVICES_RESOURCES_TESTING_LIBRARY_H_
