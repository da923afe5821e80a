#include "services/common/telemetry/span_exporter.h"

#include <curl/curl.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/common/telemetry/span_json.h"

namespace praxis::telemetry {
namespace {

// How long the end of the process waits for spans.
constexpr absl::Duration kFlush = absl::Seconds(2);
constexpr absl::Duration kFirstPause = absl::Seconds(1);

Counter& CounterOf(Registry& registry, const char* outcome) {
  return registry.FindCounter("praxis_trace_spans_total",
                              "Spans recorded, by what became of them.",
                              {{"outcome", outcome}});
}

// Up to the spans themselves.
std::string BodyBegin(const TraceOptions& options) {
  std::string body = "{\"resourceSpans\":[{\"resource\":{\"attributes\":[";
  for (const auto& [name, value] : options.resource) {
    if (body.back() == '}') body.push_back(',');
    AppendAttribute({name, value}, &body);
  }
  body.append(
      "]},\"scopeSpans\":[{\"scope\":{\"name\":\"praxis\"},\"spans\":[");
  return body;
}

constexpr absl::string_view kBodyEnd = "]}]}]}";

// OTLP, "Retryable Response Codes".
bool MayTryAgain(int status) {
  return status == 0 || status == 429 || (status >= 502 && status <= 504);
}

// An endpoint as it may be logged: without the user, the password and the query
// that it may have.
std::string Shown(absl::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const size_t scheme_end = url.find("://") + 3;
  const size_t path = url.find('/', scheme_end);
  const size_t sign = url.substr(0, path).rfind('@');
  if (sign == url.npos) return std::string(url);
  return absl::StrCat(url.substr(0, scheme_end), url.substr(sign + 1));
}

size_t Ignore(char*, size_t, size_t size, void*) { return size; }

// libcurl asks this about once a second whether to break off.
int AskWhetherToStop(void* is_over, curl_off_t, curl_off_t, curl_off_t,
                     curl_off_t) {
  return (*static_cast<absl::FunctionRef<bool()>*>(is_over))() ? 1 : 0;
}

}  // namespace

// One connection to the collector, kept from one batch to the next.
class SpanExporter::Connection {
 public:
  explicit Connection(const TraceOptions& options) : curl_(curl_easy_init()) {
    fields_ = curl_slist_append(fields_, "Content-Type: application/json");
    // Or large bodies would wait for a "100 Continue".
    fields_ = curl_slist_append(fields_, "Expect:");
    for (const auto& [name, value] : options.headers) {
      fields_ =
          curl_slist_append(fields_, absl::StrCat(name, ": ", value).c_str());
    }
    curl_easy_setopt(curl_, CURLOPT_URL, options.endpoint.c_str());
    curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, fields_);
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    // Or it would look for one in the environment.
    curl_easy_setopt(curl_, CURLOPT_PROXY, "");
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, Ignore);
    curl_easy_setopt(curl_, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl_, CURLOPT_XFERINFOFUNCTION, AskWhetherToStop);
    if (!options.certificate.empty()) {
      curl_easy_setopt(curl_, CURLOPT_CAINFO, options.certificate.c_str());
    }
  }
  ~Connection() {
    curl_easy_cleanup(curl_);
    curl_slist_free_all(fields_);
  }

  struct Answer {
    // 0: none.
    int status = 0;
    std::string failure;
    absl::Duration retry_after;
  };

  // Gives up after `limit`, and soon after `is_over` says so.
  Answer Post(const std::string& body, absl::Duration limit,
              absl::FunctionRef<bool()> is_over) {
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS,
                     std::max<long>(1, absl::ToInt64Milliseconds(limit)));
    curl_easy_setopt(curl_, CURLOPT_XFERINFODATA, &is_over);
    const CURLcode code = curl_easy_perform(curl_);
    if (code != CURLE_OK) return {.failure = curl_easy_strerror(code)};
    long status = 0;
    curl_off_t retry_after_s = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl_, CURLINFO_RETRY_AFTER, &retry_after_s);
    Answer answer{.status = static_cast<int>(status),
                  .retry_after = absl::Seconds(retry_after_s)};
    if (status / 100 != 2) answer.failure = absl::StrCat("HTTP ", status);
    return answer;
  }

 private:
  CURL* const curl_;
  curl_slist* fields_ = nullptr;
};

