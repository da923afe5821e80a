#include "gateway/routes/route_table.h"

#include <string>
#include <vector>

#include "gateway/transcode/testing/convert.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gmock/gmock.h"
#include "google/api/http.pb.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "praxis/discussions/v1/posts.pb.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "praxis/events/v1/events.pb.h"
#include "praxis/members/v1/communities.pb.h"
#include "praxis/members/v1/members.pb.h"
#include "praxis/members/v1/memberships.pb.h"
#include "praxis/members/v1/sessions.pb.h"
#include "praxis/resources/v1/resources.pb.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;
using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Every service of the suite's contracts.
std::vector<const ServiceDescriptor*> OurServices() {
  std::vector<const ServiceDescriptor*> services;
  for (const FileDescriptor* file :
       {members::v1::Member::descriptor()->file(),
        members::v1::SessionTokens::descriptor()->file(),
        members::v1::Community::descriptor()->file(),
        members::v1::Membership::descriptor()->file(),
        discussions::v1::Thread::descriptor()->file(),
        discussions::v1::Post::descriptor()->file(),
        events::v1::Event::descriptor()->file(),
        resources::v1::Resource::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      services.push_back(file->service(i));
    }
  }
  return services;
}

// "GetThread", or what there is instead.
std::string Found(const RouteTable& table, absl::string_view http_method,
                  absl::string_view path) {
  const absl::StatusOr<RouteMatch> match = table.Find(http_method, path);
  if (!match.ok()) return errors::v1::Reason_Name(ReasonOf(match.status()));
  if (match->route == nullptr) return "allow " + match->allow;
  return match->route->method->name();
}

class OurRoutesTest : public ::testing::Test {
 protected:
  std::string Find(absl::string_view http_method, absl::string_view path) {
    return Found(table_, http_method, path);
  }

  const RouteTable table_ =
      *RouteTable::Build(OurServices(), &testing::Schemas());
};

TEST_F(OurRoutesTest, FindsEveryRuleByItsOwnTemplate) {
  for (const auto& route : table_.routes()) {
    std::string path;
    for (const PathTemplate::Segment& segment : route->path.segments) {
      path += "/" + (segment.literal.empty() ? "x1" : segment.literal);
    }
    if (!route->path.verb.empty()) path += ":" + route->path.verb;
    EXPECT_EQ(Find(route->http_method, path), route->method->name()) << path;
  }
}

TEST_F(OurRoutesTest, HasARouteForEveryMethodWithARule) {
  int without_rule = 0;
  for (const ServiceDescriptor* service : OurServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      int routes = 0;
      for (const auto& route : table_.routes()) {
        if (route->method == service->method(i)) ++routes;
      }
      if (routes == 0) ++without_rule;
      EXPECT_LE(routes, 2);
    }
  }
  EXPECT_EQ(without_rule, 3);  // those of EventService
}

TEST_F(OurRoutesTest, TellsVerbsFromIds) {
  EXPECT_EQ(Find("GET", "/v1/communities/a/threads:search"), "SearchThreads");
  EXPECT_EQ(Find("GET", "/v1/communities/a/threads"), "ListThreads");
  EXPECT_EQ(Find("POST", "/v1/communities/a/threads/1:resolve"),
            "ResolveThread");
  EXPECT_EQ(Find("POST", "/v1/communities/a/resources/1:upload"),
            "UploadResource");
  EXPECT_EQ(Find("POST", "/v1/members:register"), "RegisterMember");
  // No such verb, or none at all: part of an id, which its rules will refuse.
  EXPECT_EQ(Find("GET", "/v1/communities/a/threads/1:2"), "GetThread");
  EXPECT_EQ(Find("GET", "/v1/communities/a/threads/1:"), "GetThread");
  EXPECT_EQ(Find("GET", "/v1/communities/a/threads/1%3Aresolve"), "GetThread");
  EXPECT_EQ(Find("GET", "/v1/communities/a:search"), "GetCommunity");
}

