#include "tests/simulation/cached.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/cache/local_cache.h"

namespace praxis::simulation {
namespace {

// Longer than a run, so that what is held is not dropped by chance.
constexpr absl::Duration kTtl = absl::Hours(1);
constexpr int kStallPercent = 5;

std::string KeyOf(int row) { return absl::StrCat("row", row); }

// A cache that keeps half of the rules.
class CarelessCache : public cache::Cache {
 public:
  explicit CarelessCache(Bug bug) : bug_(bug) {}

  cache::Found Get(absl::string_view key) override {
    const Item& item = items_[std::string(key.data(), key.size())];
    if (!item.held) return {.floor = item.version};
    return {.entry = cache::Entry{.version = item.version}};
  }
  bool Put(absl::string_view key, const cache::Entry& entry,
           absl::Duration) override {
    Item& item = items_[std::string(key.data(), key.size())];
    if (bug_ != Bug::kFillWithoutCompare && item.version > entry.version) {
      return false;
    }
    item = {entry.version, true};
    return true;
  }
  void Raise(absl::string_view key, int64_t version) override {
    Item& item = items_[std::string(key.data(), key.size())];
    if (item.version >= version) return;
    item = {bug_ == Bug::kRaiseWithoutMark ? 0 : version, false};
  }

 private:
  struct Item {
    int64_t version = 0;
    bool held = false;
  };
  const Bug bug_;
  std::map<std::string, Item> items_;
};

}  // namespace

CachedRows::CachedRows(Kernel& kernel, Bug bug)
    : kernel_(kernel), bug_(bug), cache_(NewCache()) {
  versions_.fill(1);
}

std::unique_ptr<cache::Cache> CachedRows::NewCache() const {
  if (bug_ == Bug::kFillWithoutCompare || bug_ == Bug::kRaiseWithoutMark) {
    return std::make_unique<CarelessCache>(bug_);
  }
  return std::make_unique<cache::LocalCache>(cache::LocalCache::Options{
      .clock = [this] { return absl::Microseconds(kernel_.now()); }});
}

void CachedRows::Flush() {
  cache_ = NewCache();
  told_.fill(0);
  ++flushes_;
}

Process CachedRows::Change(int row) {
  co_await Hop();
  const int64_t version = ++versions_[row];
  co_await Hop();
  if (kernel_.random.Chance(lost_percent)) co_return Done();
  cache_->Raise(KeyOf(row), version);
  told_[row] = std::max(told_[row], version);
  co_return Done();
}

Task<cache::Found> CachedRows::Get(int row, bool* answered) {
  co_await Hop();
  cache::Found found;
  *answered = !kernel_.random.Chance(lost_percent);
  if (*answered) found = cache_->Get(KeyOf(row));
  co_await Hop();
  co_return found;
}

Task<int64_t> CachedRows::Load(int row) {
  ++loads;
  co_await Hop();
  const int64_t version = versions_[row];
  co_await Hop();
  if (kernel_.random.Chance(kStallPercent)) {
    co_await Sleep(kernel_, kernel_.random.Between(0, kSecond));
  }
  if (!kernel_.random.Chance(lost_percent)) {
    cache_->Put(KeyOf(row), {.version = version}, kTtl);
    co_await Hop();
  }
  co_return version;
}

Process CachedRows::Ask(int reader, int row) {
  int64_t floor = told_[row];
  const int flushes = flushes_;
  int64_t seen = ended_[reader];
  bool answered = false;
  cache::Found found = co_await Get(row, &answered);
  if (!answered) floor = 0;
  std::optional<int64_t> version;
  if (found.entry.has_value()) {
    ++hits;
    version = found.entry->version;
  }
  for (bool first = true; !version.has_value(); first = false) {
    std::shared_ptr<Flight> flight = flights_[reader][row];
    if (flight == nullptr) {
      flight = std::make_shared<Flight>();
      flights_[reader][row] = flight;
      if (ended_[reader] != seen) {
        found = co_await Get(row, &answered);
      }
      if (found.entry.has_value()) {
        flight->version = found.entry->version;
      } else {
        flight->version = co_await Load(row);
      }
      version = flight->version;
      flights_[reader][row] = nullptr;
      ++ended_[reader];
      flight->ended = true;
      flight->end.Notify(kernel_);
      break;
    }
    while (!flight->ended) {
      Wait wait(kernel_);
      flight->end.Add(wait);
      co_await wait;
    }
    const bool late = first && found.floor > 0 &&
                      flight->version < found.floor &&
                      bug_ != Bug::kFlightJoinedLate;
    if (!late) version = flight->version;
    seen = -1;
  }
  if (*version < floor && flushes == flushes_) {
    kernel_.Fail(absl::StrCat("row ", row, " was read as of ", *version,
                              " after the cache was told of ", floor));
  }
  co_return Done();
}

}  // namespace praxis::simulation
