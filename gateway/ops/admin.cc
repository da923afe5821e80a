#include "gateway/ops/admin.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/forms/coding.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

Response Text(int status, absl::string_view text) {
  Response response =
      Fresh("text/plain; charset=utf-8", absl::StrCat(text, "\n"));
  response.status = status;
  return response;
}

}  // namespace

void Admin::Handle(std::shared_ptr<Exchange> exchange) {
  const RequestHead& head = exchange->head();
  if (head.method != "GET" && head.method != "HEAD") {
    Response response = Text(405, "Pages are read by GET.");
    AddField("Allow", "GET, HEAD", &response.fields);
    return exchange->Respond(std::move(response));
  }
  if (!pages_->Has(head.path)) {
    return exchange->Respond(Text(head.path == "/" ? 200 : 404,
                                  absl::StrJoin(pages_->Paths(), "\n")));
  }
  pages_->Serve(std::move(exchange), EncodeBody);
}

Response Admin::Refuse(const RequestHead&, absl::string_view,
                       const absl::Status& status, int http_status) {
  return Text(http_status != 0 ? http_status : HttpStatusOf(status),
              status.message());
}

}  // namespace praxis::gateway
