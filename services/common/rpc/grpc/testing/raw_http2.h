// An HTTP/2 client that sends what a gRPC library would not.
#ifndef SERVICES_COMMON_RPC_GRPC_TESTING_RAW_HTTP2_H_
#define SERVICES_COMMON_RPC_GRPC_TESTING_RAW_HTTP2_H_

#include <string>
#include <utility>
#include <vector>

namespace praxis::testing {

// One connection with one call, on stream 1.
class RawHttp2 {
 public:
  explicit RawHttp2(int port);
  ~RawHttp2();
  RawHttp2(const RawHttp2&) = delete;
  RawHttp2& operator=(const RawHttp2&) = delete;

  // Opens the call; header values are sent byte by byte as they are.
  void Open(const std::string& path,
            const std::vector<std::pair<std::string, std::string>>& headers);
  // One gRPC message of the call; `last` ends the caller's side.
  void SendMessage(const std::string& message, bool last);
  // Ends the caller's side without a message.
  void EndCall();
  void ResetCall();
  // Closes the connection, with a TCP reset when `abruptly`.
  void Close(bool abruptly);

  // How the server ended the call: "answered" (trailers), "reset", "goaway" or
  // "closed" (the connection).
  std::string Outcome();

 private:
  void SendFrame(int type, int flags, int stream, const std::string& payload);
  bool ReadBytes(size_t count, std::string* bytes);

  int fd_;
};

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_RPC_GRPC_TESTING_RAW_HTTP2_H_
