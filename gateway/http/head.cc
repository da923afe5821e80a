#include "gateway/http/head.h"

#include <boost/beast/http/basic_parser.hpp>
#include <cstring>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

namespace beast = boost::beast;

struct HeaderEntry {
  absl::string_view name;
  // More than one is an attack or a defect, never a list.
  bool single;
};

constexpr std::array<HeaderEntry, kHeaders> kEntries = {{
    {"accept", false},
    {"accept-encoding", false},
    {"authorization", true},
    {"connect-protocol-version", true},
    {"connect-timeout-ms", true},
    {"content-encoding", false},
    {"content-length", true},
    {"content-type", true},
    {"expect", true},
    {"grpc-timeout", true},
    {"host", true},
    {"idempotency-key", true},
    {"if-match", true},
    {"if-none-match", true},
    {"if-range", true},
    {"last-event-id", true},
    {"origin", true},
    {"access-control-request-headers", false},
    {"access-control-request-method", true},
    {"range", true},
    {"traceparent", false},
    {"transfer-encoding", true},
    {"x-forwarded-for", false},
    {"x-request-id", false},
    {"x-request-timeout", true},
}};

// Index into kEntries, or -1. Names differ in length mostly, so few are
// compared.
int FindEntry(absl::string_view name) {
  for (size_t i = 0; i < kHeaders; ++i) {
    if (name.size() == kEntries[i].name.size() &&
        absl::EqualsIgnoreCase(name, kEntries[i].name)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

absl::string_view View(beast::string_view text) {
  return absl::string_view(text.data(), text.size());
}

absl::Status Malformed(absl::string_view what) {
  return Error(errors::v1::HEADER_INVALID,
               absl::StrCat("The request's head is not HTTP/1.1: ", what, "."));
}

// Beast's grammar of a request's head, storing into a RequestHead. Beast's own
// containers would allocate for every field.
class Grammar : public beast::http::basic_parser<true> {
 public:
  Grammar(RequestHead* head, const HeadLimits& limits)
      : head_(head), fields_left_(limits.fields_max) {
    header_limit(static_cast<std::uint32_t>(limits.bytes_max) + 1);
    body_limit(boost::none);  // by the endpoint, not by the head
  }

  // What the grammar itself does not refuse.
  const absl::Status& status() const { return status_; }

 private:
  using ErrorCode = beast::error_code;

  void Fail(absl::Status status, ErrorCode& error) {
    status_ = std::move(status);
    error = beast::http::error::bad_field;
  }

  void on_request_impl(beast::http::verb, beast::string_view method,
                       beast::string_view target, int version,
                       ErrorCode& error) override {
    head_->method = View(method);
    head_->path = View(target);
    head_->http_1_0 = version == 10;
    error = {};
  }

  void on_field_impl(beast::http::field, beast::string_view name,
                     beast::string_view value, ErrorCode& error) override {
    error = {};
    if (--fields_left_ < 0) {
      return Fail(Error(errors::v1::HEAD_TOO_LARGE,
                        "The request has too many header fields."),
                  error);
    }
    const int i = FindEntry(View(name));
    if (i < 0) return;
    absl::string_view& slot = head_->values[i];
    if (slot.data() == nullptr) {
      slot = View(value);  // never null, also when it is empty
    } else if (i == static_cast<int>(Header::kXForwardedFor)) {
      std::string& lines = head_->forwarded_lines;
      absl::StrAppend(&lines, lines.empty() ? slot : "", ",", View(value));
    } else if (kEntries[i].single) {
      Fail(Malformed(absl::StrCat(kEntries[i].name, " is there twice")), error);
    }
  }

  void on_header_impl(ErrorCode& error) override { error = {}; }
  void on_finish_impl(ErrorCode& error) override { error = {}; }
  // Never called: only heads are given to this.
  void on_response_impl(int, beast::string_view, int, ErrorCode&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&,
                         ErrorCode&) override {}
  std::size_t on_body_impl(beast::string_view, ErrorCode&) override {
    return 0;
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view,
                            ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view,
                                 ErrorCode&) override {
    return 0;
  }

  RequestHead* head_;
  int fields_left_;
  absl::Status status_;
};

// Splits a request target (RFC 9112, 3.2) in `head->path` into path and query.
// CONNECT's authority form is no path of ours and is refused with the rest.
absl::Status SplitTarget(RequestHead* head) {
  absl::string_view target = head->path;
  for (const char c : target) {
    if (c <= ' ' || c >= 0x7f || c == '#') {
      return Error(errors::v1::URL_INVALID,
                   "Percent-encode what is not ASCII in the URL, and leave "
                   "out the fragment.");
    }
  }
  for (absl::string_view scheme : {"http://", "https://"}) {
    if (!absl::StartsWithIgnoreCase(target, scheme)) continue;
    target.remove_prefix(scheme.size());
    const size_t slash = target.find_first_of("/?");
    target.remove_prefix(slash == target.npos ? target.size() : slash);
    if (target.empty() || target.front() == '?') {
      return Error(errors::v1::URL_INVALID, "The URL has no path.");
    }
    break;
  }
  const size_t mark = target.find('?');
  head->path = target.substr(0, mark);
  head->query = mark == target.npos ? "" : target.substr(mark + 1);
  if (head->path.empty() || (head->path.front() != '/' && head->path != "*")) {
    return Error(errors::v1::URL_INVALID, "The URL's path must begin with /.");
  }
  return absl::OkStatus();
}

// How the body is framed, and whether the fields about it agree (RFC 9112, 6).
absl::Status CheckFraming(RequestHead* head) {
  const absl::string_view length = (*head)[Header::kContentLength];
  const absl::string_view coding = (*head)[Header::kTransferEncoding];
  if (length.data() != nullptr) {
    uint64_t bytes = 0;
    // SimpleAtoi takes white space and signs, which no length has.
    for (const char c : length) {
      if (!absl::ascii_isdigit(c)) return Malformed("content-length is wrong");
    }
    if (!absl::SimpleAtoi(length, &bytes)) {
      return Malformed("content-length is wrong");
    }
    head->content_length = bytes;
  }
  if (coding.data() != nullptr) {
    if (length.data() != nullptr) {
      return Malformed("content-length and transfer-encoding exclude another");
    }
    if (head->http_1_0 || !absl::EqualsIgnoreCase(coding, "chunked")) {
      return Malformed("the only transfer coding served is chunked");
    }
    head->chunked = true;
  }
  return absl::OkStatus();
}

// Nothing is told from Host here, but what stands behind may trust it.
absl::Status CheckHost(const RequestHead& head) {
  const absl::string_view host = head[Header::kHost];
  if (host.data() == nullptr) {
    if (head.http_1_0) return absl::OkStatus();
    return Malformed("host is missing");
  }
  for (const char c : host) {
    if (!absl::ascii_isalnum(c) && !absl::StrContains(".:-_[]~", c)) {
      return Malformed("host is wrong");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view HeaderName(Header header) {
  return kEntries[static_cast<size_t>(header)].name;
}

// Looks at each line once, however the head is torn: line_ is where it went on.
absl::StatusOr<size_t> HeadReader::FindEnd(absl::string_view bytes) {
  for (;;) {
    const void* found =
        line_ < bytes.size()
            ? std::memchr(bytes.data() + line_, '\n', bytes.size() - line_)
            : nullptr;
    if (found == nullptr) return 0;
    const size_t lf = static_cast<const char*>(found) - bytes.data();
    if (lf == line_ || bytes[lf - 1] != '\r') {
      return Malformed("a line ends without CR");
    }
    if (lf == line_ + 1) return lf + 1;
    if (bytes[line_] == ' ' || bytes[line_] == '\t') {
      return Malformed("a line begins with white space");
    }
    line_ = lf + 1;
  }
}

// By whose fault: a first line that goes on and on is the URL's.
absl::Status HeadReader::TooLong(absl::string_view bytes) const {
  if (absl::StrContains(bytes.substr(0, limits_.target_bytes_max), "\n")) {
    return Error(errors::v1::HEAD_TOO_LARGE, "The request's head is too long.");
  }
  return Error(errors::v1::URL_TOO_LONG,
               absl::StrCat("The URL may have at most ",
                            limits_.target_bytes_max, " bytes."));
}

absl::StatusOr<size_t> HeadReader::Read(absl::string_view bytes,
                                        RequestHead* head) {
  // An empty line before a request is a leftover of old clients: RFC 9112, 2.2.
  const size_t skipped = absl::StartsWith(bytes, "\r\n") ? 2 : 0;
  bytes.remove_prefix(skipped);
  ASSIGN_OR_RETURN(const size_t end, FindEnd(bytes));
  if ((end == 0 ? bytes.size() : end) > limits_.bytes_max) {
    return TooLong(bytes);
  }
  if (end == 0) return 0;
  line_ = 0;

  *head = RequestHead();
  Grammar grammar(head, limits_);
  beast::error_code error;
  grammar.put(boost::asio::buffer(bytes.data(), end), error);
  RETURN_IF_ERROR(grammar.status());
  if (error) return Malformed(error.message());
  if (head->path.size() > limits_.target_bytes_max) return TooLong(bytes);
  head->keep_alive = grammar.keep_alive();
  RETURN_IF_ERROR(SplitTarget(head));
  RETURN_IF_ERROR(CheckFraming(head));
  RETURN_IF_ERROR(CheckHost(*head));
  const absl::string_view expect = (*head)[Header::kExpect];
  if (!expect.empty() && !head->http_1_0) {
    if (!absl::EqualsIgnoreCase(expect, "100-continue")) {
      return Malformed("the only expectation met is 100-continue");
    }
    head->expects_continue = true;
  }
  return skipped + end;
}

}  // namespace praxis::gateway
