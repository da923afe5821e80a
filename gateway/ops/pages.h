// Pages: what is read over HTTP and is no RPC.
#ifndef GATEWAY_OPS_PAGES_H_
#define GATEWAY_OPS_PAGES_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "gateway/http/exchange.h"
#include "gateway/ops/route_metrics.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {

// The pages of one port, by their paths. They need no token and call no service
// but for how it does, so they answer also when the services cannot.
// Thread-safe once all are added.
class Pages {
 public:
  // `registry` outlives this.
  explicit Pages(telemetry::Registry& registry) : registry_(registry) {}

  // Given the answer, now or from another thread.
  using Answer = std::function<void(Response)>;
  using Maker = std::function<void(const RequestHead&, Answer)>;

  // One more page; before anything is served. Its method is GET or HEAD.
  void Add(const std::string& path, Maker make);
  // One that is always the same. `content_type` is a literal.
  void AddText(const std::string& path, absl::string_view content_type,
               std::string text);

  bool Has(absl::string_view path) const { return pages_.contains(path); }
  // Sorted.
  std::vector<std::string> Paths() const;

  // Gives `answer` the page at a path that Has() knows.
  void Open(const RequestHead& head, Answer answer) const;

  // Answers with the page at a path that Has() knows, and counts that. `finish`
  // adds what the port does to its answers. This outlives the exchange.
  using Finish = std::function<void(const RequestHead&, Response*)>;
  void Serve(std::shared_ptr<Exchange> exchange, Finish finish) const;

 private:
  struct Page {
    Maker make;
    std::unique_ptr<RouteMetrics> metrics;
  };

  telemetry::Registry& registry_;
  absl::flat_hash_map<std::string, Page> pages_;
};

// 200 with what is so now and may not be kept. `content_type` is a literal.
Response Fresh(absl::string_view content_type, std::string body);

// Adds /version.
void AddVersion(absl::string_view program, absl::string_view version,
                Pages* pages);
// Adds /channelz. `channelz` answers to a query, and nothing to one about what
// is not there.
void AddChannelz(std::function<std::string(absl::string_view)> channelz,
                 Pages* pages);
// Adds /metrics, as Prometheus asks for it. `registry` outlives `pages`.
void AddMetrics(const telemetry::Registry& registry, Pages* pages);

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_PAGES_H_
