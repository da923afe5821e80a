#include "services/common/rpc/pipeline.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "services/common/rpc/workers.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/access_log.h"
#include "services/common/telemetry/rpc_metrics.h"
#include "services/common/telemetry/tracer.h"

namespace praxis::rpc {
namespace {

std::unique_ptr<Message> NewMessage(const Message* prototype) {
  return std::unique_ptr<Message>(prototype->New());
}

// The names are those of OpenTelemetry's conventions for gRPC servers.
void Record(telemetry::Tracer& tracer,
            const google::protobuf::MethodDescriptor& method, const Call& call,
            absl::Time ended, absl::string_view request_id,
            const absl::Status& status) {
  const std::string& service = method.service()->full_name();
  const std::string name = absl::StrCat(service, "/", method.name());
  tracer.End(call.span,
             {.name = name,
              .begun = call.time,
              .ended = ended,
              .failed = telemetry::IsOurFault(status.code()),
              .detail = status.message()},
             {{"rpc.system", "grpc"},
              {"rpc.service", service},
              {"rpc.method", method.name()},
              {"rpc.grpc.status_code", static_cast<int>(status.code())},
              {"praxis.request_id", request_id}});
}

}  // namespace

// One unary call on its way, from transport to worker.
struct Pipeline::Job {
  const Handler& handler;
  Call call;
  std::string token;
  std::string request_id;
  absl::string_view message;
  absl::AnyInvocable<void(Reply)> done;
};

Pipeline::Pipeline(Parts parts, PipelineOptions options)
    : parts_(std::move(parts)),
      options_(options),
      inline_reads_(options.inline_reads && !parts_.host.rates.waits),
      admission_(parts_.host.tokens, parts_.access, parts_.sealer,
                 parts_.host.rates) {
  for (const Handler* handler : parts_.methods.Handlers()) {
    metrics_[handler] = &parts_.host.metrics.Of(*handler->method);
  }
}

absl::Status Pipeline::Overloaded() {
  return RetryAfter(Error(Reason::OVERLOADED,
                          "The service has too much to do; retry shortly."),
                    absl::Seconds(1));
}

absl::Status Pipeline::CheckSize(absl::string_view message) const {
  if (message.size() <= options_.message_bytes_max) return absl::OkStatus();
  return Error(Reason::TOO_LARGE,
               absl::StrCat("A message may have at most ",
                            options_.message_bytes_max, " bytes."));
}

Call Pipeline::Begin(const Handler& handler, Incoming& incoming) const {
  metrics_.find(&handler)->second->Started();
  Call call;
  call.time = parts_.clock();
  call.span = telemetry::BeginSpan(parts_.host.tracer, incoming.traceparent);
  call.trace_id = std::string(call.span.context.TraceId().view());
  call.cancelled = std::move(incoming.cancelled);
  if (call.cancelled == nullptr) {
    call.cancelled = std::make_shared<std::atomic<bool>>(false);
  }
  call.deadline = incoming.deadline;
  if (handler.unary != nullptr) {
    if (call.deadline == absl::InfiniteFuture()) {
      call.deadline = call.time + options_.deadline_default;
    }
    call.deadline = std::min(call.deadline, call.time + options_.deadline_max);
  }
  return call;
}

bool Pipeline::RunLater(absl::AnyInvocable<void()> work) const {
  return parts_.host.workers.Run(work);
}

absl::Status Pipeline::StillWanted(const Call& call) const {
  if (call.cancelled->load(std::memory_order_relaxed)) {
    return Error(Reason::CANCELLED, "The caller gave up.");
  }
  if (parts_.clock() >= call.deadline) {
    return Error(Reason::DEADLINE_EXCEEDED,
                 "The deadline passed before the call was done.");
  }
  return absl::OkStatus();
}

absl::Status Pipeline::End(const Handler& handler, const Call& call,
                           absl::string_view request_id,
                           absl::Status status) const {
  const absl::Time now = parts_.clock();
  const absl::Duration latency = now - call.time;
  metrics_.find(&handler)->second->Handled(status.code(), latency);
  parts_.host.requests.Write({.method = handler.method->full_name(),
                              .code = status.code(),
                              .detail = status.message(),
                              .latency = latency,
                              .stream = handler.unary == nullptr,
                              .request_id = request_id,
                              .trace_id = call.trace_id,
                              .caller = call.caller.name});
  if (parts_.host.tracer != nullptr && call.span.context.sampled) {
    Record(*parts_.host.tracer, *handler.method, call, now, request_id, status);
  }
  return status;
}

void Pipeline::Unary(const Handler& handler, Incoming incoming,
                     absl::string_view message,
                     absl::AnyInvocable<void(Reply)> done) {
  Call call = Begin(handler, incoming);
  auto job = std::make_shared<Job>(
      Job{handler, std::move(call), std::move(incoming.token),
          std::move(incoming.request_id), message, std::move(done)});
  if (inline_reads_ && handler.reads_only && !handler.policy.costly() &&
      RunInline(*job)) {
    return;
  }
  auto under_way = std::make_unique<UnderWay>(*this);
  if (RunLater([this, under_way = std::move(under_way), job]() mutable {
        RunUnary(*job);
        job = nullptr;
      })) {
    return;
  }
  job->done({End(handler, job->call, job->request_id, Overloaded()), ""});
}

bool Pipeline::RunInline(Job& job) {
  bool must_wait = false;
  Reply reply = Run(job, &must_wait);
  if (must_wait) return false;
  Finish(job, std::move(reply));
  return true;
}

void Pipeline::RunUnary(Job& job) { Finish(job, Run(job, nullptr)); }

Reply Pipeline::Run(Job& job, bool* must_wait) {
  Reply reply;
  // Before anything is read: what comes later is only newer.
  if (job.token.empty()) {
    reply.access_position = parts_.access.AppliedPosition();
  }
  reply.status = StillWanted(job.call);
  if (reply.status.ok()) reply.status = CheckSize(job.message);
  if (!reply.status.ok()) return reply;
  const std::unique_ptr<Message> request =
      NewMessage(job.handler.request_prototype);
  reply.status = admission_.Admit(job.handler, job.token, job.message,
                                  &job.call, request.get(), must_wait);
  if (!reply.status.ok() || (must_wait != nullptr && *must_wait)) return reply;
  absl::StatusOr<std::string> response = job.handler.unary(job.call, *request);
  reply.status = response.status();
  if (response.ok()) reply.message = *std::move(response);
  return reply;
}

void Pipeline::Finish(Job& job, Reply reply) {
  reply.status =
      End(job.handler, job.call, job.request_id, std::move(reply.status));
  job.done(std::move(reply));
}

}  // namespace praxis::rpc
