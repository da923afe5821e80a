// Looks for the bytes of a text that are not plain, 16 at a time.
#ifndef GATEWAY_TRANSCODE_TEXT_SCAN_H_
#define GATEWAY_TRANSCODE_TEXT_SCAN_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace praxis::gateway {

// Which bytes may stand in a JSON string as they are. kJson: neither a control
// character nor `"` nor `\`, and below 0x80. kHtml: and neither "<" nor ">".
enum class Plain { kJson, kHtml };

template <Plain kind>
inline bool IsPlain(char c) {
  const auto byte = static_cast<signed char>(c);
  if (byte < 0x20 || byte == '"' || byte == '\\') return false;
  return kind == Plain::kJson || (byte != '<' && byte != '>');
}

// 16 bytes of text. On x86-64, all of which have SSE2, it is one register: a
// text is scanned at an instruction a byte, against eight one by one.
class TextBlock {
 public:
  static constexpr ptrdiff_t kSize = 16;

#ifdef __SSE2__
  explicit TextBlock(const char* text)
      : bytes_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text))) {}

  void CopyTo(char* out) const {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes_);
  }

  // One bit a byte, the lowest for the first, set where it is not plain.
  template <Plain kind>
  uint32_t NotPlain() const {
    // As signed bytes, those from 0x80 on are negative: below 0x20 too.
    __m128i hits = _mm_cmplt_epi8(bytes_, _mm_set1_epi8(0x20));
    hits = _mm_or_si128(hits, _mm_cmpeq_epi8(bytes_, _mm_set1_epi8('"')));
    hits = _mm_or_si128(hits, _mm_cmpeq_epi8(bytes_, _mm_set1_epi8('\\')));
    if constexpr (kind == Plain::kHtml) {
      // "<" and ">" differ in one bit.
      const __m128i either = _mm_or_si128(bytes_, _mm_set1_epi8('<' ^ '>'));
      hits = _mm_or_si128(hits, _mm_cmpeq_epi8(either, _mm_set1_epi8('>')));
    }
    return static_cast<uint32_t>(_mm_movemask_epi8(hits));
  }

 private:
  __m128i bytes_;
#else
  explicit TextBlock(const char* text) { std::memcpy(bytes_, text, kSize); }

  void CopyTo(char* out) const { std::memcpy(out, bytes_, kSize); }

  template <Plain kind>
  uint32_t NotPlain() const {
    uint32_t bits = 0;
    for (int i = 0; i < kSize; ++i) bits |= !IsPlain<kind>(bytes_[i]) << i;
    return bits;
  }

 private:
  char bytes_[kSize];
#endif
};

// The first byte of [text, end) that is not plain, or `end`.
inline const char* SkipPlain(const char* text, const char* end) {
  for (; end - text >= TextBlock::kSize; text += TextBlock::kSize) {
    const uint32_t bits = TextBlock(text).NotPlain<Plain::kJson>();
    if (bits != 0) return text + std::countr_zero(bits);
  }
  while (text != end && IsPlain<Plain::kJson>(*text)) ++text;
  return text;
}

// Copies the plain bytes that [*text, end) begins with to `out`, answers their
// end and moves `*text` to the first that was not copied. A whole block may be
// written behind `out`, and be read before `limit`.
inline char* CopyPlain(const char** text, const char* end, const char* limit,
                       char* out) {
  const char* from = *text;
  ptrdiff_t left = end - from;
  for (; left >= TextBlock::kSize; left -= TextBlock::kSize) {
    const TextBlock block(from);
    block.CopyTo(out);
    const uint32_t bits = block.NotPlain<Plain::kHtml>();
    if (bits != 0) {
      *text = from + std::countr_zero(bits);
      return out + std::countr_zero(bits);
    }
    from += TextBlock::kSize;
    out += TextBlock::kSize;
  }
  if (left > 0 && limit - from >= TextBlock::kSize) {
    const TextBlock block(from);
    block.CopyTo(out);
    // The bit of the first byte behind the text ends the search.
    const uint32_t bits = block.NotPlain<Plain::kHtml>() | 1u << left;
    *text = from + std::countr_zero(bits);
    return out + std::countr_zero(bits);
  }
  while (from != end && IsPlain<Plain::kHtml>(*from)) *out++ = *from++;
  *text = from;
  return out;
}

// Bytes of the UTF-8 character at `text`, 2 to 4, or 0 if it is malformed: cut
// short, overlong, a surrogate or above U+10FFFF (RFC 3629). Its first byte is
// not ASCII.
int Utf8Length(const char* text, const char* end);

// Whether all of it is UTF-8.
bool IsUtf8(const char* text, const char* end);

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_TEXT_SCAN_H_
