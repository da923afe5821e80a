// Every RPC that the servers say they have is there, and the gateway says the
// same of it in HTTP.
#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "praxis/http/v1/body.pb.h"
#include "praxis/options/v1/options.pb.h"
#include "tests/system/event_stream.h"
#include "tests/system/http_rule.h"
#include "tests/system/json.h"
#include "tests/system/reflected.h"
#include "tests/system/sample_request.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using ::testing::Contains;
using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAreArray;

constexpr char kEventService[] = "praxis.events.v1.EventService";
constexpr char kNowhere[] = "communities/there-never-was-one";

bool HasSideEffects(const MethodDescriptor& method) {
  return method.options().idempotency_level() !=
         google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
}

bool IsForServices(const MethodDescriptor& method) {
  return method.options().GetExtension(options::v1::policy).access() ==
         options::v1::SERVICE;
}

bool IsDownload(const MethodDescriptor& method) {
  return method.output_type()->full_name() == "praxis.http.v1.BodyChunk";
}

// Clears what differs although the same was done: secrets, which are made anew
// each time, and what says how often and when, if `counts`.
void ClearVolatile(bool counts, Message* message) {
  const auto& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool is_count =
        field->name() == "etag" || field->name() == "update_time";
    if (field->options().GetExtension(options::v1::field).secret() ||
        (counts && is_count)) {
      reflection.ClearField(message, field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    } else if (!field->is_repeated()) {
      ClearVolatile(counts, reflection.MutableMessage(message, field));
    } else {
      for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
        ClearVolatile(counts,
                      reflection.MutableRepeatedMessage(message, field, i));
      }
    }
  }
}

