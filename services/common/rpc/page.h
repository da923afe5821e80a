// Pages: sealed keyset tokens (AIP-158).
#ifndef SERVICES_COMMON_RPC_PAGE_H_
#define SERVICES_COMMON_RPC_PAGE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "services/common/rpc/call.h"

namespace praxis::rpc {

// Where a page begins and how long it is.
struct Page {
  // 1 to 200.
  int size = 50;
  // The last row already given, as the store wrote it; empty on the first page.
  std::string after;
};

// The page a list request asks for by its fields page_size and page_token. A
// token is bound to the caller, the method and every other field of the
// request: one made for anything else is PAGE_TOKEN_INVALID. It is a place in
// a list, never a right: the caller's standing was checked for this call.
absl::StatusOr<Page> PageOf(const Call& call,
                            const google::protobuf::Message& request);

// The token for the page after the row `after`.
std::string NextPageToken(const Call& call,
                          const google::protobuf::Message& request,
                          absl::string_view after);

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_PAGE_H_
