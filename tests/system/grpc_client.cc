#include "tests/system/grpc_client.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace praxis::system {
namespace {

constexpr std::chrono::seconds kPatience(60);

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

Answer AnswerOf(const grpc::Status& status) {
  Answer answer;
  answer.code = static_cast<google::rpc::Code>(status.error_code());
  answer.message = status.error_message();
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (status.ok() || !details.ParseFromString(status.error_details()) ||
      details.details_size() == 0 || !details.details(0).UnpackTo(&info)) {
    return answer;
  }
  EXPECT_EQ(details.code(), answer.code);
  EXPECT_EQ(details.message(), answer.message);
  EXPECT_EQ(info.domain(), "praxis");
  answer.reason = info.reason();
  return answer;
}

}  // namespace

Metadata BearerOf(const std::string& token) {
  if (token.empty()) return {};
  return {{"authorization", absl::StrCat("Bearer ", token)}};
}

struct GrpcCall::State {
  explicit State(std::shared_ptr<grpc::Channel> channel)
      : stub(std::move(channel)) {}

  // Waits for the one operation that is under way.
  bool Await() {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  }

  grpc::GenericStub stub;
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream;
  bool finished = false;
};

GrpcCall::GrpcCall(std::shared_ptr<grpc::Channel> channel,
                   const std::string& path, const Metadata& metadata)
    : state_(std::make_unique<State>(std::move(channel))) {
  state_->context.set_deadline(std::chrono::system_clock::now() + kPatience);
  for (const auto& [name, value] : metadata) {
    state_->context.AddMetadata(name, value);
  }
  state_->stream =
      state_->stub.PrepareCall(&state_->context, path, &state_->queue);
  state_->stream->StartCall(this);
  state_->Await();
}

GrpcCall::~GrpcCall() {
  if (!state_->finished) {
    Cancel();
    Finish();
  }
  state_->queue.Shutdown();
  while (state_->Await()) {
  }
}

bool GrpcCall::Write(const std::string& message) {
  state_->stream->Write(BufferOf(message), this);
  return state_->Await();
}

void GrpcCall::WritesDone() {
  state_->stream->WritesDone(this);
  state_->Await();
}

std::optional<std::string> GrpcCall::Read() {
  grpc::ByteBuffer buffer;
  state_->stream->Read(&buffer, this);
  if (!state_->Await()) return std::nullopt;
  return BytesOf(buffer);
}

void GrpcCall::Cancel() { state_->context.TryCancel(); }

Answer GrpcCall::Finish() {
  // gRPC gives the status only after the last message.
  while (Read().has_value()) {
  }
  grpc::Status status;
  state_->stream->Finish(&status, this);
  state_->Await();
  state_->finished = true;
  return AnswerOf(status);
}

std::unique_ptr<GrpcCall> GrpcClient::Open(const std::string& address,
                                           const std::string& path,
                                           const Metadata& metadata) {
  std::shared_ptr<grpc::Channel>& channel = channels_[address];
  if (channel == nullptr) {
    grpc::ChannelArguments arguments;
    // No connection is shared with another client of this test.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
    arguments.SetMaxReceiveMessageSize(-1);
    channel = grpc::CreateCustomChannel(
        address, grpc::InsecureChannelCredentials(), arguments);
  }
  return std::make_unique<GrpcCall>(channel, path, metadata);
}

Answer GrpcClient::Unary(const std::string& address, const std::string& path,
                         const std::string& message, const Metadata& metadata) {
  const std::unique_ptr<GrpcCall> call = Open(address, path, metadata);
  call->Write(message);
  call->WritesDone();
  std::string last;
  while (std::optional<std::string> next = call->Read()) {
    last = *std::move(next);
  }
  Answer answer = call->Finish();
  answer.bytes = std::move(last);
  return answer;
}

std::string PathOf(const google::protobuf::MethodDescriptor& method) {
  return absl::StrCat("/", method.service()->full_name(), "/", method.name());
}

}  // namespace praxis::system
