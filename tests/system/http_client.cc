#include "tests/system/http_client.h"

#include <curl/curl.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace praxis::system {
namespace {

size_t OnField(char* bytes, size_t, size_t size, void* response) {
  auto& answer = *static_cast<HttpResponse*>(response);
  const absl::string_view line =
      absl::StripAsciiWhitespace(absl::string_view(bytes, size));
  // A new status line: what came before was an interim answer.
  if (absl::StartsWith(line, "HTTP/")) answer.fields.clear();
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(line, absl::MaxSplits(':', 1));
  if (!parts.second.empty()) {
    answer.fields.emplace_back(
        absl::AsciiStrToLower(parts.first),
        std::string(absl::StripAsciiWhitespace(parts.second)));
  }
  return size;
}

size_t OnBody(char* bytes, size_t, size_t size, void* write) {
  (*static_cast<std::function<void(absl::string_view)>*>(write))(
      absl::string_view(bytes, size));
  return size;
}

size_t OnRead(char* into, size_t item, size_t items, void* read) {
  return (*static_cast<std::function<size_t(char*, size_t)>*>(read))(
      into, item * items);
}

}  // namespace

// The connection, and what every request on it has in common.
struct HttpClient::Session {
  explicit Session(int port)
      : origin(absl::StrCat("http://127.0.0.1:", port)),
        curl(curl_easy_init()) {}
  ~Session() { curl_easy_cleanup(curl); }

  void Prepare(const HttpRequest& request) {
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 120L);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_URL,
                     absl::StrCat(origin, request.target).c_str());
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (request.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  }

  HttpResponse Perform(const HttpRequest& request,
                       std::function<void(absl::string_view)> write) {
    HttpResponse response;
    curl_slist* lines = nullptr;
    // libcurl would wait a second for "100 Continue".
    lines = curl_slist_append(lines, "Expect:");
    const std::string type =
        absl::StrCat("Content-Type:", request.content_type.empty() ? "" : " ",
                     request.content_type);
    if (request.body.has_value())
      lines = curl_slist_append(lines, type.c_str());
    if (!request.token.empty()) {
      lines = curl_slist_append(
          lines, absl::StrCat("Authorization: Bearer ", request.token).c_str());
    }
    for (const std::string& line : request.fields) {
      lines = curl_slist_append(lines, line.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnField);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &response);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &write);
    const CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK) response.error = curl_easy_strerror(code);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    curl_slist_free_all(lines);
    return response;
  }

  const std::string origin;
  CURL* const curl;
};

std::string HttpResponse::operator[](absl::string_view name) const {
  for (const auto& [field, value] : fields) {
    if (field == name) return value;
  }
  return "";
}

HttpClient::HttpClient(int port) : session_(std::make_unique<Session>(port)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

HttpResponse HttpClient::Send(const HttpRequest& request) const {
  session_->Prepare(request);
  if (request.body.has_value()) {
    curl_easy_setopt(session_->curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body->size()));
    curl_easy_setopt(session_->curl, CURLOPT_POSTFIELDS, request.body->data());
  }
  std::string body;
  HttpResponse response =
      session_->Perform(request, [&](absl::string_view piece) {
        body.append(piece.data(), piece.size());
      });
  response.body = std::move(body);
  return response;
}

HttpResponse HttpClient::Get(const std::string& target,
                             const std::string& token) const {
  return Send({.target = target, .token = token});
}

HttpResponse HttpClient::Upload(
    const HttpRequest& request, int64_t size,
    std::function<size_t(char*, size_t)> read) const {
  session_->Prepare(request);
  CURL* const curl = session_->curl;
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 1L << 20);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, &OnRead);
  curl_easy_setopt(curl, CURLOPT_READDATA, &read);
  curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE,
                   static_cast<curl_off_t>(size));
  HttpRequest typed = request;
  typed.body = "";  // so that Content-Type is sent
  std::string body;
  HttpResponse response =
      session_->Perform(typed, [&](absl::string_view piece) {
        body.append(piece.data(), piece.size());
      });
  response.body = std::move(body);
  return response;
}

HttpResponse HttpClient::Download(
    const HttpRequest& request,
    std::function<void(absl::string_view)> write) const {
  session_->Prepare(request);
  curl_easy_setopt(session_->curl, CURLOPT_BUFFERSIZE, 512L << 10);
  return session_->Perform(request, std::move(write));
}

}  // namespace praxis::system
