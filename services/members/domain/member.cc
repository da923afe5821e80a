#include "services/members/domain/member.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "services/common/status/status.h"

namespace praxis::members {
namespace {

constexpr size_t kHandleBytesMin = 2;
constexpr size_t kHandleBytesMax = 32;
constexpr size_t kEmailBytesMax = 254;
constexpr size_t kLocalBytesMax = 64;
constexpr size_t kLabelBytesMax = 63;

bool IsLowerOrDigit(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c);
}

// A dot-atom (RFC 5322, 3.2.3) or one of RFC 6531; quoted local parts are not
// taken: nobody has one.
bool IsLocalPart(absl::string_view local) {
  if (local.empty() || local.size() > kLocalBytesMax) return false;
  for (const absl::string_view atom : absl::StrSplit(local, '.')) {
    if (atom.empty()) return false;
  }
  return true;
}

bool IsDomain(absl::string_view domain) {
  int labels = 0;
  for (const absl::string_view label : absl::StrSplit(domain, '.')) {
    if (label.empty() || label.size() > kLabelBytesMax) return false;
    if (label.front() == '-' || label.back() == '-') return false;
    ++labels;
  }
  return labels >= 2;
}

}  // namespace

std::string HandleKey(absl::string_view handle) {
  return absl::AsciiStrToLower(handle);
}

std::string EmailKey(absl::string_view email) {
  return absl::AsciiStrToLower(email);
}

bool IsHandle(absl::string_view handle) {
  if (handle.size() < kHandleBytesMin || handle.size() > kHandleBytesMax) {
    return false;
  }
  if (!IsLowerOrDigit(handle.front())) return false;
  for (const char c : handle) {
    if (!IsLowerOrDigit(c) && c != '_' && c != '-') return false;
  }
  return true;
}

bool IsEmail(absl::string_view email) {
  if (email.size() > kEmailBytesMax) return false;
  for (const char c : email) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) return false;
    if (absl::StrContains("<>()[]\\,;:\"", absl::string_view(&c, 1))) {
      return false;
    }
  }
  const size_t at = email.find('@');
  if (at == email.npos || email.find('@', at + 1) != email.npos) return false;
  return IsLocalPart(email.substr(0, at)) && IsDomain(email.substr(at + 1));
}

absl::Status MayUpdateMember(absl::string_view caller,
                             absl::string_view member) {
  if (!caller.empty() && caller == member) return absl::OkStatus();
  return Error(Reason::NOT_AUTHOR,
               "Only the member changes a profile; use members/me.");
}

}  // namespace praxis::members
