#include "tests/system/event_stream.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace praxis::system {

EventStream::EventStream(int port, const std::string& target,
                         const Options& options)
    : socket_(std::make_unique<RawSocket>(port)),
      last_id_(options.last_event_id) {
  std::string request = absl::StrCat(
      "GET ", target,
      " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAccept: ", options.accept,
      "\r\n");
  if (!options.token.empty()) {
    absl::StrAppend(&request, "Authorization: Bearer ", options.token, "\r\n");
  }
  if (!options.last_event_id.empty()) {
    absl::StrAppend(&request, "Last-Event-ID: ", options.last_event_id, "\r\n");
  }
  socket_->Send(absl::StrCat(request, "\r\n"));
  size_t end = std::string::npos;
  while ((end = raw_.find("\r\n\r\n")) == std::string::npos) {
    const std::string more = socket_->ReadSome();
    if (more.empty()) return;
    raw_ += more;
  }
  head_ = raw_.substr(0, end + 2);
  raw_.erase(0, end + 4);
  chunked_ = absl::StrContains(absl::AsciiStrToLower(head_),
                               "transfer-encoding: chunked");
  TakeChunks();
}

int EventStream::status() const { return StatusOf(head_); }

std::optional<ServerEvent> EventStream::Next() {
  ServerEvent event;
  bool has_id = false;
  while (const std::optional<std::string> line = Line()) {
    absl::string_view rest = *line;
    if (rest.empty()) {
      event.id = last_id_;
      if (has_id || !event.data.empty()) return event;
      event = ServerEvent();
    } else if (absl::ConsumePrefix(&rest, "id: ")) {
      last_id_ = std::string(rest);
      has_id = true;
    } else if (absl::ConsumePrefix(&rest, "event: ")) {
      event.type = std::string(rest);
    } else if (absl::ConsumePrefix(&rest, "data: ")) {
      event.data += std::string(rest);
    }
  }
  return std::nullopt;
}

std::optional<std::string> EventStream::NextLine() {
  while (std::optional<std::string> line = Line()) {
    if (!line->empty()) return line;
  }
  return std::nullopt;
}

std::string EventStream::Rest() {
  while (Fill()) {
  }
  return std::exchange(body_, "");
}

std::optional<std::string> EventStream::Line() {
  size_t end;
  while ((end = body_.find('\n')) == std::string::npos) {
    if (!Fill()) return std::nullopt;
  }
  std::string line = body_.substr(0, end);
  body_.erase(0, end + 1);
  return line;
}

bool EventStream::Fill() {
  if (complete_ || socket_ == nullptr) return false;
  const std::string more = socket_->ReadSome();
  raw_ += more;
  TakeChunks();
  return !more.empty();
}

// Of RFC 9112, 7.1. A body with a length is taken as it comes.
void EventStream::TakeChunks() {
  if (!chunked_) {
    body_ += std::exchange(raw_, "");
    return;
  }
  while (!complete_) {
    const size_t line = raw_.find("\r\n");
    if (line == std::string::npos) return;
    size_t size = 0;
    if (!absl::SimpleHexAtoi(raw_.substr(0, line), &size) ||
        raw_.size() < line + 2 + size + 2) {
      return;
    }
    body_ += raw_.substr(line + 2, size);
    raw_.erase(0, line + 2 + size + 2);
    complete_ = size == 0;
  }
}

}  // namespace praxis::system
