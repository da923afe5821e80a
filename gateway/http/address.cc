#include "gateway/http/address.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace praxis::gateway {
namespace {

namespace ip = boost::asio::ip;

// Of IPv4 addresses within IPv6: ::ffff:0:0/96.
constexpr int kMappedBits = 96;
// What providers give to one customer at the least (RFC 6177), and hosts fill
// at will (RFC 8981).
constexpr int kClientBits = 64;

std::optional<ip::address> ParseAddress(absl::string_view text) {
  boost::system::error_code error;
  ip::address address =
      ip::make_address(std::string(text.data(), text.size()), error);
  if (error) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  }
  return address;
}

std::array<uint8_t, 16> BytesOf(const ip::address& address) {
  return address.is_v4()
             ? ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes()
             : address.to_v6().to_bytes();
}

// Sets all but the first bits to 0.
void Mask(int bits, std::array<uint8_t, 16>* bytes) {
  for (int i = 0; i < 16; ++i) {
    const int kept = std::clamp(bits - 8 * i, 0, 8);
    (*bytes)[i] &= static_cast<uint8_t>(0xff00 >> kept);
  }
}

// An element of X-Forwarded-For without the port that some proxies add.
absl::string_view WithoutPort(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (absl::ConsumePrefix(&text, "[")) return text.substr(0, text.find(']'));
  const size_t colon = text.find(':');
  // More than one: an IPv6 address.
  return colon == text.rfind(':') ? text.substr(0, colon) : text;
}

}  // namespace

std::string NetworkOf(absl::string_view address) {
  const auto parsed = ParseAddress(address);
  if (!parsed.has_value() || parsed->is_v4()) {
    return std::string(address.data(), address.size());
  }
  std::array<uint8_t, 16> bytes = BytesOf(*parsed);
  Mask(kClientBits, &bytes);
  return absl::StrCat(ip::address_v6(bytes).to_string(), "/", kClientBits);
}

std::string CanonicalAddress(absl::string_view address) {
  const auto parsed = ParseAddress(address);
  return parsed.has_value() ? parsed->to_string() : std::string();
}

absl::StatusOr<TrustedProxies> TrustedProxies::Parse(absl::string_view list) {
  TrustedProxies proxies;
  for (absl::string_view text : absl::StrSplit(list, ',')) {
    text = absl::StripAsciiWhitespace(text);
    if (text.empty()) continue;
    absl::StatusOr<Network> network = ParseNetwork(text);
    if (!network.ok()) return network.status();
    proxies.networks_.push_back(*network);
  }
  return proxies;
}

absl::StatusOr<TrustedProxies::Network> TrustedProxies::ParseNetwork(
    absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('/', 1));
  const auto address = ParseAddress(parts.first);
  const bool whole = parts.first.size() == text.size();
  const int most = address.has_value() && address->is_v4() ? 32 : 128;
  int bits = most;
  if (!address.has_value() ||
      (!whole &&
       (!absl::SimpleAtoi(parts.second, &bits) || bits < 0 || bits > most))) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text,
                     "\" is neither an address nor a network such as "
                     "10.0.0.0/8."));
  }
  Network network{.bytes = BytesOf(*address),
                  .bits = most == 32 ? kMappedBits + bits : bits};
  Mask(network.bits, &network.bytes);
  return network;
}

bool TrustedProxies::Include(absl::string_view address) const {
  if (networks_.empty()) return false;
  const auto parsed = ParseAddress(address);
  if (!parsed.has_value()) return false;
  const std::array<uint8_t, 16> bytes = BytesOf(*parsed);
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](const Network& network) {
                       std::array<uint8_t, 16> masked = bytes;
                       Mask(network.bits, &masked);
                       return masked == network.bytes;
                     });
}

std::string TrustedProxies::ClientOf(absl::string_view proxy,
                                     absl::string_view forwarded_for) const {
  std::string client(proxy.data(), proxy.size());
  while (!forwarded_for.empty() && Include(client)) {
    const size_t comma = forwarded_for.rfind(',');
    const size_t begin = comma == forwarded_for.npos ? 0 : comma + 1;
    std::string before =
        CanonicalAddress(WithoutPort(forwarded_for.substr(begin)));
    if (before.empty()) break;
    client = std::move(before);
    forwarded_for = forwarded_for.substr(0, begin == 0 ? 0 : comma);
  }
  return client;
}

}  // namespace praxis::gateway
