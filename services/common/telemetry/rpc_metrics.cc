#include "services/common/telemetry/rpc_metrics.h"

#include <string>
#include <utility>

#include "google/protobuf/descriptor.h"

namespace praxis::telemetry {
namespace {

constexpr int kOk = static_cast<int>(absl::StatusCode::kOk);
constexpr int kUnknown = static_cast<int>(absl::StatusCode::kUnknown);

// gRPC's codes as grpc-go writes them, by number.
constexpr const char* kCodeNames[] = {"OK",
                                      "Canceled",
                                      "Unknown",
                                      "InvalidArgument",
                                      "DeadlineExceeded",
                                      "NotFound",
                                      "AlreadyExists",
                                      "PermissionDenied",
                                      "ResourceExhausted",
                                      "FailedPrecondition",
                                      "Aborted",
                                      "OutOfRange",
                                      "Unimplemented",
                                      "Internal",
                                      "Unavailable",
                                      "DataLoss",
                                      "Unauthenticated"};

std::string TypeOf(const google::protobuf::MethodDescriptor& method) {
  if (method.client_streaming()) {
    return method.server_streaming() ? "bidi_stream" : "client_stream";
  }
  return method.server_streaming() ? "server_stream" : "unary";
}

}  // namespace

MethodMetrics::MethodMetrics(Registry& registry, Labels labels)
    : registry_(registry),
      labels_(std::move(labels)),
      started_(registry.FindCounter("grpc_server_started_total",
                                    "RPCs started on the server.", labels_)),
      seconds_(registry.FindHistogram(
          "grpc_server_handling_seconds",
          "Time from the start of an RPC to its end on the server.", labels_,
          LatencyBounds())) {
  HandledWith(kOk);
}

void MethodMetrics::Handled(absl::StatusCode code, absl::Duration took) {
  const int number = static_cast<int>(code);
  HandledWith(number >= 0 && number < kCodes ? number : kUnknown).Add();
  seconds_.Record(took);
}

Counter& MethodMetrics::HandledWith(int code) {
  Counter* counter = handled_[code].load(std::memory_order_acquire);
  if (counter != nullptr) return *counter;
  // Two threads may come here at once: they find the same counter.
  Labels labels = labels_;
  labels.emplace_back("grpc_code", kCodeNames[code]);
  counter = &registry_.FindCounter("grpc_server_handled_total",
                                   "RPCs ended on the server, by their code.",
                                   labels);
  handled_[code].store(counter, std::memory_order_release);
  return *counter;
}

// Several servers in one process may serve one method: each gets a view of its
// own on the same series, for the registry finds them by their labels.
MethodMetrics& RpcMetrics::Of(
    const google::protobuf::MethodDescriptor& method) {
  absl::MutexLock lock(&mutex_);
  return methods_.emplace_back(
      registry_, Labels{{"grpc_type", TypeOf(method)},
                        {"grpc_service", method.service()->full_name()},
                        {"grpc_method", method.name()}});
}

}  // namespace praxis::telemetry
