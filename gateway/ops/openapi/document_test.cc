#include "gateway/ops/openapi/document.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gateway/ops/openapi/contract.h"
#include "gateway/ops/openapi/operation_object.h"
#include "gateway/routes/route_table.h"
#include "gateway/transcode/message_schema.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "praxis/errors/v1/reasons.pb.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;
using Json = google::protobuf::Value;

// What lies behind these names in a document; null when one is not there.
const Json& At(const Json& value, const std::vector<std::string>& names) {
  static const Json* const kNull = new Json;
  const Json* at = &value;
  for (const std::string& name : names) {
    if (at->has_list_value()) {
      at = &at->list_value().values(std::stoi(name));
      continue;
    }
    const auto& fields = at->struct_value().fields();
    const auto found = fields.find(name);
    if (found == fields.end()) return *kNull;
    at = &found->second;
  }
  return *at;
}

class OpenApiDocumentTest : public ::testing::Test {
 protected:
  OpenApiDocumentTest() {
    std::vector<const google::protobuf::ServiceDescriptor*> services;
    for (const char* package : {"praxis.members.v1", "praxis.discussions.v1",
                                "praxis.resources.v1"}) {
      const auto more = contract_.ServicesOf(package);
      services.insert(services.end(), more.begin(), more.end());
    }
    auto routes = RouteTable::Build(services, &schemas_);
    EXPECT_THAT(routes, testing::Succeeds());
    routes_ = *std::move(routes);
    json_ = OpenApiDocument(routes_.routes(), contract_, "1.2.3");
    EXPECT_TRUE(
        google::protobuf::util::JsonStringToMessage(json_, &document_).ok());
  }

  // The operation of a method and path.
  const Json& Operation(const std::string& path, const std::string& method) {
    return At(document_, {"paths", path, method});
  }
  const Json& Schema(const std::string& name) {
    return At(document_, {"components", "schemas", name});
  }
  // Names of an operation's parameters; shared ones are named by references.
  static std::set<std::string> Parameters(const Json& operation) {
    std::set<std::string> names;
    for (const Json& parameter :
         At(operation, {"parameters"}).list_value().values()) {
      const std::string& reference = At(parameter, {"$ref"}).string_value();
      names.insert(reference.empty()
                       ? At(parameter, {"name"}).string_value()
                       : reference.substr(reference.rfind('/') + 1));
    }
    return names;
  }

  Contract contract_;
  SchemaSet schemas_;
  RouteTable routes_;
  std::string json_;
  Json document_;
};

TEST_F(OpenApiDocumentTest, SaysWhatItIs) {
  EXPECT_EQ(At(document_, {"openapi"}).string_value(), "3.1.0");
  EXPECT_EQ(At(document_, {"info", "version"}).string_value(), "1.2.3");
  EXPECT_EQ(At(document_, {"components", "securitySchemes", "bearer", "scheme"})
                .string_value(),
            "bearer");
}

TEST_F(OpenApiDocumentTest, HasEveryRoute) {
  ASSERT_THAT(routes_.routes(), Not(IsEmpty()));
  std::set<std::string> ids;
  for (const auto& route : routes_.routes()) {
    std::vector<std::string> names;
    const Json& operation =
        Operation(OpenApiPath(route->path, &names),
                  absl::AsciiStrToLower(route->http_method));
    const std::string id = At(operation, {"operationId"}).string_value();
    EXPECT_THAT(id, StartsWith(route->method->name())) << route->path_text;
    EXPECT_TRUE(ids.insert(id).second) << id;
    EXPECT_TRUE(At(operation, {"responses", "200"}).has_struct_value());
    EXPECT_TRUE(At(operation, {"responses", "default"}).has_struct_value());
    for (const std::string& name : names) {
      EXPECT_EQ(Parameters(operation).count(name), 1) << name;
    }
  }
}

TEST_F(OpenApiDocumentTest, RefersToAllComponentsAndToNoOthers) {
  size_t at = 0;
  const std::string mark = "\"$ref\":\"#/components/";
  std::set<std::string> referred;
  while ((at = json_.find(mark, at)) != std::string::npos) {
    at += mark.size();
    referred.insert(json_.substr(at, json_.find('"', at) - at));
  }
  std::set<std::string> there;
  for (const char* kind : {"headers", "parameters", "responses", "schemas"}) {
    for (const auto& [name, part] :
         At(document_, {"components", kind}).struct_value().fields()) {
      there.insert(absl::StrCat(kind, "/", name));
    }
  }
  EXPECT_EQ(referred, there);
  EXPECT_GT(there.size(), 50);
}