class ReflectionTest : public SuiteTest {
 protected:
  // One object of each kind, in a private community of Ada's.
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(SuiteTest::SetUp());
    reflected_ = std::make_unique<Reflected>(suite(), kReflectionVersions[0]);
    ada_ = std::make_unique<Person>(Register(suite(), Transport::kGrpc, "ada"));
    const Person bob = Register(suite(), Transport::kGrpc, "bob");
    community_ = Found(ada_->caller, "lathe", events::v1::PRIVATE);
    Caller joiner = bob.caller.With(bob.caller.token());
    Join(joiner, community_);
    const auto thread = Ask(ada_->caller, community_, "A chatter mark",
                            "Where does the chatter come from?");
    const auto post = Reply(ada_->caller, thread.name(), "From the tailstock.");
    const auto resource = AddFile(ada_->caller, community_, "A drawing");
    EXPECT_THAT(ada_->caller.Upload(resource.name(),
                                    {"a.txt", "text/plain", "a drawing"}),
                Answered());
    names_ = {{"members/*", "members/me"},
              {"communities/*", community_},
              {"communities/*/memberships/*",
               absl::StrCat(community_, "/memberships",
                            bob.name.substr(bob.name.find('/')))},
              {"communities/*/threads/*", thread.name()},
              {"communities/*/threads/*/posts/*", post.name()},
              {"communities/*/resources/*", resource.name()}};
  }

  // Valid requests about what is there, or about the same elsewhere.
  SampleRequests Samples(const std::string& community) {
    SampleRequests::Names names = names_;
    for (auto& [pattern, name] : names) {
      if (absl::StartsWith(name, community_)) {
        name = community + name.substr(community_.size());
      }
    }
    return SampleRequests(names, Values());
  }

  SampleRequests::Values Values() {
    const auto say = [](std::string text) {
      return [text = std::move(text)] { return text; };
    };
    const std::string m = "praxis.members.v1.";
    const std::string d = "praxis.discussions.v1.";
    const std::string e = "praxis.events.v1.";
    const std::string credential = suite().Secret("service_credential");
    return {
        {m + "RegisterMemberRequest.handle", [] { return Unique("eve"); }},
        {m + "RegisterMemberRequest.email",
         [] { return Unique("eve") + "@example.org"; }},
        {m + "CreateSessionRequest.handle", say(ada_->handle)},
        {m + "CreateSessionRequest.password", say(ada_->password)},
        {m + "RefreshSessionRequest.refresh_token",
         [this] { return NewRefreshToken(); }},
        {m + "ExchangeTokenRequest.subject_token_type",
         say("urn:praxis:token-type:service-credential")},
        {m + "ExchangeTokenRequest.subject_token",
         say("services/discussions:" + credential)},
        {m + "UpdateMemberRequest.update_mask", say("display_name")},
        {m + "Member.display_name", say("Ada L.")},
        {m + "CreateCommunityRequest.community_id",
         [] { return Unique("another"); }},
        {m + "UpdateCommunityRequest.update_mask", say("display_name")},
        {m + "Community.display_name", say("Lathes")},
        {m + "UpdateMembershipRequest.update_mask", say("role")},
        {m + "Membership.role", say("OBSERVER")},
        {d + "UpdatePostRequest.update_mask", say("body")},
        {d + "SearchThreadsRequest.query", say("chatter")},
        {"praxis.resources.v1.SearchResourcesRequest.query", say("drawing")},
        {e + "ReadEventsRequest.source", say(kSources[0])},
        {e + "WatchEventsRequest.source", say(kSources[0])},
        {e + "AckEventsRequest.source", say(kSources[0])},
        {"praxis.resources.v1.Resource.text", say("Turn, then face.")},
    };
  }

  std::string NewRefreshToken() {
    Caller nobody(suite(), Transport::kGrpc);
    members::v1::CreateSessionRequest request;
    request.set_handle(ada_->handle);
    request.set_password(ada_->password);
    return nobody.Call<members::v1::SessionTokens>(request).refresh_token();
  }

  // The outcome of an RPC over gRPC.
  Answer CallGrpc(const MethodDescriptor& method, const Message& request,
                  const std::string& token,
                  const std::string& source = "services/members") {
    const std::string service = method.service()->full_name();
    const std::string address =
        suite().GrpcAddressOf(service == kEventService ? source : service);
    if (method.client_streaming()) return CallUpload(Transport::kGrpc, token);
    const std::unique_ptr<GrpcCall> call =
        grpc_.Open(address, PathOf(method), BearerOf(token));
    call->Write(request.SerializeAsString());
    call->WritesDone();
    std::string bytes;
    while (const std::optional<std::string> message = call->Read()) {
      if (!method.server_streaming()) {
        bytes = *message;
      } else if (IsDownload(method)) {
        http::v1::BodyChunk chunk;
        EXPECT_TRUE(chunk.ParseFromString(*message));
        bytes += chunk.data();
      } else {
        // A watcher has no end.
        Answer seen;
        seen.code = google::rpc::OK;
        return seen;
      }
    }
    Answer answer = call->Finish();
    answer.bytes = std::move(bytes);
    return answer;
  }

  // The same over HTTP, by one of its bindings.
  Answer CallHttp(const MethodDescriptor& method,
                  const google::api::HttpRule& rule, const Message& request,
                  const std::string& token) {
    if (method.client_streaming()) return CallUpload(Transport::kHttp, token);
    const HttpClient client(suite().http_port());
    HttpRequest http = ToHttp(rule, request);
    http.token = token;
    if (method.server_streaming() && !IsDownload(method) && IsWatched(http)) {
      Answer seen;
      seen.code = google::rpc::OK;
      return seen;
    }
    const HttpResponse response = client.Send(http);
    if (method.server_streaming()) return AnswerOfBody(response);
    return AnswerOf(response, reflected_->NewResponse(method).get());
  }

  // Whether a stream begins: a watcher has no end.
  bool IsWatched(const HttpRequest& request) {
    EventStream stream(suite().http_port(), request.target,
                       {.token = request.token});
    return stream.status() == 200 && stream.Next().has_value();
  }

  Answer CallUpload(Transport transport, const std::string& token) {
    Caller caller(suite(), transport, token);
    return caller.Upload(upload_to_, {"a.txt", "text/plain", "a drawing"});
  }

  // A response in JSON, as far as it is the same each time.
  std::string Stable(const MethodDescriptor& method, const Answer& answer) {
    if (!answer.ok()) return "";
    if (method.server_streaming()) return answer.bytes;
    const bool counts =
        HasSideEffects(method) &&
        method.input_type()->FindFieldByName("request_id") == nullptr;
    const std::unique_ptr<Message> response = reflected_->NewResponse(method);
    EXPECT_TRUE(response->ParseFromString(answer.bytes));
    ClearVolatile(counts, response.get());
    return ToJson(*response);
  }

  // Fills, calls by gRPC and by each binding in HTTP, and compares. `change`
  // may make the request a wrong one.
  Answer CallBothWays(const MethodDescriptor& method,
                      const SampleRequests& samples, const std::string& token,
                      const std::function<void(Message*)>& change = nullptr) {
    // A retry with the same request_id is answered with what was done.
    const std::string request_id = Unique("both-ways");
    const auto fill = [&](Message* request) {
      samples.Fill(method, request);
      const auto* field = method.input_type()->FindFieldByName("request_id");
      if (field != nullptr) {
        request->GetReflection()->SetString(request, field, request_id);
      }
      const auto* name = method.input_type()->FindFieldByName("name");
      if (method.client_streaming()) {
        upload_to_ = request->GetReflection()->GetString(*request, name);
      }
      if (change != nullptr) change(request);
    };
    const std::unique_ptr<Message> request = reflected_->NewRequest(method);
    fill(request.get());
    const Answer grpc = CallGrpc(method, *request, token);
    EXPECT_NE(grpc.code, google::rpc::UNIMPLEMENTED) << method.full_name();
    for (const auto& rule : BindingsOf(method)) {
      // What is good once must be made anew.
      if (method.name() == "RefreshSession") {
        request->Clear();
        fill(request.get());
      }
      const Answer http = CallHttp(method, rule, *request, token);
      EXPECT_THAT(http, Refused(grpc.code, grpc.reason))
          << method.full_name() << " by " << TemplateOf(rule) << " and not "
          << grpc;
      EXPECT_EQ(http.message, grpc.message) << method.full_name();
      EXPECT_EQ(Stable(method, http), Stable(method, grpc))
          << method.full_name() << " by " << TemplateOf(rule);
    }
    return grpc;
  }

  std::string TokenFor(const MethodDescriptor& method) {
    return IsForServices(method)
               ? ServiceOf(suite(), "services/discussions").token()
               : ada_->caller.token();
  }

  GrpcClient grpc_;
  std::unique_ptr<Reflected> reflected_;
  std::unique_ptr<Person> ada_;
  std::string community_;
  SampleRequests::Names names_;
  // Of the request that CallBothWays is about.
  std::string upload_to_;
};

