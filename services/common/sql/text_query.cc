#include "services/common/sql/text_query.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "services/common/status/status.h"

namespace praxis::sql {
namespace {

absl::Status Invalid(absl::string_view message) {
  return Error(Reason::QUERY_INVALID, message);
}

// What separates words. Control characters cannot be part of any.
bool IsSpace(char c) { return static_cast<unsigned char>(c) <= ' '; }

// Whether there may be a word in it: letters and digits, or anything beyond
// ASCII, whose kind the database's tokenizer knows.
bool MayHoldWord(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

// How many words the tokenizer will find, at the least: punctuation beyond
// ASCII separates words, too.
size_t CountWords(absl::string_view text) {
  size_t words = 0;
  bool within = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool letter = MayHoldWord(text.substr(i, 1));
    words += letter && !within;
    within = letter;
  }
  return words;
}

// How long the last word of `text` is, 0 when punctuation ends it.
size_t LastWordBytes(absl::string_view text) {
  size_t bytes = 0;
  while (bytes < text.size() &&
         MayHoldWord(text.substr(text.size() - 1 - bytes, 1))) {
    ++bytes;
  }
  return bytes;
}

// Takes the phrase that `rest`, which begins with a quote, begins with.
absl::StatusOr<TextQuery::Term> TakePhrase(absl::string_view* rest) {
  const size_t end = rest->find('"', 1);
  if (end == rest->npos) {
    return Invalid("The query has a quote without its partner; close it.");
  }
  TextQuery::Term term{.text = std::string(rest->substr(1, end - 1))};
  rest->remove_prefix(end + 1);
  term.prefix = absl::ConsumePrefix(rest, "*");
  std::replace_if(term.text.begin(), term.text.end(), IsSpace, ' ');
  return term;
}

// Takes the word that `rest` begins with.
TextQuery::Term TakeWord(absl::string_view* rest) {
  const auto* end = std::find_if(rest->begin(), rest->end(),
                                 [](char c) { return IsSpace(c) || c == '"'; });
  absl::string_view word = rest->substr(0, end - rest->begin());
  rest->remove_prefix(word.size());
  TextQuery::Term term;
  while (absl::ConsumeSuffix(&word, "*")) term.prefix = true;
  term.text = std::string(word);
  return term;
}

}  // namespace

absl::Status TextQuery::TooManyWords() {
  return Invalid(absl::StrCat("The query has more than ", kWordsMax,
                              " words; leave some out."));
}

absl::Status TextQuery::PrefixTooShort() {
  return Invalid("A word before * needs at least three letters.");
}

absl::StatusOr<TextQuery> TextQuery::Parse(absl::string_view text) {
  TextQuery query;
  size_t words = 0;
  while (true) {
    while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
    if (text.empty()) break;
    Term term;
    if (text.front() == '"') {
      ASSIGN_OR_RETURN(term, TakePhrase(&text));
    } else {
      term = TakeWord(&text);
    }
    // Punctuation by itself is looked for by nobody.
    if (!MayHoldWord(term.text)) continue;
    if (term.prefix && LastWordBytes(term.text) < kPrefixBytesMin) {
      return PrefixTooShort();
    }
    if (std::find(query.terms_.begin(), query.terms_.end(), term) !=
        query.terms_.end()) {
      continue;
    }
    words += CountWords(term.text);
    if (words > kWordsMax) {
      return TooManyWords();
    }
    query.terms_.push_back(std::move(term));
  }
  if (query.terms_.empty()) {
    return Invalid("The query has no word to look for.");
  }
  return query;
}

std::string TextQuery::ToFts5() const {
  std::string expression;
  for (const Term& term : terms_) {
    // Doubling is all that FTS5 asks for inside a string; Parse lets no quote
    // in, yet it is not relied upon.
    absl::StrAppend(&expression, expression.empty() ? "" : " ", "\"",
                    absl::StrReplaceAll(term.text, {{"\"", "\"\""}}), "\"",
                    term.prefix ? " *" : "");
  }
  return expression;
}

}  // namespace praxis::sql
