// Admin: the port for operators.
#ifndef GATEWAY_OPS_ADMIN_H_
#define GATEWAY_OPS_ADMIN_H_

#include <memory>
#include <utility>

#include "gateway/http/exchange.h"
#include "gateway/ops/pages.h"

namespace praxis::gateway {

// Serves pages and nothing else; "/" lists them. Who may come here is for the
// network to say: nobody is asked for a token. Thread-safe.
class Admin : public Handler {
 public:
  explicit Admin(std::unique_ptr<Pages> pages) : pages_(std::move(pages)) {}

  void Handle(std::shared_ptr<Exchange> exchange) override;
  Response Refuse(const RequestHead& head, absl::string_view request_id,
                  const absl::Status& status, int http_status) override;

 private:
  const std::unique_ptr<Pages> pages_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_ADMIN_H_
