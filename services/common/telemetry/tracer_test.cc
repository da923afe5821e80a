#include "services/common/telemetry/tracer.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/telemetry/trace_options.h"

namespace {

// How often this thread has asked for memory.
thread_local int allocations = 0;

}  // namespace

// Not inlined, or the compiler sees malloc() meet delete and warns.
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  void* const memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace praxis::telemetry {
namespace {

using google::protobuf::Value;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kParent[] =
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kParentUnsampled[] =
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
constexpr char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

// Takes OTLP over HTTP on a port of its own and answers as it is told: with the
// first of `answers`, later with the second and so on, and the last again and
// again. An empty answer is none. One connection at a time.
class Collector {
 public:
  explicit Collector(std::vector<std::string> answers = {kOk})
      : answers_(std::move(answers)),
        listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, any, size), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    EXPECT_EQ(getsockname(listener_, any, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~Collector() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  std::string url() const {
    return absl::StrCat("http://127.0.0.1:", port_, "/v1/traces");
  }

  // Heads and bodies of the requests so far, once there are `count`; empty ones
  // for those that did not come.
  std::vector<std::pair<std::string, std::string>> Await(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return requests_.size() >= count;
    };
    EXPECT_TRUE(
        mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(20)));
    auto requests = requests_;
    requests.resize(std::max(requests.size(), count));
    return requests;
  }

 private:
  void Serve() {
    for (int fd; (fd = accept(listener_, nullptr, nullptr)) >= 0; close(fd)) {
      std::string unread;
      while (ServeOne(fd, &unread)) {
      }
    }
  }

  // False when the connection is over.
  bool ServeOne(int fd, std::string* unread) {
    size_t head = 0;
    size_t length = 0;
    for (;;) {
      const size_t end = unread->find("\r\n\r\n");
      if (end != std::string::npos) {
        head = end + 4;
        length = LengthIn(unread->substr(0, head));
        if (unread->size() >= head + length) break;
      }
      char buffer[4096];
      const ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
      if (got <= 0) return false;
      unread->append(buffer, static_cast<size_t>(got));
    }
    std::string answer;
    {
      absl::MutexLock lock(&mutex_);
      answer = answers_[std::min(requests_.size(), answers_.size() - 1)];
      requests_.emplace_back(unread->substr(0, head),
                             unread->substr(head, length));
    }
    unread->erase(0, head + length);
    send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    return true;
  }

  static size_t LengthIn(const std::string& head) {
    const std::string lower = absl::AsciiStrToLower(head);
    const size_t at = lower.find("content-length: ");
    size_t length = 0;
    EXPECT_TRUE(absl::SimpleAtoi(
        lower.substr(at + 16, lower.find("\r\n", at) - at - 16), &length));
    return length;
  }

  const std::vector<std::string> answers_;
  const int listener_;
  int port_ = 0;
  absl::Mutex mutex_;
  std::vector<std::pair<std::string, std::string>> requests_
      ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

// The value at a path of fields; elements of lists by their number.
Value At(Value value, const std::vector<std::string>& path) {
  for (const std::string& step : path) {
    int index;
    if (absl::SimpleAtoi(step, &index)) {
      if (index >= value.list_value().values_size()) return Value();
      value = Value(value.list_value().values(index));
    } else {
      const auto& fields = value.struct_value().fields();
      if (!fields.contains(step)) return Value();
      value = Value(fields.at(step));
    }
  }
  return value;
}

Value ParseJson(const std::string& json) {
  Value value;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &value).ok())
      << json;
  return value;
}

// The value of an attribute, in what holds some.
Value Attribute(const Value& holder, absl::string_view name) {
  const Value attributes = At(holder, {"attributes"});
  for (const Value& attribute : attributes.list_value().values()) {
    if (At(attribute, {"key"}).string_value() == name) {
      return At(attribute, {"value"});
    }
  }
  return Value();
}

class TracerTest : public ::testing::Test {
 protected:
  ~TracerTest() override { std::fclose(file_); }

  static TraceOptions To(const std::string& url) {
    return {.endpoint = url,
            .resource = {{"service.name", "praxis-test"}},
            .delay = absl::Milliseconds(1)};
  }
  std::unique_ptr<Tracer> Make(const TraceOptions& options) {
    return std::make_unique<Tracer>(options, log_, registry_);
  }
  static void Record(Tracer& tracer, absl::string_view traceparent = "",
                     absl::string_view name = "GET /v1/things") {
    tracer.End(tracer.Begin(traceparent),
               {.name = name,
                .begun = absl::FromUnixNanos(1'700'000'000'000'000'001),
                .ended = absl::FromUnixNanos(1'700'000'000'250'000'001)},
               {{"http.request.method", "GET"},
                {"http.response.status_code", 200},
                {"client.address", absl::string_view()}});
  }
  uint64_t Count(const char* outcome) {
    return registry_
        .FindCounter("praxis_trace_spans_total",
                     "Spans recorded, by what became of them.",
                     {{"outcome", outcome}})
        .value();
  }

