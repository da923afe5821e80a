// Commands as they go to Redis, and what it replies.
#ifndef SERVICES_COMMON_REDIS_REPLY_H_
#define SERVICES_COMMON_REDIS_REPLY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace praxis::redis {

// One reply of RESP2 (https://redis.io/docs/reference/protocol-spec).
struct Reply {
  enum class Kind { kNil, kInteger, kText, kArray, kError };

  Kind kind = Kind::kNil;
  int64_t integer = 0;
  // Of kText, and what an error says.
  std::string text;
  std::vector<Reply> items;

  bool is_error() const { return kind == Kind::kError; }
  // The first word of an error, such as "OOM"; empty for every other reply.
  absl::string_view ErrorCode() const {
    if (!is_error()) return {};
    return absl::string_view(text).substr(0, text.find(' '));
  }
};

// One command: its name and arguments, which are any bytes.
using Command = absl::Span<const absl::string_view>;

// Commands that go together in one round trip. They are no transaction.
class Commands {
 public:
  void Add(Command command);

  size_t size() const { return size_; }
  // All of them, as they go over the wire.
  const std::string& bytes() const { return bytes_; }

 private:
  size_t size_ = 0;
  std::string bytes_;
};

}  // namespace praxis::redis

#endif  // SERVICES_COMMON_REDIS_REPLY_H_
