// Methods: the handlers of a server, one typed line each.
#ifndef SERVICES_COMMON_RPC_METHODS_H_
#define SERVICES_COMMON_RPC_METHODS_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "praxis/options/v1/options.pb.h"
#include "services/common/rpc/call.h"
#include "services/common/rpc/stream.h"

namespace praxis::rpc {

using Message = google::protobuf::Message;
using MethodDescriptor = google::protobuf::MethodDescriptor;

using AnyServerStream = ServerStream<Message>;
using AnyClientStream = ClientStream<Message, Message*>;

// One served method, its types erased. Exactly one of the three is set.
struct Handler {
  const MethodDescriptor* method = nullptr;
  const Message* request_prototype = nullptr;
  const Message* response_prototype = nullptr;
  options::v1::Policy policy;
  // NO_SIDE_EFFECTS: may be run again, and on a transport's thread.
  bool reads_only = false;
  // The way to the field that names the scope; empty without one.
  std::vector<const google::protobuf::FieldDescriptor*> scope_path;
  // The request's request_id field, or null.
  const google::protobuf::FieldDescriptor* request_id = nullptr;

  // Answers the response's wire bytes.
  std::function<absl::StatusOr<std::string>(const Call&,
                                            const Message& request)>
      unary;
  std::function<absl::StatusOr<std::unique_ptr<AnyServerStream>>(
      const Call&, const Message& request)>
      server_stream;
  std::function<absl::StatusOr<std::unique_ptr<AnyClientStream>>(
      const Call&, const Message& first)>
      client_stream;
};

// The table of what a server serves. Filled at start, read-only afterwards.
//
//   methods.Add(&threads, &Threads::GetThread);
//
// The request type names the method: each method has a request type of its own.
class Methods {
 public:
  template <typename H, typename Request, typename Response>
  void Add(H* object, absl::StatusOr<Response> (H::*function)(const Call&,
                                                              const Request&));

  template <typename H, typename Request, typename Response>
  void Add(H* object, absl::StatusOr<std::unique_ptr<ServerStream<Response>>> (
                          H::*function)(const Call&, const Request&));

  template <typename H, typename Request, typename Response>
  void Add(H* object,
           absl::StatusOr<std::unique_ptr<ClientStream<Request, Response>>> (
               H::*function)(const Call&, const Request&));

  // FAILED_PRECONDITION with every reason not to start: a method of a served
  // service without a handler or a policy, a policy whose scope is no string
  // field, a rule that does not fit its field, a type used twice.
  absl::Status Check() const;

  // The handler of "/package.Service/Method", or null.
  const Handler* Find(absl::string_view path) const;

  // Every handler, in no order.
  std::vector<const Handler*> Handlers() const;

  // The served services, in the order of their names.
  std::vector<const google::protobuf::ServiceDescriptor*> Services() const;

 private:
  // Enters a handler under the method whose input is `request`.
  void Enter(const Message& request, const Message& response, Handler handler);

  absl::flat_hash_map<std::string, std::unique_ptr<Handler>> handlers_;
  std::vector<std::string> problems_;
};

namespace internal {

// A stream of `Response` as one of any message.
template <typename Response>
class ErasedServerStream : public AnyServerStream {
 public:
  explicit ErasedServerStream(std::unique_ptr<ServerStream<Response>> stream)
      : stream_(std::move(stream)) {}
  absl::StatusOr<Pulled> Next(Message* message) override {
    return stream_->Next(static_cast<Response*>(message));
  }
  void WhenReady(std::function<void()> ready) override {
    stream_->WhenReady(std::move(ready));
  }
  bool IsQuick() const override { return stream_->IsQuick(); }
  bool IsLive() const override { return stream_->IsLive(); }

 private:
  std::unique_ptr<ServerStream<Response>> stream_;
};

// A stream of `Request`s as one of any message.
template <typename Request, typename Response>
class ErasedClientStream : public AnyClientStream {
 public:
  explicit ErasedClientStream(
      std::unique_ptr<ClientStream<Request, Response>> stream)
      : stream_(std::move(stream)) {}
  absl::Status Push(const Message& message) override {
    return stream_->Push(static_cast<const Request&>(message));
  }
  absl::StatusOr<Message*> Finish() override {
    absl::StatusOr<Response> response = stream_->Finish();
    if (!response.ok()) return response.status();
    response_ = *std::move(response);
    return &response_;
  }

 private:
  std::unique_ptr<ClientStream<Request, Response>> stream_;
  Response response_;
};

}  // namespace internal

template <typename H, typename Request, typename Response>
void Methods::Add(H* object,
                  absl::StatusOr<Response> (H::*function)(const Call&,
                                                          const Request&)) {
  Handler handler;
  handler.unary = [object, function](
                      const Call& call,
                      const Message& request) -> absl::StatusOr<std::string> {
    absl::StatusOr<Response> response =
        (object->*function)(call, static_cast<const Request&>(request));
    if (!response.ok()) return response.status();
    return response->SerializeAsString();
  };
  Enter(Request::default_instance(), Response::default_instance(),
        std::move(handler));
}

template <typename H, typename Request, typename Response>
void Methods::Add(H* object,
                  absl::StatusOr<std::unique_ptr<ServerStream<Response>>> (
                      H::*function)(const Call&, const Request&)) {
  Handler handler;
  handler.server_stream = [object, function](const Call& call,
                                             const Message& request)
      -> absl::StatusOr<std::unique_ptr<AnyServerStream>> {
    auto stream =
        (object->*function)(call, static_cast<const Request&>(request));
    if (!stream.ok()) return stream.status();
    return std::make_unique<internal::ErasedServerStream<Response>>(
        *std::move(stream));
  };
  Enter(Request::default_instance(), Response::default_instance(),
        std::move(handler));
}

template <typename H, typename Request, typename Response>
void Methods::Add(
    H* object,
    absl::StatusOr<std::unique_ptr<ClientStream<Request, Response>>> (
        H::*function)(const Call&, const Request&)) {
  Handler handler;
  handler.client_stream = [object, function](const Call& call,
                                             const Message& first)
      -> absl::StatusOr<std::unique_ptr<AnyClientStream>> {
    auto stream = (object->*function)(call, static_cast<const Request&>(first));
    if (!stream.ok()) return stream.status();
    return std::make_unique<internal::ErasedClientStream<Request, Response>>(
        *std::move(stream));
  };
  Enter(Request::default_instance(), Response::default_instance(),
        std::move(handler));
}

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_METHODS_H_
