// TextQuery: what a person typed into a search box.
#ifndef SERVICES_COMMON_SQL_TEXT_QUERY_H_
#define SERVICES_COMMON_SQL_TEXT_QUERY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace praxis::sql {

// A parsed query: words that must all be there, "..." as a phrase, a trailing *
// as a prefix. Nothing else is syntax: a hyphen, AND, NEAR or a colon is a word
// or a part of one, so no operator of the database's own query language is
// within a caller's reach.
class TextQuery {
 public:
  // QUERY_INVALID, which says what is wrong: a quote without its partner, no
  // word at all, a prefix that would match half of the dictionary, more than
  // kWordsMax different words. `text` is valid UTF-8.
  static absl::StatusOr<TextQuery> Parse(absl::string_view text);

  // Each word, also within a phrase, costs a walk along its list: their number
  // is bounded. Parse counts by ASCII's punctuation alone; who looks for the
  // words counts those that the tokenizer finds.
  static constexpr size_t kWordsMax = 16;
  static absl::Status TooManyWords();
  // The fewest bytes of a prefix, in UTF-8 and, for who looks for it, without
  // accents: three ASCII letters, two Greek or Cyrillic ones, one of Chinese,
  // whose words are short and many.
  static constexpr size_t kPrefixBytesMin = 3;
  static absl::Status PrefixTooShort();

  // One word or phrase.
  struct Term {
    // As typed, without quotes and asterisk. The database's tokenizer cuts it
    // further: what has several words in it is a phrase.
    std::string text;
    // Whether the last word is only how a word begins.
    bool prefix = false;

    bool operator==(const Term& other) const {
      return text == other.text && prefix == other.prefix;
    }
  };

  // In the order typed, each once.
  const std::vector<Term>& terms() const { return terms_; }

  // An expression of SQLite's FTS5: every term as a string literal, side by
  // side, which means AND (https://sqlite.org/fts5.html, section 3). A term in
  // which the tokenizer finds no word takes no part.
  std::string ToFts5() const;

 private:
  std::vector<Term> terms_;
};

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_TEXT_QUERY_H_