TEST_F(OpenApiDocumentTest, SaysWhatTheCommentsSay) {
  const Json& thread = Schema("praxis.discussions.v1.Thread");
  EXPECT_EQ(At(thread, {"description"}).string_value(),
            "A conversation with a purpose.");
  EXPECT_EQ(At(thread, {"properties", "body", "description"}).string_value(),
            "Markdown.");
  // Where there is no comment, a name may tell.
  EXPECT_EQ(At(thread, {"properties", "etag", "description"}).string_value(),
            "Changes with the object.");
  EXPECT_THAT(
      Operation("/v1/communities/{community}/threads/{thread}:resolve", "post")
          .struct_value()
          .fields()
          .at("description")
          .string_value(),
      HasSubstr("The author or a moderator."));
  EXPECT_THAT(At(Schema("praxis.discussions.v1.ThreadKind"), {"description"})
                  .string_value(),
              HasSubstr("PROBLEM_SOLVING: Solution."));
}

TEST_F(OpenApiDocumentTest, TurnsFieldRulesIntoConstraints) {
  const Json& thread = Schema("praxis.discussions.v1.Thread");
  const Json& title = At(thread, {"properties", "title"});
  EXPECT_EQ(At(title, {"minLength"}).number_value(), 3);
  EXPECT_EQ(At(title, {"maxLength"}).number_value(), 200);
  EXPECT_EQ(At(thread, {"properties", "name", "pattern"}).string_value(),
            "^communities/[a-z0-9-]{1,64}/threads/[a-z0-9-]{1,64}$");
  EXPECT_TRUE(At(thread, {"properties", "author", "readOnly"}).bool_value());
  EXPECT_EQ(At(thread, {"properties", "kind", "not", "const"}).string_value(),
            "THREAD_KIND_UNSPECIFIED");
  EXPECT_EQ(At(thread, {"properties", "createTime", "format"}).string_value(),
            "date-time");
  EXPECT_FALSE(At(thread, {"additionalProperties"}).bool_value());
  EXPECT_EQ(At(Schema("praxis.discussions.v1.Solution"),
               {"properties", "tried", "maxItems"})
                .number_value(),
            50);
}

TEST_F(OpenApiDocumentTest, AsksForWhatIsRequiredOfWhatIsMadeOnly) {
  const Json& create = At(
      Operation("/v1/communities/{community}/threads/{thread}/posts", "post"),
      {"requestBody", "content", "application/json", "schema"});
  EXPECT_EQ(At(create, {"allOf", "1", "required", "0"}).string_value(), "body");
  const Json& update =
      At(Operation("/v1/communities/{community}/threads/{thread}/posts/{post}",
                   "patch"),
         {"requestBody", "content", "application/json", "schema"});
  EXPECT_EQ(At(update, {"$ref"}).string_value(),
            "#/components/schemas/praxis.discussions.v1.Post");
  EXPECT_EQ(At(Schema("praxis.discussions.v1.Post"), {"required"}).kind_case(),
            Json::KIND_NOT_SET);
}

TEST_F(OpenApiDocumentTest, LeavesThePathOutOfQueryAndBody) {
  const Json& list = Operation("/v1/communities/{community}/threads", "get");
  const std::set<std::string> names = Parameters(list);
  EXPECT_EQ(names.count("community"), 1);
  EXPECT_EQ(names.count("pageSize"), 1);
  EXPECT_EQ(names.count("parent"), 0);
  const Json& resolve = At(
      Operation("/v1/communities/{community}/threads/{thread}:resolve", "post"),
      {"requestBody", "content", "application/json", "schema"});
  EXPECT_TRUE(At(resolve, {"properties", "outcome"}).has_struct_value());
  EXPECT_FALSE(At(resolve, {"properties", "name"}).has_struct_value());
}

TEST_F(OpenApiDocumentTest, NamesTheHeadersThatAMethodTakes) {
  const std::set<std::string> update = Parameters(Operation(
      "/v1/communities/{community}/threads/{thread}/posts/{post}", "patch"));
  EXPECT_EQ(update.count("If-Match"), 1);
  EXPECT_EQ(update.count("Idempotency-Key"), 1);
  // What is made anew has no etag yet.
  const std::set<std::string> create = Parameters(
      Operation("/v1/communities/{community}/threads/{thread}/posts", "post"));
  EXPECT_EQ(create.count("If-Match"), 0);
  EXPECT_EQ(create.count("Idempotency-Key"), 1);
  const std::set<std::string> download = Parameters(Operation(
      "/v1/communities/{community}/resources/{resource}:download", "get"));
  EXPECT_EQ(download.count("Range"), 1);
  EXPECT_EQ(download.count("range"), 0);
  EXPECT_EQ(download.count("If-Match"), 0);
}

