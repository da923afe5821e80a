#include "services/common/search/snippet.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace praxis::search {
namespace {

constexpr char kEllipsis[] = "\u2026";
// A match shall be seen: no more is shown before it.
constexpr size_t kBytesBeforeMax = kSnippetBytesMax / 2;

// Words of a text from `first` to before `end`, counted from 0.
struct Span {
  size_t first = 0;
  size_t end = 0;
};

// The words of a text, as far as they were needed, and the best span of those
// that match.
class Matcher {
 public:
  explicit Matcher(const std::vector<Phrase>& phrases) : phrases_(phrases) {}

  void Read(absl::string_view text) {
    ForEachWord(text, [&](absl::string_view word, Extent extent) {
      const size_t place = extents_.size();
      extents_.push_back(extent);
      words_.emplace_back(word);
      // Nothing beats a span with all of them; what may follow it is read on.
      if (best_phrases_ < phrases_.size()) Look(place);
      return best_phrases_ < phrases_.size() ||
             place < best_.first + kSnippetWordsMax;
    });
  }

  const std::vector<Extent>& extents() const { return extents_; }
  Span best() const { return best_; }

 private:
  // A phrase that was found.
  struct Match {
    size_t phrase;
    Span span;
  };

  // Whether `phrase` ends with the last word read.
  bool Ends(const Phrase& phrase) const {
    const size_t count = phrase.words.size();
    if (count > words_.size()) return false;
    const std::string& last = words_.back();
    if (phrase.prefix ? !absl::StartsWith(last, phrase.words.back())
                      : last != phrase.words.back()) {
      return false;
    }
    return std::equal(phrase.words.begin(), phrase.words.end() - 1,
                      words_.end() - count);
  }

  void Look(size_t place) {
    bool found = false;
    for (size_t i = 0; i < phrases_.size(); ++i) {
      if (!Ends(phrases_[i])) continue;
      found = true;
      matches_.push_back(
          {i, {place + 1 - phrases_[i].words.size(), place + 1}});
    }
    if (found) Weigh(place);
  }

  // Takes the matches that end the snippet's length before `place` or later,
  // if they are of more phrases than the best ones up to now. The order of
  // ends is that of the matches; a query has 16 words at the most, so the
  // phrases fit a set of bits.
  void Weigh(size_t place) {
    uint32_t seen = 0;
    Span span{place, place + 1};
    for (auto match = matches_.rbegin(); match != matches_.rend(); ++match) {
      if (match->span.first + kSnippetWordsMax <= place) break;
      const uint32_t bit = uint32_t{1} << match->phrase;
      if ((seen & bit) != 0) continue;
      seen |= bit;
      span.first = std::min(span.first, match->span.first);
    }
    const size_t count = __builtin_popcount(seen);
    if (count <= best_phrases_) return;
    best_phrases_ = count;
    best_ = span;
  }

  const std::vector<Phrase>& phrases_;
  std::vector<std::string> words_;
  std::vector<Extent> extents_;
  std::vector<Match> matches_;
  size_t best_phrases_ = 0;
  Span best_;
};

// The words to show: the match in the middle, as far as there are words on
// either side.
Span Around(const Span& match, const std::vector<Extent>& extents) {
  constexpr size_t kWords = kSnippetWordsMax;
  const size_t length = std::min(kWords, match.end - match.first);
  const size_t before = (kWords - length) / 2;
  Span shown;
  shown.first = match.first - std::min(before, match.first);
  shown.end = std::min(shown.first + kWords, extents.size());
  if (shown.end - shown.first < kWords) {
    shown.first = shown.end - std::min(kWords, shown.end);
  }
  while (shown.first < match.first &&
         extents[match.first].begin - extents[shown.first].begin >
             kBytesBeforeMax) {
    ++shown.first;
  }
  return shown;
}

// One line, cut before the character that would not fit.
std::string Tidy(absl::string_view snippet) {
  std::string line = absl::StrJoin(
      absl::StrSplit(snippet, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty()),
      " ");
  if (line.size() <= kSnippetBytesMax) return line;
  size_t end = kSnippetBytesMax;
  while (end > 0 && (line[end] & 0xc0) == 0x80) --end;
  return line.substr(0, end);
}

}  // namespace

std::string Snippet(const std::vector<Phrase>& phrases,
                    absl::string_view text) {
  Matcher matcher(phrases);
  matcher.Read(text);
  const std::vector<Extent>& extents = matcher.extents();
  const Span shown = Around(matcher.best(), extents);
  // What stands before the first word and after the last belongs to them.
  const bool from_start = shown.first == 0;
  const bool to_end = shown.end == extents.size();
  const size_t begin = from_start ? 0 : extents[shown.first].begin;
  const size_t end = to_end ? text.size() : extents[shown.end - 1].end;
  return Tidy(absl::StrCat(from_start ? "" : kEllipsis,
                           text.substr(begin, end - begin),
                           to_end ? "" : kEllipsis));
}

}  // namespace praxis::search
