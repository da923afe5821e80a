#include "gateway/call/conditions.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gateway/http/response.h"
#include "gateway/transcode/wire.h"
#include "openssl/evp.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// Of SHA-256: what an accident does not repeat.
constexpr size_t kDigestBytes = 8;

// etagc of RFC 9110, 8.8.3, within ASCII.
bool IsTagText(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < 0x7f && c != '"'; });
}

// Takes one entity tag off the front of a list. False at its end, and where it
// is malformed: what follows cannot be told.
bool TakeTag(absl::string_view* list, absl::string_view* tag) {
  *list = absl::StripLeadingAsciiWhitespace(*list);
  absl::ConsumePrefix(list, ",");
  *list = absl::StripLeadingAsciiWhitespace(*list);
  absl::ConsumePrefix(list, "W/");
  if (!absl::ConsumePrefix(list, "\"")) return false;
  const size_t end = list->find('"');
  if (end == list->npos) return false;
  *tag = list->substr(0, end);
  list->remove_prefix(end + 1);
  return true;
}

// Our etags hold no dot, but a client may send anything.
absl::string_view WithoutDigest(absl::string_view tag) {
  const size_t dot = tag.rfind('.');
  const bool has_digest =
      dot != tag.npos && dot > 0 && tag.size() - dot - 1 == 2 * kDigestBytes;
  return has_digest ? tag.substr(0, dot) : tag;
}

}  // namespace

std::string EntityTagOf(absl::string_view etag, absl::string_view message) {
  // Found by its name once: that takes longer than a digest.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  unsigned char digest[EVP_MAX_MD_SIZE] = {};
  EVP_Digest(message.data(), message.size(), digest, nullptr, sha256, nullptr);
  return absl::StrCat(
      etag, ".",
      absl::BytesToHexString(absl::string_view(
          reinterpret_cast<const char*>(digest), kDigestBytes)));
}

bool NamesEtag(absl::string_view if_none_match, absl::string_view etag) {
  if (if_none_match == "*") return true;
  absl::string_view tag;
  while (TakeTag(&if_none_match, &tag)) {
    if (tag == etag) return true;
  }
  return false;
}

absl::StatusOr<absl::string_view> EtagOfIfMatch(absl::string_view if_match) {
  if (if_match == "*") return if_match;
  absl::string_view rest = if_match;
  absl::string_view tag;
  if (absl::StrContains("\"W", if_match.front()) && TakeTag(&rest, &tag) &&
      rest.empty() && !tag.empty() && IsTagText(tag)) {
    return WithoutDigest(tag);
  }
  return Error(Reason::HEADER_INVALID,
               "If-Match must be one entity tag, such as \"3\".");
}

void AddEtag(absl::string_view etag, std::string* fields) {
  if (etag.empty() || !IsTagText(etag)) return;
  fields->append("ETag: \"");
  fields->append(etag.data(), etag.size());
  fields->append("\"\r\n");
}

absl::string_view StringField(absl::string_view wire, uint32_t number) {
  absl::string_view value;
  WireCursor in(wire);
  WireRecord record;
  while (!in.done() && in.ReadRecord(&record)) {
    if (record.number == number && record.type == WireType::kBytes) {
      value = record.bytes;
    }
  }
  return value;
}

}  // namespace praxis::gateway