  Registry registry_;
  std::FILE* const file_ = std::tmpfile();
  Log log_{{.service = "test", .fd = fileno(file_)}};
};

TEST_F(TracerTest, SendsASpanAsOtlpHasIt) {
  Collector collector;
  const auto tracer = Make(To(collector.url()));
  const Span span = tracer->Begin(kParent);
  tracer->End(span,
              {.name = "GET \"/v1\"",
               .begun = absl::FromUnixNanos(1'700'000'000'000'000'001),
               .ended = absl::FromUnixNanos(1'700'000'000'250'000'001),
               .failed = true,
               .detail = "No such table."},
              {{"http.request.method", "GET"},
               {"http.response.status_code", 500},
               {"client.address", absl::string_view()}});
  const auto [head, body] = collector.Await(1)[0];
  EXPECT_THAT(head, HasSubstr("POST /v1/traces HTTP/1.1\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Type: application/json\r\n"));
  const Value resource = At(ParseJson(body), {"resourceSpans", "0"});
  EXPECT_EQ(
      At(Attribute(At(resource, {"resource"}), "service.name"), {"stringValue"})
          .string_value(),
      "praxis-test");
  const Value sent = At(resource, {"scopeSpans", "0", "spans", "0"});
  EXPECT_EQ(At(sent, {"traceId"}).string_value(),
            "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(At(sent, {"spanId"}).string_value(),
            std::string(span.context.SpanId().view()));
  EXPECT_EQ(At(sent, {"parentSpanId"}).string_value(), "b7ad6b7169203331");
  EXPECT_EQ(At(sent, {"name"}).string_value(), "GET \"/v1\"");
  EXPECT_EQ(At(sent, {"kind"}).number_value(), 2);
  EXPECT_EQ(At(sent, {"startTimeUnixNano"}).string_value(),
            "1700000000000000001");
  EXPECT_EQ(At(sent, {"endTimeUnixNano"}).string_value(),
            "1700000000250000001");
  EXPECT_EQ(At(Attribute(sent, "http.response.status_code"), {"intValue"})
                .string_value(),
            "500");
  EXPECT_EQ(At(Attribute(sent, "http.request.method"), {"stringValue"})
                .string_value(),
            "GET");
  EXPECT_EQ(At(sent, {"attributes"}).list_value().values_size(), 2);
  EXPECT_EQ(At(sent, {"status", "code"}).number_value(), 2);
  EXPECT_EQ(At(sent, {"status", "message"}).string_value(), "No such table.");
}

TEST_F(TracerTest, SaysWhoseItIsInHeaderFields) {
  Collector collector;
  TraceOptions options = To(collector.url());
  options.headers = {{"x-tenant", "lean"}};
  const auto tracer = Make(options);
  Record(*tracer);
  EXPECT_THAT(collector.Await(1)[0].first, HasSubstr("x-tenant: lean\r\n"));
}

TEST_F(TracerTest, BeginsATraceWithoutAParent) {
  Collector collector;
  const auto tracer = Make(To(collector.url()));
  Record(*tracer, "nonsense");
  const std::string body = collector.Await(1)[0].second;
  EXPECT_THAT(body, Not(HasSubstr("parentSpanId")));
  EXPECT_THAT(body, Not(HasSubstr("\"status\"")));
}

TEST_F(TracerTest, SendsManySpansAtOnce) {
  Collector collector;
  TraceOptions options = To(collector.url());
  options.delay = absl::Hours(1);
  options.batch_max = 3;
  const auto tracer = Make(options);
  for (int i = 0; i < 3; ++i) Record(*tracer);
  const Value sent = ParseJson(collector.Await(1)[0].second);
  EXPECT_EQ(At(sent, {"resourceSpans", "0", "scopeSpans", "0", "spans"})
                .list_value()
                .values_size(),
            3);
}

TEST_F(TracerTest, RecordsWhatItsCallersRecord) {
  Collector collector;
  const auto tracer = Make(To(collector.url()));
  EXPECT_TRUE(tracer->Begin(kParent).context.sampled);
  EXPECT_FALSE(tracer->Begin(kParentUnsampled).context.sampled);
  EXPECT_TRUE(tracer->Begin("").context.sampled);
}

