// Wire bytes in and out of gRPC's buffers, copied only where they must be.
#ifndef SERVICES_COMMON_RPC_GRPC_BYTES_H_
#define SERVICES_COMMON_RPC_GRPC_BYTES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message_lite.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"
#include "services/common/status/status.h"

namespace praxis::rpc {

// The bytes of a buffer in one piece. Small messages arrive in one slice, which
// is shared; larger ones, in HTTP/2 frames of 16 KiB, are joined by a copy.
class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(const grpc::ByteBuffer& buffer) {
    if (!buffer.Valid()) return;
    if (!buffer.TrySingleSlice(&slice_).ok()) {
      (void)buffer.DumpToSingleSlice(&slice_);
    }
  }

  // Good as long as this is.
  absl::string_view view() const {
    return absl::string_view(reinterpret_cast<const char*>(slice_.begin()),
                             slice_.size());
  }

 private:
  grpc::Slice slice_;
};

// The bytes of a buffer as a string of one's own: copied once, also when they
// came in several slices.
inline std::string StringOf(const grpc::ByteBuffer& buffer) {
  std::string bytes;
  std::vector<grpc::Slice> slices;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// What a backend has sent. INTERNAL if it does not parse.
inline absl::Status ParseFrom(const grpc::ByteBuffer& buffer,
                              google::protobuf::MessageLite* message) {
  const Bytes bytes(buffer);
  if (message->ParseFromArray(bytes.view().data(),
                              static_cast<int>(bytes.view().size()))) {
    return absl::OkStatus();
  }
  return Error(errors::v1::INTERNAL, "The backend's answer does not parse.");
}

// A buffer of these bytes. Long ones are moved into it, not copied.
inline grpc::ByteBuffer BufferOf(std::string bytes) {
  // Below this a copy is cheaper than the second allocation that a slice which
  // owns a string needs.
  constexpr size_t kCopyMax = 2048;
  if (bytes.size() <= kCopyMax) {
    const grpc::Slice copy(bytes.data(), bytes.size());
    return grpc::ByteBuffer(&copy, 1);
  }
  auto* owned = new std::string(std::move(bytes));
  const grpc::Slice slice(
      owned->data(), owned->size(),
      [](void* string) { delete static_cast<std::string*>(string); }, owned);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_BYTES_H_
