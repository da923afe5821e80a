#include "tests/system/caller.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "praxis/discussions/v1/events.pb.h"
#include "praxis/discussions/v1/posts.pb.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "praxis/events/v1/events.pb.h"
#include "praxis/members/v1/communities.pb.h"
#include "praxis/members/v1/members.pb.h"
#include "praxis/members/v1/memberships.pb.h"
#include "praxis/members/v1/sessions.pb.h"
#include "praxis/ops/v1/status.pb.h"
#include "praxis/resources/v1/resources.pb.h"
#include "tests/system/http_rule.h"

namespace praxis::system {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr size_t kChunkBytes = 256 << 10;

std::vector<const FileDescriptor*> FilesWithServices() {
  return {members::v1::Member::descriptor()->file(),
          members::v1::Community::descriptor()->file(),
          members::v1::Membership::descriptor()->file(),
          members::v1::Jwks::descriptor()->file(),
          discussions::v1::Thread::descriptor()->file(),
          discussions::v1::Post::descriptor()->file(),
          discussions::v1::WatchEventsRequest::descriptor()->file(),
          resources::v1::Resource::descriptor()->file(),
          events::v1::Event::descriptor()->file(),
          ops::v1::Check::descriptor()->file()};
}

// The source that a request to EventService names; empty for others.
std::string SourceOf(const Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("source");
  return field == nullptr ? ""
                          : request.GetReflection()->GetString(request, field);
}

}  // namespace

std::string TransportName(Transport transport) {
  return transport == Transport::kHttp ? "Http" : "Grpc";
}

std::vector<const MethodDescriptor*> ContractMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const FileDescriptor* file : FilesWithServices()) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        methods.push_back(file->service(i)->method(j));
      }
    }
  }
  return methods;
}

const MethodDescriptor& MethodOf(const Message& request) {
  for (const MethodDescriptor* method : ContractMethods()) {
    if (method->input_type() == request.GetDescriptor()) return *method;
  }
  ADD_FAILURE() << "no method takes " << request.GetTypeName();
  std::abort();
}

Caller::Caller(const Suite& suite, Transport transport, std::string token)
    : suite_(&suite),
      transport_(transport),
      token_(std::move(token)),
      http_(suite.http_port()) {}

Caller Caller::With(std::string token) const {
  return Caller(*suite_, transport_, std::move(token));
}

Answer Caller::Try(const Message& request) {
  const MethodDescriptor& method = MethodOf(request);
  if (transport_ == Transport::kHttp && !BindingsOf(method).empty()) {
    return TryHttp(method, request);
  }
  const std::string source = SourceOf(request);
  return grpc_.Unary(
      suite_->GrpcAddressOf(source.empty() ? method.service()->full_name()
                                           : source),
      PathOf(method), request.SerializeAsString(), BearerOf(token_));
}

Answer Caller::TryHttp(const MethodDescriptor& method, const Message& request) {
  HttpRequest http = ToHttp(BindingsOf(method).front(), request);
  http.token = token_;
  const std::unique_ptr<Message> response(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(method.output_type())
          ->New());
  return AnswerOf(http_.Send(http), response.get());
}

Answer Caller::Upload(const std::string& resource, const FileToSend& file,
                      const std::string& etag) {
  if (transport_ == Transport::kGrpc) {
    return UploadByGrpc(resource, file, etag);
  }
  HttpRequest http = {
      .method = "POST",
      .target = absl::StrCat("/v1/", resource,
                             ":upload?filename=", Encoded(file.filename)),
      .token = token_,
      .body = file.bytes,
      .content_type = file.content_type};
  if (!etag.empty()) {
    http.fields.push_back(absl::StrCat("If-Match: \"", etag, "\""));
  }
  resources::v1::Resource response;
  return AnswerOf(http_.Send(http), &response);
}

Answer Caller::UploadByGrpc(const std::string& resource, const FileToSend& file,
                            const std::string& etag) {
  const MethodDescriptor& method =
      MethodOf(resources::v1::UploadResourceRequest());
  const std::unique_ptr<GrpcCall> call =
      grpc_.Open(suite_->GrpcAddressOf(method.service()->full_name()),
                 PathOf(method), BearerOf(token_));
  resources::v1::UploadResourceRequest message;
  message.set_name(resource);
  message.set_etag(etag);
  message.set_filename(file.filename);
  auto& info = *message.mutable_body()->mutable_info();
  info.set_content_type(file.content_type);
  info.set_size_bytes(static_cast<int64_t>(file.bytes.size()));
  bool open = call->Write(message.SerializeAsString());
  for (size_t at = 0; open && at < file.bytes.size(); at += kChunkBytes) {
    message.Clear();
    message.mutable_body()->set_data(file.bytes.substr(at, kChunkBytes));
    open = call->Write(message.SerializeAsString());
  }
  if (open) call->WritesDone();
  const std::optional<std::string> response = call->Read();
  Answer answer = call->Finish();
  answer.bytes = response.value_or("");
  return answer;
}

Answer Caller::Download(const std::string& resource) {
  if (transport_ == Transport::kGrpc) return DownloadByGrpc(resource);
  return AnswerOfBody(
      http_.Get(absl::StrCat("/v1/", resource, ":download"), token_));
}

Answer Caller::DownloadByGrpc(const std::string& resource) {
  resources::v1::DownloadResourceRequest request;
  request.set_name(resource);
  const MethodDescriptor& method = MethodOf(request);
  const std::unique_ptr<GrpcCall> call =
      grpc_.Open(suite_->GrpcAddressOf(method.service()->full_name()),
                 PathOf(method), BearerOf(token_));
  call->Write(request.SerializeAsString());
  call->WritesDone();
  std::string bytes;
  http::v1::BodyChunk chunk;
  while (const std::optional<std::string> message = call->Read()) {
    EXPECT_TRUE(chunk.ParseFromString(*message));
    bytes += chunk.data();
  }
  Answer answer = call->Finish();
  answer.bytes = std::move(bytes);
  return answer;
}

}  // namespace praxis::system
