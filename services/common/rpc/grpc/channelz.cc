#include "services/common/rpc/grpc/channelz.h"

#include <cstdint>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "grpc/grpc.h"
#include "grpc/support/alloc.h"

namespace praxis::rpc {
namespace {

// gRPC hands out strings that it wants back.
std::string Taken(char* json) {
  if (json == nullptr) return "";
  std::string text = json;
  gpr_free(json);
  return text;
}

}  // namespace

std::string ChannelzJson(absl::string_view query) {
  if (query.empty()) {
    return absl::StrCat(
        "{\"channels\":", Taken(grpc_channelz_get_top_channels(0)),
        ",\"servers\":", Taken(grpc_channelz_get_servers(0)), "}");
  }
  const std::pair<absl::string_view, absl::string_view> asked =
      absl::StrSplit(query, absl::MaxSplits('=', 1));
  intptr_t id = 0;
  if (!absl::SimpleAtoi(asked.second, &id)) return "";
  if (asked.first == "channel") return Taken(grpc_channelz_get_channel(id));
  if (asked.first == "subchannel") {
    return Taken(grpc_channelz_get_subchannel(id));
  }
  if (asked.first == "server") return Taken(grpc_channelz_get_server(id));
  if (asked.first == "sockets") {
    return Taken(grpc_channelz_get_server_sockets(id, 0, 0));
  }
  if (asked.first == "socket") return Taken(grpc_channelz_get_socket(id));
  return "";
}

}  // namespace praxis::rpc
