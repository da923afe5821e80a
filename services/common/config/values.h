// The values that flags have, as text: read, and written as they are read.
#ifndef SERVICES_COMMON_CONFIG_VALUES_H_
#define SERVICES_COMMON_CONFIG_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace praxis::config {

std::optional<bool> ParseBool(absl::string_view text);

// A whole number of bytes: "512", "64KiB", "1GiB"; "kB", "MB", "GB", "TB" are
// powers of 1000, "KiB", "MiB", "GiB", "TiB" of 1024. Not negative.
std::optional<int64_t> ParseBytes(absl::string_view text);
std::string BytesText(int64_t bytes);

// "5s", "100ms", "1h30m", "0". Not negative, not infinite.
std::optional<absl::Duration> ParseDuration(absl::string_view text);

// "host:port", "[::1]:port" or ":port" (every address); port 0 is any free one.
bool IsAddress(absl::string_view text);

// One such address, or several with commas between, each an IPv4 one: where
// names have several addresses, DNS says so.
bool IsAddressList(absl::string_view text);

// `text` with the passwords of URLs ("redis://user:secret@host") and of libpq's
// "password=secret" covered.
std::string MaskPasswords(absl::string_view text);

// Single changes (a letter put in, taken out or replaced) from `a` to `b`.
int EditDistance(absl::string_view a, absl::string_view b);

}  // namespace praxis::config

#endif  // SERVICES_COMMON_CONFIG_VALUES_H_