SpanExporter::SpanExporter(TraceOptions options, Log& log, Registry& registry)
    : options_(std::move(options)),
      body_begin_(BodyBegin(options_)),
      log_(log),
      sent_(CounterOf(registry, "sent")),
      dropped_(CounterOf(registry, "dropped")),
      failed_(CounterOf(registry, "failed")) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  thread_ = std::thread([this] { Run(); });
}

SpanExporter::~SpanExporter() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    stop_ = absl::Now() + kFlush;
  }
  thread_.join();
}

void SpanExporter::Add(std::string span) {
  absl::MutexLock lock(&mutex_);
  if (waiting_.size() >= static_cast<size_t>(options_.queue_max)) {
    dropped_.Add();
    return;
  }
  waiting_.push_back(std::move(span));
}

bool SpanExporter::HasWork() const { return !waiting_.empty() || stopping_; }

bool SpanExporter::IsFull() const {
  return waiting_.size() >= static_cast<size_t>(options_.batch_max) ||
         stopping_;
}

std::vector<std::string> SpanExporter::Take() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &SpanExporter::HasWork));
  mutex_.AwaitWithTimeout(absl::Condition(this, &SpanExporter::IsFull),
                          options_.delay);
  const size_t count =
      std::min(waiting_.size(), static_cast<size_t>(options_.batch_max));
  const auto end = waiting_.begin() + static_cast<ptrdiff_t>(count);
  std::vector<std::string> taken(std::make_move_iterator(waiting_.begin()),
                                 std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return taken;
}

void SpanExporter::Run() {
  Connection connection(options_);
  for (;;) {
    const std::vector<std::string> spans = Take();
    if (spans.empty()) return;
    Note(spans.size(), Send(connection, BodyOf(spans)));
  }
}

std::string SpanExporter::BodyOf(const std::vector<std::string>& spans) const {
  return absl::StrCat(body_begin_, absl::StrJoin(spans, ","), kBodyEnd);
}

absl::Time SpanExporter::EndOf(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  return std::min(now + options_.timeout, stop_);
}

bool SpanExporter::Pause(absl::Duration pause, absl::Time end) {
  if (absl::Now() + pause >= end) return false;
  absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause);
}

std::string SpanExporter::Send(Connection& connection,
                               const std::string& body) {
  const absl::Time begun = absl::Now();
  absl::BitGen random;
  for (absl::Duration pause = kFirstPause;; pause *= 2) {
    const absl::Time end = EndOf(begun);
    if (absl::Now() >= end) return "there is no time left";
    const Connection::Answer answer = connection.Post(
        body, end - absl::Now(), [&] { return absl::Now() >= EndOf(begun); });
    if (answer.failure.empty()) return "";
    if (!MayTryAgain(answer.status) ||
        !Pause(answer.retry_after > absl::ZeroDuration()
                   ? answer.retry_after
                   : pause * absl::Uniform(random, 0.5, 1.0),
               end)) {
      return answer.failure;
    }
  }
}

// An outage is told once.
void SpanExporter::Note(size_t spans, const std::string& failure) {
  (failure.empty() ? sent_ : failed_).Add(spans);
  if (failure.empty() == !failing_) return;
  failing_ = !failing_;
  if (failing_) {
    log_.Warning("traces cannot be sent",
                 {{"endpoint", Shown(options_.endpoint)}, {"detail", failure}});
  } else {
    log_.Info("traces are sent again");
  }
}

}  // namespace praxis::telemetry