TEST_F(OurRoutesTest, ServesAdditionalBindings) {
  EXPECT_EQ(Find("GET", "/v1/jwks"), "GetJwks");
  EXPECT_EQ(Find("GET", "/.well-known/jwks.json"), "GetJwks");
}

TEST_F(OurRoutesTest, SaysWhichMethodsAPathHas) {
  EXPECT_EQ(Find("PUT", "/v1/communities/a/threads"),
            "allow GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(Find("OPTIONS", "/v1/communities/a/memberships/b"),
            "allow DELETE, GET, HEAD, OPTIONS, PATCH");
  EXPECT_EQ(Find("GET", "/v1/communities/a/threads/1:resolve"),
            "allow OPTIONS, POST");
  EXPECT_EQ(Find("get", "/v1/communities"), "allow GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(Find("HEAD", "/v1/communities/a/threads"), "ListThreads");
}

TEST_F(OurRoutesTest, HasNoRouteForOtherPaths) {
  for (const std::string path :
       {"", "v1", "*", "/", "/v1", "/v1/", "/v1/communities/",
        "/v1/communities//threads", "/v1//communities", "//v1/communities",
        "/v2/communities", "/v1/communities/a/threads/", "/V1/communities",
        "/v1/communities/a/b/threads/1", "/v1/communities%2Fa",
        "/v1/communities:list/x", "/v1/communities:"}) {
    EXPECT_EQ(Find("GET", path), "ROUTE_NOT_FOUND") << path;
  }
}

TEST_F(OurRoutesTest, RefusesBrokenEncoding) {
  for (const std::string path :
       {"/v1/communities/%", "/v1/communities/%4", "/v1/communities/%zz",
        "/v1/communities/a/threads%:search", "/nowhere/%"}) {
    EXPECT_EQ(Find("GET", path), "URL_INVALID") << path;
  }
}

TEST_F(OurRoutesTest, ComparesLiteralsDecoded) {
  EXPECT_EQ(Find("GET", "/v1/%63ommunities/a"), "GetCommunity");
}

// Rules of the test's own. Node has name, weight and left, which is a Node.
class RouteTableTest : public ::testing::Test {
 protected:
  static const google::protobuf::MethodDescriptor* Method(
      const std::string& name) {
    return testing::Node::descriptor()
        ->file()
        ->FindServiceByName("KindService")
        ->FindMethodByName(name);
  }

  absl::Status Add(const std::string& rule,
                   const std::string& method = "GetNode") {
    return table_.Add(Method(method),
                      testing::FromText<google::api::HttpRule>(rule),
                      &testing::Schemas());
  }

  // The template that a request leads to.
  std::string Template(absl::string_view http_method, absl::string_view path) {
    const auto match = table_.Find(http_method, path);
    if (!match.ok()) return errors::v1::Reason_Name(ReasonOf(match.status()));
    if (match->route == nullptr) return "allow " + match->allow;
    return match->route->path_text;
  }

  std::vector<std::string> Captures(absl::string_view path) {
    const auto match = table_.Find("GET", path);
    EXPECT_THAT(match, Succeeds()) << path;
    return match.ok() ? match->captures : std::vector<std::string>();
  }

  RouteTable table_;
};

TEST_F(RouteTableTest, PrefersLiteralsToOneToRest) {
  for (const std::string rule :
       {"get: '/x/**'", "get: '/x/*'", "get: '/x/y'", "post: '/x/{name}'",
        "get: '/x/*/z'", "get: '/x/y/{name}'"}) {
    ASSERT_THAT(Add(rule), Succeeds()) << rule;
  }
  EXPECT_EQ(Template("GET", "/x/y"), "/x/y");
  EXPECT_EQ(Template("GET", "/x/w"), "/x/*");
  EXPECT_EQ(Template("GET", "/x"), "/x/**");
  EXPECT_EQ(Template("GET", "/x/y/z"), "/x/y/{name}");
  EXPECT_EQ(Template("GET", "/x/w/z"), "/x/*/z");
  EXPECT_EQ(Template("GET", "/x/w/w"), "/x/**");
  EXPECT_EQ(Template("GET", "/x/y/z/w"), "/x/**");
  EXPECT_EQ(Template("GET", "/x/"), "/x/**");
  // What has not the method does not stand in the way.
  EXPECT_EQ(Template("POST", "/x/y"), "/x/{name}");
  EXPECT_EQ(Template("PUT", "/x/y"), "allow GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(Template("PUT", "/x/y/z"), "allow GET, HEAD, OPTIONS");
}

TEST_F(RouteTableTest, DecodesASingleSegmentWhole) {
  ASSERT_THAT(Add("get: '/x/{name}/{weight=*}'"), Succeeds());
  EXPECT_THAT(Captures("/x/a%2Fb%20c+d/1"), ElementsAre("a/b c+d", "1"));
  EXPECT_THAT(Captures("/x/..%2f..%2f/%00"),
              ElementsAre("../../", std::string(1, '\0')));
}

TEST_F(RouteTableTest, LeavesSeparatorsEncodedInSeveralSegments) {
  ASSERT_THAT(Add("get: '/{name=a/*/b/*}'"), Succeeds());
  ASSERT_THAT(Add("get: '/f/{left.name=**}:read'"), Succeeds());
  ASSERT_THAT(Add("get: '/{left.name=g/**}'"), Succeeds());
  EXPECT_THAT(Captures("/a/1%2F2/b/%41%20%3a"), ElementsAre("a/1%2F2/b/A %3a"));
  EXPECT_THAT(Captures("/f/a/b%2Fc/d%20:read"), ElementsAre("a/b%2Fc/d "));
  EXPECT_THAT(Captures("/f:read"), ElementsAre(""));
  EXPECT_THAT(Captures("/g"), ElementsAre("g"));
  EXPECT_THAT(Captures("/g/"), ElementsAre("g/"));
  EXPECT_THAT(Captures("/g//x"), ElementsAre("g//x"));
}

TEST_F(RouteTableTest, ServesCustomMethodsAndAny) {
  ASSERT_THAT(Add("custom {kind: 'PURGE' path: '/x'}"), Succeeds());
  ASSERT_THAT(Add("custom {kind: '*' path: '/y'} "
                  "additional_bindings {put: '/y' body: '*'} "
                  "additional_bindings {put: '/z' body: '*'}"),
              Succeeds());
  EXPECT_EQ(Template("PURGE", "/x"), "/x");
  EXPECT_EQ(Template("GET", "/x"), "allow OPTIONS, PURGE");
  EXPECT_EQ(Template("BREW", "/y"), "/y");
  EXPECT_EQ(table_.Find("PUT", "/y")->route->http_method, "PUT");
  EXPECT_EQ(table_.Find("HEAD", "/y")->route->http_method, "*");
  EXPECT_EQ(Template("PUT", "/z"), "/z");
}

TEST_F(RouteTableTest, RefusesTwoRulesForTheSameRequests) {
  ASSERT_THAT(Add("get: '/x/{name}:v'"), Succeeds());
  EXPECT_THAT(Add("get: '/x/{name}'"), Succeeds());
  EXPECT_THAT(Add("post: '/x/{name}'"), Succeeds());
  EXPECT_THAT(Add("get: '/x/**'"), Succeeds());
  EXPECT_THAT(Add("get: '/x/{left.name=*}'", "GetEverything"),
              FailsWith(Reason::INTERNAL));
  const absl::Status twice = Add("get: '/{name=x/*}'");
  EXPECT_THAT(twice, FailsWith(Reason::INTERNAL));
  EXPECT_THAT(
      std::string(twice.message()),
      AllOf(HasSubstr("KindService.GetNode"), HasSubstr("GET /{name=x/*}")));
}

TEST_F(RouteTableTest, RefusesRulesThatCannotBeServed) {
  for (const std::string rule :
       {"body: '*'",                        // no pattern
        "get: 'x'", "get: '/x/{nothing}'",  // bad templates
        "get: '/x/{left}'",                 // a message
        "get: '/x/{children}'",             // a list
        "get: '/x/{children.name}'",        // within a list
        "get: '/x/{name}/{name}'",          // twice
        "get: '/x' body: '*'", "delete: '/x' body: 'left'",
        "post: '/x' body: 'nothing'",
        "post: '/x' body: 'children'",    // a list
        "post: '/x' body: 'left.right'",  // not at the top
        "get: '/x' response_body: 'nothing'", "custom {kind: 'get' path: '/x'}",
        "custom {kind: '' path: '/x'}", "custom {kind: 'HEAD' path: '/x'}",
        "custom {kind: 'OPTIONS' path: '/x'}",
        "get: '/a' additional_bindings {get: '/b' additional_bindings "
        "{get: '/c'}}",
        "get: '/d' additional_bindings {get: '/e/{nothing}'}"}) {
    const absl::Status added = Add(rule);
    EXPECT_THAT(added, FailsWith(Reason::INTERNAL)) << rule;
    EXPECT_THAT(std::string(added.message()), HasSubstr("KindService.GetNode"));
  }
}

TEST_F(RouteTableTest, KnowsTheBodyTheResponseAndTheMask) {
  ASSERT_THAT(Add("post: '/x' body: 'left' response_body: 'children'"),
              Succeeds());
  const Route& node = *table_.Find("POST", "/x")->route;
  EXPECT_EQ(node.body, Route::Body::kField);
  EXPECT_EQ(node.body_field->descriptor->name(), "left");
  EXPECT_EQ(node.response_field->descriptor->name(), "children");
  EXPECT_EQ(node.update_mask, nullptr);
  ASSERT_THAT(Add("patch: '/y' body: 'everything' "
                  "additional_bindings {patch: '/z' body: '*'}",
                  "Patch"),
              Succeeds());
  EXPECT_EQ(table_.Find("PATCH", "/y")->route->update_mask->number, 2u);
  const Route& whole = *table_.Find("PATCH", "/z")->route;
  EXPECT_EQ(whole.body, Route::Body::kWhole);
  EXPECT_EQ(whole.update_mask, nullptr);
}

TEST(RpcRoutesTest, AreThePathsOfMethodsWithARule) {
  auto table = RouteTable::Build(OurServices(), &testing::Schemas());
  ASSERT_THAT(table, Succeeds());
  ASSERT_THAT(table->AddRpcs(OurServices(), &testing::Schemas()), Succeeds());
  const auto find = [&](absl::string_view method, absl::string_view path) {
    return Found(*table, method, path);
  };
  const std::string threads = "/praxis.discussions.v1.ThreadService/";
  EXPECT_EQ(find("POST", threads + "GetThread"), "GetThread");
  EXPECT_EQ(find("GET", threads + "GetThread"), "GetThread");
  EXPECT_EQ(find("POST", threads + "CreateThread"), "CreateThread");
  // A GET must not write, nor can it stream.
  EXPECT_EQ(find("GET", threads + "CreateThread"), "allow OPTIONS, POST");
  EXPECT_EQ(find("GET",
                 "/praxis.resources.v1.ResourceService/"
                 "DownloadResource"),
            "allow OPTIONS, POST");
  for (const std::string& path :
       {threads, threads + "getThread", threads + "GetThread/",
        threads + "GetThread:x", std::string("/ThreadService/GetThread"),
        // Among services, and not for the web.
        std::string("/praxis.events.v1.EventService/ReadEvents")}) {
    EXPECT_EQ(find("POST", path), "ROUTE_NOT_FOUND") << path;
  }
  const auto match = table->Find("POST", threads + "GetThread");
  EXPECT_TRUE(match->route->is_rpc);
  EXPECT_FALSE(table->Find("GET", "/v1/communities")->route->is_rpc);
}

}  // namespace
}  // namespace praxis::gateway
