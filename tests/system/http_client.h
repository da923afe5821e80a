// HttpClient: HTTP/1.1 as any client speaks it, by libcurl.
#ifndef TESTS_SYSTEM_HTTP_CLIENT_H_
#define TESTS_SYSTEM_HTTP_CLIENT_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace praxis::system {

// What is asked.
struct HttpRequest {
  std::string method = "GET";
  // With its query; sent as it is.
  std::string target;
  // Bearer token; empty sends none.
  std::string token;
  // Whole lines without their end, "If-Match: \"3\"".
  std::vector<std::string> fields;
  // None sends no body and no Content-Type.
  std::optional<std::string> body;
  std::string content_type = "application/json";
};

// What came back. Status 0: no answer.
struct HttpResponse {
  int status = 0;
  // Names in lower case.
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  // Why there is no answer, or not all of it.
  std::string error;

  // The value of a field; empty when it is not there.
  std::string operator[](absl::string_view name) const;
};

// Speaks to one port of this machine over one connection that it keeps. Waits
// at most two minutes. Not for several threads at once.
class HttpClient {
 public:
  explicit HttpClient(int port);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;

  HttpResponse Send(const HttpRequest& request) const;
  HttpResponse Get(const std::string& target,
                   const std::string& token = "") const;

  // Sends a body that is made while it is sent: `read` fills a buffer and says
  // with how many bytes, 0 at the end. A size of -1 sends chunks.
  HttpResponse Upload(const HttpRequest& request, int64_t size,
                      std::function<size_t(char*, size_t)> read) const;
  // Hands the body of the answer to `write` as it comes.
  HttpResponse Download(const HttpRequest& request,
                        std::function<void(absl::string_view)> write) const;

 private:
  struct Session;

  std::unique_ptr<Session> session_;
};

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_HTTP_CLIENT_H_
