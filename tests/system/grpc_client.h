// GrpcClient: gRPC without generated stubs, by paths and wire bytes.
#ifndef TESTS_SYSTEM_GRPC_CLIENT_H_
#define TESTS_SYSTEM_GRPC_CLIENT_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "tests/system/answer.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace praxis::system {

// What a call sends beside its messages; names in lower case.
using Metadata = std::vector<std::pair<std::string, std::string>>;

// {{"authorization", "Bearer ..."}}; nothing for an empty token.
Metadata BearerOf(const std::string& token);

// One call of any shape, step by step; every step waits. Ends after a minute
// whatever happens.
class GrpcCall {
 public:
  GrpcCall(std::shared_ptr<grpc::Channel> channel, const std::string& path,
           const Metadata& metadata);
  // Cancels it if it has not ended.
  ~GrpcCall();
  GrpcCall(const GrpcCall&) = delete;
  GrpcCall& operator=(const GrpcCall&) = delete;

  // False once the call has ended.
  bool Write(const std::string& message);
  void WritesDone();
  // The next message; none at the end.
  std::optional<std::string> Read();
  void Cancel();
  // Ends the call, reading over what is left. The answer has no message.
  Answer Finish();

 private:
  struct State;

  std::unique_ptr<State> state_;
};

// Speaks to the gRPC ports of a suite. Keeps one channel an address.
class GrpcClient {
 public:
  std::unique_ptr<GrpcCall> Open(const std::string& address,
                                 const std::string& path,
                                 const Metadata& metadata = {});
  // Sends one message; of a server stream the answer is its last message.
  Answer Unary(const std::string& address, const std::string& path,
               const std::string& message, const Metadata& metadata = {});

 private:
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
};

// "/praxis.members.v1.MemberService/GetMember"
std::string PathOf(const google::protobuf::MethodDescriptor& method);

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_GRPC_CLIENT_H_
