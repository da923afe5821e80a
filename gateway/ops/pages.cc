#include "gateway/ops/pages.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/json.h"

namespace praxis::gateway {
namespace {

// As Prometheus asks for it.
constexpr absl::string_view kMetricsType =
    "text/plain; version=0.0.4; charset=utf-8";

Response Text(absl::string_view content_type, std::string body) {
  Response response;
  response.content_type = content_type;
  response.fields = "Cache-Control: no-store\r\n";
  response.body = std::move(body);
  return response;
}

std::string VersionJson(const Pages::Options& options) {
  std::string json = "{\"name\":";
  telemetry::AppendJsonString(options.program, &json);
  json.append(",\"version\":");
  telemetry::AppendJsonString(options.version, &json);
  json.append("}");
  return json;
}

}  // namespace

Pages::Pages(Options options, telemetry::Registry& registry,
             std::shared_ptr<HealthChecks> checks)
    : registry_(registry), checks_(std::move(checks)) {
  AddHealth("/livez", HealthPage::kLive);
  AddHealth("/readyz", HealthPage::kReady);
  AddHealth("/healthz", HealthPage::kHealth);
  AddText("/version", "application/json", VersionJson(options));
  AddText("/openapi.json", "application/json", std::move(options.openapi));
  Add("/metrics", [this](const RequestHead&, Answer answer) {
    answer(Text(kMetricsType, registry_.Text()));
  });
}

void Pages::Add(const std::string& path,
                std::function<void(const RequestHead&, Answer)> serve) {
  Page& page = pages_[path];
  page.serve = std::move(serve);
  page.metrics =
      std::make_unique<RouteMetrics>(registry_, path, "GET", "gateway");
}

void Pages::AddText(const std::string& path, absl::string_view content_type,
                    std::string text) {
  Add(path, [content_type, text = std::move(text)](const RequestHead&,
                                                   Answer answer) {
    answer(Text(content_type, text));
  });
}

void Pages::AddHealth(const std::string& path, HealthPage page) {
  Add(path, [this, page](const RequestHead& head, Answer answer) {
    const HealthQuery query = HealthQuery::Parse(head.query);
    // Neither whether the process lives nor whether it serves depends on
    // backends: they are not asked before somebody wants to read of them.
    if (page == HealthPage::kLive ||
        (page == HealthPage::kReady && !query.verbose)) {
      return answer(HealthResponse(page, query, stopping_, {}));
    }
    checks_->Ask(
        [page, query, stopping = stopping_.load(),
         answer = std::move(answer)](const std::vector<Health>& backends) {
          answer(HealthResponse(page, query, stopping, backends));
        });
  });
}

// A check of backends answers later, from whichever thread brings its last
// word.
void Pages::Serve(const RequestHead& head, Answer answer) const {
  pages_.find(head.path)->second.serve(head, std::move(answer));
}

void Pages::Count(absl::string_view path, int http_status) const {
  pages_.find(path)->second.metrics->Answered(http_status,
                                              absl::ZeroDuration());
}

}  // namespace praxis::gateway
