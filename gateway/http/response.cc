#include "gateway/http/response.h"

#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace praxis::gateway {
namespace {

void AppendNumber(uint64_t number, std::string* out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number);
  out->append(digits, end.ptr - digits);
}

// 1xx, 204 and 304 have no body and tell no length of one.
bool HasNoContent(int status) {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace

// Values may hold what a service or an uploader wrote. Control characters are
// replaced rather than the field left out, so that nobody wonders where it
// went.
void AddField(absl::string_view name, absl::string_view value,
              std::string* fields) {
  fields->append(name.data(), name.size());
  fields->append(": ");
  for (const char c : value) {
    fields->push_back(absl::ascii_iscntrl(c) ? ' ' : c);
  }
  fields->append("\r\n");
}

void AppendHead(const Response& response, const ResponseFraming& framing,
                std::string* out) {
  // Nearly every answer; the others may cost a little more.
  if (response.status == 200) {
    out->append("HTTP/1.1 200 OK");
  } else {
    absl::StrAppend(out, "HTTP/1.1 ", response.status, " ",
                    ReasonPhrase(response.status));
  }
  out->append("\r\nDate: ");
  out->append(framing.date.data(), framing.date.size());
  out->append("\r\nX-Request-Id: ");
  out->append(framing.request_id.data(), framing.request_id.size());
  out->append("\r\nX-Content-Type-Options: nosniff\r\n");
  if (!response.content_type.empty()) {
    out->append("Content-Type: ");
    out->append(response.content_type.data(), response.content_type.size());
    out->append("\r\n");
  }
  // RFC 9112, 6.3: how the client finds the end of the body.
  if (framing.length.has_value()) {
    if (!HasNoContent(response.status)) {
      out->append("Content-Length: ");
      AppendNumber(*framing.length, out);
      out->append("\r\n");
    }
  } else if (!framing.http_1_0) {
    out->append("Transfer-Encoding: chunked\r\n");
  }
  if (!framing.keep_alive) {
    out->append("Connection: close\r\n");
  } else if (framing.http_1_0) {
    out->append("Connection: keep-alive\r\n");
  }
  out->append(response.fields);
  out->append("\r\n");
}

std::string HttpDate(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", time,
                          absl::UTCTimeZone());
}

// Those that are answered; clients go by the number.
absl::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Other";  // may be anything: RFC 9112, 4
  }
}

}  // namespace praxis::gateway