INSTANTIATE_TEST_SUITE_P(Shapes, ReflectionTest, BothShapes(), NameOfShape);

TEST_P(ReflectionTest, ListsEveryServiceInBothVersions) {
  std::set<std::string> served;
  for (const std::string& address : suite().grpc_addresses()) {
    const auto v1 = ListServices(grpc_, address, kReflectionVersions[0]);
    const auto v1alpha = ListServices(grpc_, address, kReflectionVersions[1]);
    EXPECT_THAT(v1alpha, UnorderedElementsAreArray(v1));
    const std::vector<std::string> everywhere = {
        kReflectionVersions[0], kReflectionVersions[1], "grpc.health.v1.Health",
        kEventService};
    EXPECT_THAT(v1, IsSupersetOf(everywhere));
    served.insert(v1.begin(), v1.end());
  }
  for (const MethodDescriptor* method : ContractMethods()) {
    EXPECT_THAT(served, Contains(method->service()->full_name()));
  }
}

TEST_P(ReflectionTest, DescribesTheContractInBothVersions) {
  for (const char* version : kReflectionVersions) {
    const Reflected reflected(suite(), version);
    EXPECT_EQ(reflected.Methods().size(), ContractMethods().size());
    for (const MethodDescriptor* method : ContractMethods()) {
      google::protobuf::FileDescriptorProto file;
      method->file()->CopyTo(&file);
      const auto* told = reflected.File(file.name());
      ASSERT_NE(told, nullptr) << file.name();
      EXPECT_EQ(told->SerializeAsString(), file.SerializeAsString())
          << file.name() << " by " << version;
    }
  }
}

