#include "services/common/search/words.h"

#include <sqlite3.h>

#include <cstdlib>
#include <utility>

namespace praxis::search {
namespace {

// FTS5's table of tokenizers is handed out by a connection only.
fts5_tokenizer FindTokenizer() {
  sqlite3* db = nullptr;
  sqlite3_stmt* statement = nullptr;
  fts5_api* api = nullptr;
  fts5_tokenizer tokenizer{};
  void* context = nullptr;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
      sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &statement, nullptr) !=
          SQLITE_OK ||
      sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", nullptr) !=
          SQLITE_OK ||
      sqlite3_step(statement) != SQLITE_ROW || api == nullptr ||
      api->xFindTokenizer(api, "unicode61", &context, &tokenizer) !=
          SQLITE_OK) {
    // SQLite without FTS5, which the tables are made of, too.
    std::abort();
  }
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return tokenizer;
}

// One thread's own: a tokenizer folds in a buffer that it keeps.
class Tokenizer {
 public:
  Tokenizer() {
    static const fts5_tokenizer found = FindTokenizer();
    functions_ = found;
    const char* arguments[] = {"remove_diacritics", "2"};
    if (functions_.xCreate(nullptr, arguments, 2, &tokenizer_) != SQLITE_OK) {
      std::abort();
    }
  }
  ~Tokenizer() { functions_.xDelete(tokenizer_); }
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

  void Run(absl::string_view text, void* context,
           int (*take)(void*, int, const char*, int, int, int)) {
    functions_.xTokenize(tokenizer_, context, FTS5_TOKENIZE_DOCUMENT,
                         text.data(), static_cast<int>(text.size()), take);
  }

 private:
  fts5_tokenizer functions_{};
  Fts5Tokenizer* tokenizer_ = nullptr;
};

// The beginning of a word, to a whole character.
absl::string_view Cut(absl::string_view word) {
  if (word.size() <= kWordBytesMax) return word;
  size_t end = kWordBytesMax;
  while (end > 0 && (word[end] & 0xc0) == 0x80) --end;
  return word.substr(0, end);
}

}  // namespace

void ForEachWord(
    absl::string_view text,
    absl::FunctionRef<bool(absl::string_view word, Extent extent)> take) {
  thread_local Tokenizer tokenizer;
  tokenizer.Run(text, &take,
                [](void* context, int /*flags*/, const char* word, int bytes,
                   int begin, int end) {
                  const auto& take_word =
                      *static_cast<decltype(take)*>(context);
                  const bool more = take_word(
                      Cut({word, static_cast<size_t>(bytes)}),
                      {static_cast<size_t>(begin), static_cast<size_t>(end)});
                  return more ? SQLITE_OK : SQLITE_DONE;
                });
}

std::vector<Phrase> PhrasesOf(const sql::TextQuery& query) {
  std::vector<Phrase> phrases;
  for (const sql::TextQuery::Term& term : query.terms()) {
    Phrase phrase{.prefix = term.prefix};
    ForEachWord(term.text, [&](absl::string_view word, Extent) {
      phrase.words.emplace_back(word);
      return true;
    });
    if (!phrase.words.empty()) phrases.push_back(std::move(phrase));
  }
  return phrases;
}

}  // namespace praxis::search
