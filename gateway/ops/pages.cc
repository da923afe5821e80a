#include "gateway/ops/pages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/base/call_once.h"
#include "gateway/forms/coding.h"
#include "services/common/telemetry/json.h"

namespace praxis::gateway {
namespace {

// A text, coded once for all clients that like the same coding best: the
// OpenAPI document takes longer to code than a read takes to answer.
class Text {
 public:
  Text(absl::string_view content_type, std::string text)
      : content_type_(content_type), text_(std::move(text)) {}

  Response Answer(const RequestHead& head) {
    const Coding coding = ChooseCoding(head[Header::kAcceptEncoding]);
    Coded& coded = coded_[static_cast<size_t>(coding)];
    absl::call_once(coded.once, [&] {
      coded.answer = Fresh(content_type_, text_);
      EncodeBody(head, &coded.answer);
      coded.answer.shared_body =
          std::make_shared<std::string>(std::move(coded.answer.body));
    });
    return coded.answer;
  }

 private:
  struct Coded {
    absl::once_flag once;
    Response answer;
  };

  const absl::string_view content_type_;
  const std::string text_;
  std::array<Coded, 3> coded_;
};

}  // namespace

void Pages::Add(const std::string& path, Maker make) {
  Page& page = pages_[path];
  page.make = std::move(make);
  page.metrics =
      std::make_unique<RouteMetrics>(registry_, path, "GET", "gateway");
}

void Pages::AddText(const std::string& path, absl::string_view content_type,
                    std::string text) {
  Add(path, [kept = std::make_shared<Text>(content_type, std::move(text))](
                const RequestHead& head, const Answer& answer) {
    answer(kept->Answer(head));
  });
}

std::vector<std::string> Pages::Paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, page] : pages_) paths.push_back(path);
  std::sort(paths.begin(), paths.end());
  return paths;
}

// A check of backends answers later, from whichever thread brings its last
// word.
void Pages::Open(const RequestHead& head, Answer answer) const {
  pages_.find(head.path)->second.make(head, std::move(answer));
}

void Pages::Serve(std::shared_ptr<Exchange> exchange, Finish finish) const {
  const RouteMetrics& metrics =
      *pages_.find(exchange->head().path)->second.metrics;
  Open(exchange->head(), [&metrics, exchange, finish](Response response) {
    // Behind it, the exchange may be gone: then the answer is dropped.
    auto answer = std::make_shared<Response>(std::move(response));
    exchange->Dispatch([&metrics, exchange, finish, answer] {
      metrics.Answered(answer->status, absl::ZeroDuration());
      finish(exchange->head(), answer.get());
      exchange->Respond(std::move(*answer));
    });
  });
}

Response Fresh(absl::string_view content_type, std::string body) {
  Response response;
  response.content_type = content_type;
  response.fields = "Cache-Control: no-store\r\n";
  response.body = std::move(body);
  return response;
}

void AddVersion(absl::string_view program, absl::string_view version,
                Pages* pages) {
  std::string json = "{\"name\":";
  telemetry::AppendJsonString(program, &json);
  json.append(",\"version\":");
  telemetry::AppendJsonString(version, &json);
  json.append("}");
  pages->AddText("/version", "application/json", std::move(json));
}

void AddChannelz(std::function<std::string(absl::string_view)> channelz,
                 Pages* pages) {
  pages->Add(
      "/channelz", [channelz = std::move(channelz)](
                       const RequestHead& head, const Pages::Answer& answer) {
        Response response = Fresh("application/json", channelz(head.query));
        if (response.body.empty()) response.status = 404;
        answer(std::move(response));
      });
}

void AddMetrics(const telemetry::Registry& registry, Pages* pages) {
  pages->Add("/metrics", [&registry](const RequestHead&,
                                     const Pages::Answer& answer) {
    answer(Fresh("text/plain; version=0.0.4; charset=utf-8", registry.Text()));
  });
}

}  // namespace praxis::gateway
