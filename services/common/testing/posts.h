// The rows that the drivers' benchmarks read and write: the same ones, so that
// their figures can be held against each other.
#ifndef SERVICES_COMMON_TESTING_POSTS_H_
#define SERVICES_COMMON_TESTING_POSTS_H_

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace praxis::testing {

inline constexpr int kThreads = 200;
inline constexpr int kPostsPerThread = 100;
inline constexpr int64_t kTime = 1'700'000'000'000'000;

// Tables posts (thread, id, author, body, time) and events (time, type, name,
// body).
inline constexpr char kPoint[] =
    "SELECT body FROM posts WHERE thread = $1 AND id = $2";
inline constexpr char kPage[] =
    "SELECT id, author, body, time FROM posts WHERE thread = $1"
    " ORDER BY id LIMIT 50";
inline constexpr char kInsertPost[] =
    "INSERT INTO posts (thread, id, author, body, time)"
    " VALUES ($1, $2, $3, $4, $5)";
inline constexpr char kInsertEvent[] =
    "INSERT INTO events (time, type, name, body) VALUES ($1, $2, $3, $4)";

inline const std::string& Body() {
  static const auto& body = *new std::string(400, 'x');
  return body;
}
inline std::string ThreadName(int64_t i) {
  return absl::StrCat("communities/lean/threads/", i % kThreads);
}
inline std::string PostId(int64_t i) {
  return absl::StrCat("01h", 10'000'000 + i);
}

// A new id for each post that is written.
inline int64_t NextPost() {
  static std::atomic<int64_t> next{kThreads * kPostsPerThread};
  return next.fetch_add(1);
}

inline void Require(const absl::Status& status) {
  if (!status.ok()) std::abort();
}

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_TESTING_POSTS_H_