TEST_P(ReflectionTest, AnswersEveryMethodAndTheSameOverHttp) {
  const SampleRequests samples = Samples(community_);
  for (const MethodDescriptor* method : reflected_->Methods()) {
    const Answer answer = CallBothWays(*method, samples, TokenFor(*method));
    EXPECT_THAT(answer, Answered()) << method->full_name();
  }
}

TEST_P(ReflectionTest, ServesTheEventsOfEverySource) {
  const std::string token = ServiceOf(suite(), "services/resources").token();
  for (const MethodDescriptor* method : reflected_->Methods()) {
    if (method->service()->full_name() != kEventService) continue;
    for (const char* source : kSources) {
      const std::unique_ptr<Message> request = reflected_->NewRequest(*method);
      Samples(community_).Fill(*method, request.get());
      const auto* field = method->input_type()->FindFieldByName("source");
      request->GetReflection()->SetString(request.get(), field, source);
      EXPECT_THAT(CallGrpc(*method, *request, token, source), Answered())
          << method->full_name() << " of " << source;
    }
  }
}

TEST_P(ReflectionTest, RefusesStrangersTheSameOverHttp) {
  Person dora = Register(suite(), Transport::kGrpc, "dora");
  const SampleRequests samples = Samples(community_);
  for (const MethodDescriptor* method : reflected_->Methods()) {
    CallBothWays(*method, samples, "");
    CallBothWays(*method, samples, dora.caller.token());
    CallBothWays(*method, samples, "no.such.token");
  }
}

TEST_P(ReflectionTest, MissesObjectsTheSameOverHttp) {
  const SampleRequests elsewhere = Samples(kNowhere);
  for (const MethodDescriptor* method : reflected_->Methods()) {
    const Answer answer = CallBothWays(*method, elsewhere, TokenFor(*method));
    // Whatever is said of a community is not found.
    const bool has_scope =
        !method->options().GetExtension(options::v1::policy).scope().empty();
    if (has_scope) {
      EXPECT_THAT(answer, Refused(google::rpc::NOT_FOUND, "RESOURCE_NOT_FOUND"))
          << method->full_name();
    }
  }
}

TEST_P(ReflectionTest, RefusesWrongFieldsTheSameOverHttp) {
  const SampleRequests samples = Samples(community_);
  for (const MethodDescriptor* method : reflected_->Methods()) {
    const auto set = [&](const char* name, const std::string& text) {
      return [name, text](Message* request) {
        const auto* field = request->GetDescriptor()->FindFieldByName(name);
        request->GetReflection()->SetString(request, field, text);
      };
    };
    const auto has = [&](const char* name) {
      return method->input_type()->FindFieldByName(name) != nullptr;
    };
    if (has("request_id")) {
      EXPECT_THAT(CallBothWays(*method, samples, TokenFor(*method),
                               set("request_id", std::string(65, 'x'))),
                  Refused(google::rpc::INVALID_ARGUMENT, "FIELD_INVALID"))
          << method->full_name();
    }
    if (has("page_token")) {
      EXPECT_THAT(CallBothWays(*method, samples, TokenFor(*method),
                               set("page_token", "not a page token")),
                  Refused(google::rpc::INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"))
          << method->full_name();
    }
  }
}

}  // namespace
}  // namespace praxis::system
