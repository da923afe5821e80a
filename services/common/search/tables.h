// Tables: where the index is kept; one kind a dialect.
#ifndef SERVICES_COMMON_SEARCH_TABLES_H_
#define SERVICES_COMMON_SEARCH_TABLES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/common/search/index.h"
#include "services/common/search/words.h"
#include "services/common/sql/database.h"
#include "services/common/sql/text_query.h"

namespace praxis::search {

// The classes of the order, the best first. The numbers are in page tokens.
enum class Rank { kTitle = 1, kText = 2 };

// What is asked for.
struct Question {
  const sql::TextQuery& query;
  // The same, cut into words.
  std::vector<Phrase> phrases;
  // Where to look; none: in every scope that `principal` may read.
  std::optional<std::vector<std::string>> scopes;
  absl::string_view principal;
};

// A text that was found.
struct Found {
  std::string scope;
  std::string object;
  // Its place within its rank.
  std::string place;
};

// Called with what a text says, and which of those asked for it is. Answers
// whether more of them are wanted.
using TextCallback = absl::FunctionRef<bool(
    size_t index, absl::string_view title, absl::string_view body)>;

// The index's tables in one dialect. All that is said in index.h holds for it;
// stateless.
class Tables {
 public:
  virtual ~Tables() = default;

  virtual absl::Status Add(sql::Tx& tx, const Text& text) const = 0;
  virtual absl::Status Replace(sql::Tx& tx, const Text& before,
                               const Text& after) const = 0;

  // Appends at most `limit` texts of `rank` that come after the place `after`
  // (empty: all), newest first.
  virtual absl::Status Find(sql::Reader& reader, const Question& question,
                            Rank rank, absl::string_view after, int limit,
                            std::vector<Found>* found) const = 0;

  // Calls `take` with what each of `found` says, in their order, until it
  // answers false; soon after that no more is read.
  virtual absl::Status ReadTexts(sql::Reader& reader,
                                 const std::vector<Found>& found,
                                 TextCallback take) const = 0;
};

const Tables& SqliteTables();
const Tables& PostgresTables();

}  // namespace praxis::search

#endif  // SERVICES_COMMON_SEARCH_TABLES_H_
