#include "gateway/connect/rpc_stream.h"

#include <memory>
#include <string>
#include <utility>

#include "gateway/connect/message.h"
#include "gateway/forms/failure.h"
#include "google/rpc/status.pb.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

class Envelopes : public StreamBody {
 public:
  Envelopes(const Form& form, const Route& route)
      : form_(form), route_(route) {}

  absl::string_view media_type() const override { return form_.media_type; }
  absl::Status AppendMessage(absl::string_view wire,
                             std::string* text) override {
    return WriteMessage(form_, route_, wire, text);
  }
  void AppendEnd(std::string* text) const override {
    text->append(EndFrame(form_, google::rpc::Status()));
  }
  void AppendError(const absl::Status& status,
                   std::string* text) const override {
    text->append(EndFrame(form_, ToRpcStatus(status)));
  }
  bool errors_are_plain() const override { return true; }

 private:
  const Form form_;
  const Route& route_;
};

}  // namespace

void RpcStream::Run() {
  absl::StatusOr<Form> form = RpcFormOf(operation().route, head());
  if (!form.ok()) return Fail(form.status(), kAcceptPost);
  Watch(absl::InfiniteFuture());
  auto self = std::static_pointer_cast<RpcStream>(shared_from_this());
  exchange().ReadBody(
      BodyBytesMax(*form),
      [self = std::move(self), form = *form](absl::string_view body) {
        const Operation& operation = self->operation();
        self->Invoke(ReadRequest(form, operation, self->head(), body),
                     std::make_unique<Envelopes>(form, operation.route));
      });
}

}  // namespace praxis::gateway
