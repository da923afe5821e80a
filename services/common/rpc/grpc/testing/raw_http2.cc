#include "services/common/rpc/grpc/testing/raw_http2.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>

namespace praxis::testing {
namespace {

// RFC 9113, section 6.
enum FrameType {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
};
constexpr int kEndStream = 1;
constexpr int kAck = 1;
constexpr int kEndHeaders = 4;

std::string BigEndian(uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) {
    text += static_cast<char>(value >> (8 * i));
  }
  return text;
}

// A length as HPACK has it, with a prefix of 7 bits (RFC 7541, 5.1).
std::string HpackLength(size_t length) {
  if (length < 127) return std::string(1, static_cast<char>(length));
  std::string text(1, '\x7f');
  length -= 127;
  while (length >= 128) {
    text += static_cast<char>(length % 128 + 128);
    length /= 128;
  }
  return text + static_cast<char>(length);
}

}  // namespace

RawHttp2::RawHttp2(int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval patience = {.tv_sec = 30, .tv_usec = 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) !=
      0) {
    std::abort();
  }
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  (void)!send(fd_, preface.data(), preface.size(), MSG_NOSIGNAL);
  SendFrame(kSettings, 0, 0, "");
}

RawHttp2::~RawHttp2() { Close(false); }

void RawHttp2::SendFrame(int type, int flags, int stream,
                         const std::string& payload) {
  const std::string frame = BigEndian(payload.size(), 3) +
                            static_cast<char>(type) + static_cast<char>(flags) +
                            BigEndian(stream, 4) + payload;
  (void)!send(fd_, frame.data(), frame.size(), MSG_NOSIGNAL);
}

void RawHttp2::Open(
    const std::string& path,
    const std::vector<std::pair<std::string, std::string>>& headers) {
  std::vector<std::pair<std::string, std::string>> all = {
      {":method", "POST"}, {":scheme", "http"},
      {":path", path},     {":authority", "localhost"},
      {"te", "trailers"},  {"content-type", "application/grpc"}};
  all.insert(all.end(), headers.begin(), headers.end());
  std::string block;
  for (const auto& [name, value] : all) {
    // A literal without indexing, names and values not Huffman-coded.
    block += '\0';
    block += HpackLength(name.size()) + name;
    block += HpackLength(value.size()) + value;
  }
  SendFrame(kHeaders, kEndHeaders, 1, block);
}

void RawHttp2::SendMessage(const std::string& message, bool last) {
  SendFrame(kData, last ? kEndStream : 0, 1,
            std::string(1, '\0') + BigEndian(message.size(), 4) + message);
}

void RawHttp2::EndCall() { SendFrame(kData, kEndStream, 1, ""); }

void RawHttp2::ResetCall() {
  constexpr int kCancel = 8;
  SendFrame(kReset, 0, 1, BigEndian(kCancel, 4));
}

void RawHttp2::Close(bool abruptly) {
  if (fd_ < 0) return;
  if (abruptly) {
    const linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  }
  close(fd_);
  fd_ = -1;
}

bool RawHttp2::ReadBytes(size_t count, std::string* bytes) {
  bytes->resize(count);
  size_t got = 0;
  while (got < count) {
    const ssize_t more = recv(fd_, bytes->data() + got, count - got, 0);
    if (more <= 0) return false;
    got += more;
  }
  return true;
}

std::string RawHttp2::Outcome() {
  std::string header;
  std::string payload;
  while (ReadBytes(9, &header)) {
    const auto byte = [&](int i) { return static_cast<uint8_t>(header[i]); };
    if (!ReadBytes(byte(0) << 16 | byte(1) << 8 | byte(2), &payload)) break;
    const int type = byte(3);
    const int flags = byte(4);
    if (type == kHeaders && (flags & kEndStream) != 0) return "answered";
    if (type == kReset) return "reset";
    if (type == kGoAway) return "goaway";
    if (type == kSettings && (flags & kAck) == 0) {
      SendFrame(kSettings, kAck, 0, "");
    }
    if (type == kPing && (flags & kAck) == 0) {
      SendFrame(kPing, kAck, 0, payload);
    }
  }
  return "closed";
}

}  // namespace praxis::testing
