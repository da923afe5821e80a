// Caller: calls a server's pipeline as one person, in tests.
#ifndef SERVICES_COMMON_TESTING_CALLER_H_
#define SERVICES_COMMON_TESTING_CALLER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "services/common/rpc/host.h"

namespace praxis::rpc {
class Pipeline;
}  // namespace praxis::rpc

namespace praxis::testing {

// Everything a process lends its servers, for a test: real workers, a real
// signer and verifier with a key of their own, real metrics.
class TestHost {
 public:
  TestHost();
  ~TestHost();

  rpc::Host& host();

  // A token for `principal` ("members/ada"), good for ten minutes, with the
  // scopes read and write; admin and moderate only if `all_scopes`.
  std::string TokenFor(absl::string_view principal, bool all_scopes = false);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Calls the method whose request has the type of `request`, through the whole
// pipeline as a transport would: wire bytes in, wire bytes out. `as` is a
// principal's name, or empty for no token.
class Caller {
 public:
  Caller(TestHost& host, rpc::Pipeline& pipeline)
      : host_(host), pipeline_(pipeline) {}

  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(absl::string_view as, const Request& request) {
    absl::StatusOr<std::string> bytes = Unary(as, request);
    if (!bytes.ok()) return bytes.status();
    Response response;
    if (!response.ParseFromString(*bytes)) {
      return absl::InternalError("the response does not parse");
    }
    return response;
  }

  // A server stream to its end: every message's bytes.
  absl::StatusOr<std::vector<std::string>> ServerStream(
      absl::string_view as, const google::protobuf::Message& request);

  // A client stream of these messages, all of one type; the response's bytes.
  template <typename Response, typename Request>
  absl::StatusOr<Response> ClientStream(absl::string_view as,
                                        const std::vector<Request>& messages) {
    std::vector<std::string> bytes;
    for (const Request& message : messages) {
      bytes.push_back(message.SerializeAsString());
    }
    absl::StatusOr<std::string> reply =
        PushAll(as, *Request::descriptor(), bytes);
    if (!reply.ok()) return reply.status();
    Response response;
    if (!response.ParseFromString(*reply)) {
      return absl::InternalError("the response does not parse");
    }
    return response;
  }

 private:
  absl::StatusOr<std::string> Unary(absl::string_view as,
                                    const google::protobuf::Message& request);
  absl::StatusOr<std::string> PushAll(
      absl::string_view as, const google::protobuf::Descriptor& request_type,
      const std::vector<std::string>& messages);

  TestHost& host_;
  rpc::Pipeline& pipeline_;
};

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_TESTING_CALLER_H_
