#include "gateway/stream/attachment.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace praxis::gateway {
namespace {

constexpr absl::string_view kSafeTypes[] = {
    "application/gzip",
    "application/json",
    "application/msword",
    "application/pdf",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/zip",
    "audio/mpeg",
    "audio/ogg",
    "audio/wav",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/csv",
    "text/markdown",
    "text/plain",
    "video/mp4",
    "video/ogg",
    "video/webm",
};

// attr-char of RFC 8187, 3.2.1.
bool IsAttrChar(char c) {
  return absl::ascii_isalnum(c) || absl::StrContains("!#$&+-.^_`|~", c);
}

// Whether it can stand between quotes as it is.
bool IsPlain(char c) {
  return c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '/' && c != '%';
}

bool IsSeparatorOrControl(char c) {
  return absl::ascii_iscntrl(c) || c == '/' || c == '\\';
}

}  // namespace

absl::string_view SafeMediaType(absl::string_view claimed) {
  claimed = absl::StripAsciiWhitespace(claimed.substr(0, claimed.find(';')));
  for (absl::string_view safe : kSafeTypes) {
    if (absl::EqualsIgnoreCase(claimed, safe)) return safe;
  }
  return "application/octet-stream";
}

// Old clients read the first name, all others the second (RFC 6266, 4.3).
void AddAttachmentFields(absl::string_view filename, std::string* fields) {
  fields->append("Content-Disposition: attachment");
  if (!filename.empty()) {
    std::string ascii;
    std::string extended;
    for (const char c : filename) {
      ascii.push_back(IsPlain(c) ? c : '_');
      const char shown = IsSeparatorOrControl(c) ? '_' : c;
      if (IsAttrChar(shown)) {
        extended.push_back(shown);
      } else {
        absl::StrAppend(
            &extended, "%",
            absl::Hex(static_cast<unsigned char>(shown), absl::kZeroPad2));
      }
    }
    absl::StrAppend(fields, "; filename=\"", ascii, "\"");
    if (ascii != filename) {
      absl::StrAppend(fields, "; filename*=UTF-8''", extended);
    }
  }
  fields->append(
      "\r\nContent-Security-Policy: sandbox; default-src 'none'\r\n");
}

}  // namespace praxis::gateway
