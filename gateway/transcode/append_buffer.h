#ifndef GATEWAY_TRANSCODE_APPEND_BUFFER_H_
#define GATEWAY_TRANSCODE_APPEND_BUFFER_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/strings/string_view.h"

namespace praxis::gateway {

// Bytes that are only appended to, through a bare pointer. std::string is
// slower in two ways that count here: an append is a call of 20 instructions,
// and an answer of 43 KB makes 2,000 of them; and room it gives is filled with
// zeros first, which was a sixth of the whole work. So output is gathered here,
// on the stack while it is small, and copied into a string once, when it is
// known to be complete.
class AppendBuffer {
 public:
  // `expected` is how many bytes are likely to come; more may.
  explicit AppendBuffer(size_t expected)
      : begin_(inline_), cursor_(inline_), end_(inline_ + kInline) {
    if (expected > kInline) Grow(expected);
  }
  AppendBuffer(const AppendBuffer&) = delete;
  AppendBuffer& operator=(const AppendBuffer&) = delete;

  // Room for `n` bytes at the end, to be filled and then committed by
  // Advance(). The pointer is good until the next call that may grow.
  char* Reserve(size_t n) {
    if (ABSL_PREDICT_FALSE(static_cast<size_t>(end_ - cursor_) < n)) Grow(n);
    return cursor_;
  }
  void Advance(char* new_end) { cursor_ = new_end; }

  void Append(absl::string_view bytes) {
    std::memcpy(Reserve(bytes.size()), bytes.data(), bytes.size());
    cursor_ += bytes.size();
  }
  void Append(char c) {
    *Reserve(1) = c;
    ++cursor_;
  }

  size_t size() const { return cursor_ - begin_; }
  char* at(size_t position) { return begin_ + position; }
  void Truncate(size_t size) { cursor_ = begin_ + size; }
  absl::string_view view() const { return {begin_, size()}; }

 private:
  static constexpr size_t kInline = 2048;

  ABSL_ATTRIBUTE_NOINLINE void Grow(size_t n) {
    const size_t used = size();
    const size_t capacity =
        std::max(used + n, 2 * static_cast<size_t>(end_ - begin_));
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    std::memcpy(larger.get(), begin_, used);
    heap_ = std::move(larger);
    begin_ = heap_.get();
    cursor_ = begin_ + used;
    end_ = begin_ + capacity;
  }

  char* begin_;
  char* cursor_;
  char* end_;
  std::unique_ptr<char[]> heap_;
  char inline_[kInline];
};

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_APPEND_BUFFER_H_
