#include "services/common/search/index.h"

#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/access/readable_scopes.h"
#include "services/common/search/schema/schema.h"
#include "services/common/search/snippet.h"
#include "services/common/search/tables.h"
#include "services/common/search/words.h"
#include "services/common/status/status.h"

namespace praxis::search {
namespace {

constexpr std::array kRanks = {Rank::kTitle, Rank::kText};

const Tables& TablesOf(sql::Reader& reader) {
  return reader.dialect() == sql::Dialect::kPostgres ? PostgresTables()
                                                     : SqliteTables();
}

// Where in the order a page begins: after this place of this rank.
struct Place {
  Rank rank = kRanks.front();
  std::string in_rank;
};

std::string Write(Rank rank, absl::string_view in_rank) {
  return absl::StrCat(static_cast<int>(rank), ".", in_rank);
}

// Places come out of sealed page tokens, so they are as they were written.
Place Read(absl::string_view text) {
  if (text.size() < 2) return {};
  return {.rank = text[0] == '1' ? Rank::kTitle : Rank::kText,
          .in_rank = std::string(text.substr(2))};
}

absl::StatusOr<std::optional<std::vector<std::string>>> ScopesOf(
    sql::Reader& reader, const Where& where) {
  if (where.scope.empty()) {
    return access::ReadableIfFew(reader, where.principal);
  }
  return std::vector<std::string>{where.scope};
}

// What TextQuery bounds by letters, by what the tokenizer makes of them.
absl::Status CheckPhrases(const std::vector<Phrase>& phrases) {
  size_t words = 0;
  for (const Phrase& phrase : phrases) {
    words += phrase.words.size();
    if (phrase.prefix &&
        phrase.words.back().size() < sql::TextQuery::kPrefixBytesMin) {
      return sql::TextQuery::PrefixTooShort();
    }
  }
  return words > sql::TextQuery::kWordsMax ? sql::TextQuery::TooManyWords()
                                           : absl::OkStatus();
}

// Adds hits of one rank, with their snippets: from the title in the first one,
// from the body in the other.
absl::Status AddHits(sql::Reader& reader, const Question& question, Rank rank,
                     const std::vector<Found>& found, int size,
                     sql::Slice<Hit>* hits) {
  return TablesOf(reader).ReadTexts(
      reader, found,
      [&](size_t index, absl::string_view title, absl::string_view body) {
        hits->Add({.scope = found[index].scope,
                   .object = found[index].object,
                   .snippet = Snippet(question.phrases,
                                      rank == Rank::kTitle ? title : body),
                   .place = Write(rank, found[index].place)},
                  title.size() + body.size(), size);
        return !hits->more;
      });
}

}  // namespace

absl::Status Add(sql::Tx& tx, const Text& text) {
  return TablesOf(tx).Add(tx, text);
}

absl::Status Replace(sql::Tx& tx, const Text& before, const Text& after) {
  return TablesOf(tx).Replace(tx, before, after);
}

absl::StatusOr<sql::Slice<Hit>> Find(sql::Reader& reader,
                                     const sql::TextQuery& query,
                                     const Where& where,
                                     absl::string_view after, int size) {
  Question question{.query = query,
                    .phrases = PhrasesOf(query),
                    .principal = where.principal};
  RETURN_IF_ERROR(CheckPhrases(question.phrases));
  sql::Slice<Hit> hits;
  // An ellipsis is no word, so it is in no text.
  if (question.phrases.empty()) return hits;
  ASSIGN_OR_RETURN(question.scopes, ScopesOf(reader, where));
  // Nothing to read, nothing to find.
  if (question.scopes.has_value() && question.scopes->empty()) return hits;

  const Place begin = Read(after);
  for (const Rank rank : kRanks) {
    if (rank < begin.rank || hits.more) continue;
    // And one that tells that there are more.
    const int missing = size + 1 - static_cast<int>(hits.items.size());
    std::vector<Found> found;
    RETURN_IF_ERROR(TablesOf(reader).Find(
        reader, question, rank, rank == begin.rank ? begin.in_rank : "",
        missing, &found));
    RETURN_IF_ERROR(AddHits(reader, question, rank, found, size, &hits));
  }
  return hits;
}

const sql::Schema& IndexSchema() {
  static const sql::Schema& schema = *new sql::Schema(SearchSchema());
  return schema;
}

}  // namespace praxis::search
