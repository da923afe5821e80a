#include "gateway/transcode/field_mask_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "gateway/transcode/wire.h"

namespace praxis::gateway {
namespace {

constexpr char kPathsTag = 1 << 3 | static_cast<char>(WireType::kBytes);

// "*" is the path of everything (AIP-161).
bool IsPathByte(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '*';
}

// No field's name begins with a capital in lowerCamelCase.
bool BeginsName(absl::string_view path, size_t i) {
  return i == 0 || path[i - 1] == '.';
}

}  // namespace

bool AppendMaskPath(absl::string_view path, AppendBuffer* out) {
  for (size_t i = 0; i < path.size(); ++i) {
    char c = path[i];
    if (!IsPathByte(c) || absl::ascii_isupper(c)) return false;
    if (c == '_') {
      if (BeginsName(path, i)) return false;
      if (++i == path.size() || !absl::ascii_islower(path[i])) return false;
      c = absl::ascii_toupper(path[i]);
    }
    out->Append(c);
  }
  return true;
}

bool ParseFieldMask(absl::string_view text, AppendBuffer* out) {
  if (text.empty()) return true;
  for (const absl::string_view path : absl::StrSplit(text, ',')) {
    if (path.empty()) return false;
    out->Append(kPathsTag);
    const size_t start = BeginBytes(out);
    for (size_t i = 0; i < path.size(); ++i) {
      const char c = path[i];
      if (!IsPathByte(c)) return false;
      if (absl::ascii_isupper(c)) {
        if (BeginsName(path, i)) return false;
        out->Append('_');
      }
      out->Append(absl::ascii_tolower(c));
    }
    EndBytes(start, out);
  }
  return true;
}

}  // namespace praxis::gateway
