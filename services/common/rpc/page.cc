#include "services/common/rpc/page.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "services/common/auth/secrets.h"
#include "services/common/rpc/canonical.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kSizeDefault = 50;
constexpr int kSizeMax = 200;
constexpr size_t kTokenBytesMax = 2048;

const FieldDescriptor* FieldOf(const Message& request, const char* name) {
  return request.GetDescriptor()->FindFieldByName(name);
}

// What a token is bound to: caller, method and the request but its page.
std::string ContextOf(const Call& call, const Message& request) {
  std::unique_ptr<Message> query(request.New());
  query->CopyFrom(request);
  query->GetReflection()->ClearField(query.get(), FieldOf(*query, "page_size"));
  query->GetReflection()->ClearField(query.get(),
                                     FieldOf(*query, "page_token"));
  return absl::StrCat(call.caller.name, "\n", call.method->full_name(), "\n",
                      Canonical(*query));
}

}  // namespace

absl::StatusOr<Page> PageOf(const Call& call, const Message& request) {
  const google::protobuf::Reflection& reflection = *request.GetReflection();
  const int size = reflection.GetInt32(request, FieldOf(request, "page_size"));
  if (size < 0) {
    return FieldErrors({{"page_size", "must not be negative"}});
  }
  Page page;
  page.size = size == 0 ? kSizeDefault : std::min(size, kSizeMax);

  const std::string token =
      reflection.GetString(request, FieldOf(request, "page_token"));
  if (token.empty()) return page;
  std::optional<std::string> after;
  if (token.size() <= kTokenBytesMax) {
    after = call.sealer->Unseal(token, ContextOf(call, request));
  }
  if (!after.has_value()) {
    return Error(Reason::PAGE_TOKEN_INVALID,
                 "page_token was not given to you for this query; begin again "
                 "without one.");
  }
  page.after = *std::move(after);
  return page;
}

std::string NextPageToken(const Call& call, const Message& request,
                          absl::string_view after) {
  return call.sealer->Seal(after, ContextOf(call, request));
}

}  // namespace praxis::rpc
