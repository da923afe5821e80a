// Upstream: where the gateway's calls go, in this process or over the network.
#ifndef GATEWAY_UPSTREAM_UPSTREAM_H_
#define GATEWAY_UPSTREAM_UPSTREAM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/rpc/pipeline.h"

namespace google::protobuf {
class MethodDescriptor;
}  // namespace google::protobuf

namespace praxis::gateway {

// A unary call under way elsewhere.
class Running {
 public:
  virtual ~Running() = default;
  // Nobody waits for the reply any more. From any thread; may come too late.
  virtual void Cancel() = 0;
};

// One method of an upstream. Thread-safe.
class Endpoint {
 public:
  virtual ~Endpoint() = default;

  // Wire bytes in and out. `message` must live until `done`, which is called
  // exactly once: on this thread before Unary returns, or on any other.
  // `incoming.cancelled` must be set. Null when there is nothing that Cancel()
  // would do beside what setting the flag does.
  virtual std::shared_ptr<Running> Unary(
      rpc::Incoming incoming, absl::string_view message,
      absl::AnyInvocable<void(rpc::Reply)> done) = 0;

  virtual std::unique_ptr<rpc::StreamCall> ServerStream(
      rpc::Incoming incoming, std::string request) = 0;
  virtual std::unique_ptr<rpc::StreamCall> ClientStream(
      rpc::Incoming incoming) = 0;
};

// How an upstream does, or one part of it.
struct Health {
  // "members", "members/database": lower-case words.
  std::string name;
  absl::Status status;
  // Since when it does so; infinitely long ago where that is not told.
  absl::Time since = absl::InfinitePast();
  // How long it took to find out.
  absl::Duration latency;
  // Of the program that serves it; empty for a part.
  std::string version;
  // What it counts, such as {"latest", 42}, the number of its newest event.
  std::vector<std::pair<std::string, int64_t>> numbers;
};

// A backend. Thread-safe, and outlives its endpoints.
class Upstream {
 public:
  virtual ~Upstream() = default;

  // What calls `method`. Null when this upstream does not serve it, if it can
  // tell.
  virtual std::unique_ptr<Endpoint> Bind(
      const google::protobuf::MethodDescriptor& method) = 0;

  // One line for each thing that can fail by itself. `done` is called on any
  // thread, after at most a second or so.
  virtual void Check(absl::AnyInvocable<void(std::vector<Health>)> done) = 0;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_UPSTREAM_UPSTREAM_H_