TEST_F(TracerTest, RecordsAShareWhoeverCalls) {
  Collector collector;
  TraceOptions options = To(collector.url());
  options.parent_based = false;
  options.ratio = 0.25;
  const auto tracer = Make(options);
  int sampled = 0;
  for (int i = 0; i < 10'000; ++i) {
    sampled += tracer->Begin("").context.sampled;
  }
  EXPECT_GT(sampled, 2'200);
  EXPECT_LT(sampled, 2'800);
  // As others decide of the same trace: its last 8 bytes are 0x8448..., so 63
  // bits of them are 0.517 of all.
  EXPECT_FALSE(tracer->Begin(kParent).context.sampled);
  options.ratio = 0.52;
  EXPECT_TRUE(Make(options)->Begin(kParentUnsampled).context.sampled);
  options.ratio = 0;
  EXPECT_FALSE(Make(options)->Begin(kParent).context.sampled);
}

TEST_F(TracerTest, PassesOnWhatCallersRecordWithoutACollector) {
  const auto tracer = Make(TraceOptions());
  for (const Tracer* each : {static_cast<const Tracer*>(tracer.get()),
                             static_cast<const Tracer*>(nullptr)}) {
    const Span span = BeginSpan(each, kParent);
    EXPECT_EQ(span.context.TraceId().view(),
              "0af7651916cd43dd8448eb211c80319c");
    EXPECT_NE(span.context.SpanId().view(), "b7ad6b7169203331");
    EXPECT_TRUE(span.context.sampled);
    EXPECT_FALSE(BeginSpan(each, "").context.sampled);
  }
  Record(*tracer, kParent);
}

TEST_F(TracerTest, AllocatesNothingForWhatIsNotRecorded) {
  Collector collector;
  const auto tracer = Make(To(collector.url()));
  Record(*tracer, kParentUnsampled);  // what is made once is made here
  allocations = 0;
  Record(*tracer, kParentUnsampled);
  EXPECT_EQ(allocations, 0);
  Record(*tracer, kParent);
  EXPECT_GT(allocations, 0);
}

TEST_F(TracerTest, TriesAgainWhenTheCollectorAsksForIt) {
  Collector collector(
      {"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n"
       "Content-Length: 0\r\n\r\n",
       kOk});
  auto tracer = Make(To(collector.url()));
  Record(*tracer);
  const auto requests = collector.Await(2);
  EXPECT_EQ(requests[0].second, requests[1].second);
  tracer = nullptr;
  EXPECT_EQ(Count("sent"), 1);
  EXPECT_EQ(Count("failed"), 0);
}

TEST_F(TracerTest, GivesUpWhatTheCollectorRefuses) {
  Collector collector({"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n", kOk});
  auto tracer = Make(To(collector.url()));
  Record(*tracer, "", "first");
  EXPECT_THAT(collector.Await(1)[0].second, HasSubstr("first"));
  Record(*tracer, "", "second");
  EXPECT_THAT(collector.Await(2)[1].second, HasSubstr("second"));
  tracer = nullptr;
  EXPECT_EQ(Count("sent"), 1);
  EXPECT_EQ(Count("failed"), 1);
}

TEST_F(TracerTest, SendsWhatWaitsAtTheEndAndDropsWhatIsTooMuch) {
  Collector collector;
  TraceOptions options = To(collector.url());
  options.delay = absl::Hours(1);
  options.queue_max = 10;
  auto tracer = Make(options);
  for (int i = 0; i < 15; ++i) Record(*tracer);
  EXPECT_EQ(Count("dropped"), 5);
  tracer = nullptr;
  EXPECT_EQ(Count("sent"), 10);
}

TEST_F(TracerTest, LogsAnOutageWithoutASecret) {
  std::string url;
  {
    const Collector gone;
    url = gone.url();
  }
  const std::string secret =
      absl::StrReplaceAll(url, {{"http://", "http://ada:xyzzy@"}});
  {
    Log log({.service = "test", .fd = fileno(file_)});
    Tracer tracer(To(secret + "?key=plugh"), log, registry_);
    Record(tracer);
  }
  char buffer[4096] = {};
  ASSERT_GT(pread(fileno(file_), buffer, sizeof(buffer) - 1, 0), 0);
  EXPECT_THAT(buffer, HasSubstr(url));
  EXPECT_THAT(buffer, Not(HasSubstr("xyzzy")));
  EXPECT_THAT(buffer, Not(HasSubstr("plugh")));
}

// Neither one that is away nor one that says nothing holds anybody up, at the
// end either.
TEST_F(TracerTest, EndsWithoutACollectorThatAnswers) {
  std::string nobody;
  {
    const Collector gone;
    nobody = gone.url();
  }
  const Collector silent({""});
  int tried = 0;
  for (const std::string& url : {nobody, silent.url()}) {
    auto tracer = Make(To(url));
    Record(*tracer);
    tracer = nullptr;
    EXPECT_EQ(Count("failed"), ++tried) << url;
  }
  EXPECT_EQ(Count("sent"), 0);
}

}  // namespace
}  // namespace praxis::telemetry
