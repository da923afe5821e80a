#include "gateway/routes/percent.h"

namespace praxis::gateway {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsReserved(char c) {
  return absl::string_view(":/?#[]@!$&'()*+,;=").find(c) !=
         absl::string_view::npos;
}

}  // namespace

bool AppendDecoded(absl::string_view text, Percent percent, std::string* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out->push_back(percent == Percent::kForm && text[i] == '+' ? ' '
                                                                 : text[i]);
      continue;
    }
    if (text.size() - i < 3) return false;
    const int high = HexDigit(text[i + 1]);
    const int low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0) return false;
    const char c = static_cast<char>(high << 4 | low);
    if (percent == Percent::kAllButReserved && IsReserved(c)) {
      out->append(text.data() + i, 3);
    } else {
      out->push_back(c);
    }
    i += 2;
  }
  return true;
}

}  // namespace praxis::gateway
