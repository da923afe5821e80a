// SharedRead: a read whose answer others may have too.
#ifndef GATEWAY_CALL_SHARED_READ_H_
#define GATEWAY_CALL_SHARED_READ_H_

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/cache/response_cache.h"
#include "gateway/call/operation.h"
#include "gateway/http/head.h"
#include "gateway/http/response.h"
#include "gateway/routes/route_table.h"

namespace praxis::gateway {

// A GET or HEAD that nobody has signed: what it is answered with 200, anyone is
// answered. Who signs in is answered by the service, which verifies the token.
class SharedRead {
 public:
  // Bytes of path and query.
  static constexpr size_t kTargetBytesMax = 1024;

  // Nothing when the answer may be kept for nobody: there is a token or a
  // header that the service would have to see, or the route names no scope, by
  // whose events it would be dropped. `cache` outlives this.
  static std::optional<SharedRead> Of(ResponseCache& cache,
                                      const Operation& operation,
                                      const RouteMatch& match,
                                      const RequestHead& head);

  // What was kept: the whole of it, coded as the client likes it, or 304 for
  // one that has it already. When there is nothing, the service is to be asked
  // now.
  std::optional<Response> Find(const RequestHead& head);

  // Keeps an answer of the service, not coded, see ResponseCache::Keep.
  void Keep(const Response& response, int64_t access_position) {
    cache_->Keep(key_, {response, ticket_, access_position});
  }

 private:
  SharedRead(ResponseCache& cache, std::string key, absl::string_view scope)
      : cache_(&cache), key_(std::move(key)), scope_(scope) {}

  std::optional<Response> Recall(const RequestHead& head);

  ResponseCache* cache_;
  std::string key_;
  // Of the match.
  absl::string_view scope_;
  ResponseCache::Ticket ticket_;
};

// The scope that a request is about, by the policy of its method; empty when
// that names none, or none that stands in the path. A view of `match`.
absl::string_view ScopeIn(const Operation& operation, const RouteMatch& match);

}  // namespace praxis::gateway

#endif  // GATEWAY_CALL_SHARED_READ_H_