TEST_F(OpenApiDocumentTest, SaysWhoMayCall) {
  const Json& create = Operation("/v1/communities", "post");
  EXPECT_EQ(At(create, {"x-praxis-access"}).string_value(), "SIGNED_IN");
  EXPECT_EQ(At(create, {"security"}).list_value().values_size(), 1);
  const Json& list = Operation("/v1/communities", "get");
  EXPECT_EQ(At(list, {"security"}).list_value().values_size(), 2);
}

TEST_F(OpenApiDocumentTest, ListsEveryReason) {
  const Json& reasons =
      At(Schema("ErrorDetail"), {"properties", "reason", "enum"});
  EXPECT_EQ(reasons.list_value().values_size(),
            errors::v1::Reason_descriptor()->value_count() - 1);
}

TEST_F(OpenApiDocumentTest, TellsTheErrorsThatPolicyFieldsAndCommentMean) {
  const auto statuses = [](const Json& operation) {
    std::set<std::string> keys;
    for (const auto& [status, response] :
         At(operation, {"responses"}).struct_value().fields()) {
      keys.insert(status);
    }
    return keys;
  };
  EXPECT_THAT(statuses(Operation("/v1/communities", "get")),
              UnorderedElementsAre("200", "400", "401", "429", "default"));
  // NAME_TAKEN is 409.
  EXPECT_THAT(statuses(Operation("/v1/members:register", "post")),
              UnorderedElementsAre("200", "400", "401", "409", "413", "415",
                                   "429", "default"));
  EXPECT_THAT(
      statuses(Operation(
          "/v1/communities/{community}/resources/{resource}:download", "get")),
      UnorderedElementsAre("200", "206", "304", "400", "401", "403", "404",
                           "416", "429", "default"));
  const Json& missing = At(document_, {"components", "responses", "NotFound"});
  EXPECT_THAT(At(missing, {"description"}).string_value(),
              StartsWith("Not Found.\n\n- `RESOURCE_NOT_FOUND`"));
  EXPECT_TRUE(
      At(missing, {"content", "application/problem+json"}).has_struct_value());
  EXPECT_TRUE(At(document_, {"components", "responses", "Unauthorized",
                             "headers", "WWW-Authenticate"})
                  .has_struct_value());
}

TEST_F(OpenApiDocumentTest, ShowsAnExampleOfWhatIsSentAndAnswered) {
  const Json& create = Operation("/v1/communities/{community}/threads", "post");
  EXPECT_EQ(At(create, {"parameters", "0", "example"}).string_value(),
            "lathe-work");
  const Json& sent =
      At(create, {"requestBody", "content", "application/json", "example"});
  EXPECT_EQ(At(sent, {"kind"}).string_value(), "PROBLEM_SOLVING");
  EXPECT_FALSE(At(sent, {"author"}).has_string_value());
  const Json& answered = At(
      create, {"responses", "200", "content", "application/json", "example"});
  EXPECT_THAT(At(answered, {"author"}).string_value(), StartsWith("members/"));
}

TEST(OpenApiPathTest, NamesEachPlaceholder) {
  const auto path = [](absl::string_view text) {
    std::vector<std::string> names;
    return OpenApiPath(*PathTemplate::Parse(text), &names);
  };
  EXPECT_EQ(path("/v1/{name=communities/*/threads/*}:resolve"),
            "/v1/communities/{community}/threads/{thread}:resolve");
  EXPECT_EQ(path("/v1/members/{id}"), "/v1/members/{member}");
  EXPECT_EQ(path("/v1/a/*/a/*"), "/v1/a/{a}/a/{a2}");
  EXPECT_EQ(path("/files/**"), "/files/{path}");
  EXPECT_EQ(path("/*"), "/{path}");
}

TEST(ContractTest, KnowsTheCommentsOfItsDeclarations) {
  const Contract contract;
  const auto& thread = *discussions::v1::Thread::descriptor();
  EXPECT_EQ(contract.CommentOf(thread), "A conversation with a purpose.");
  EXPECT_EQ(contract.CommentOf(*thread.FindFieldByName("outcome")),
            "Set once resolved, with resolve_time and resolver.");
  EXPECT_EQ(contract.CommentOf(*thread.FindFieldByName("title")), "");
  EXPECT_THAT(contract.CommentOf(*thread.file()->service(0)),
              HasSubstr("what a practitioner came for"));
  EXPECT_EQ(contract.CommentOf(*google::protobuf::Struct::descriptor())
                .find("praxis"),
            std::string::npos);
}

}  // namespace
}  // namespace praxis::gateway
