#include "tests/simulation/tables.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "praxis/events/v1/events.pb.h"

namespace praxis::simulation {

int64_t SourceTables::Insert(EventRow row) {
  row.id = static_cast<int64_t>(rows_.size()) + 1;
  events::v1::Event event;
  event.set_name(absl::StrCat(row.id));
  row.body = event.SerializeAsString();
  rows_.push_back(std::move(row));
  return rows_.back().id;
}

void SourceTables::Commit(int64_t id) {
  EventRow& event = row(id);
  event.committed_at = ++commits;
  if (event.version > 0) {
    scopes[event.scope].version = event.version;
    scopes[event.scope].granted = event.granted;
  }
  if (in_process) {
    GiveNumber(id, newest() + 1);
  } else if (bug_ == Bug::kNumberAtInsert) {
    GiveNumber(id, id);
  }
  committed.Notify(kernel_);
}

void SourceTables::GiveNumber(int64_t id, int64_t number) {
  EventRow& event = row(id);
  if (event.number != 0 || number != newest() + 1) {
    kernel_.Fail(absl::StrCat("event ", id, ", number ", event.number,
                              ", gets number ", number, " after ", newest()));
    return;
  }
  event.number = number;
  event.numbered_at = commits;
  numbered_.push_back(id);
}

bool SourceTables::AllNumbered() const {
  return std::all_of(rows_.begin(), rows_.end(), [](const EventRow& row) {
    return row.committed_at == 0 || row.number > 0;
  });
}

events::Acknowledgement* SourceTables::AckOf(const std::string& consumer) {
  const auto ack = std::find_if(
      acks.begin(), acks.end(),
      [&](const events::Acknowledgement& a) { return a.consumer == consumer; });
  return ack == acks.end() ? nullptr : &*ack;
}

void SourceTables::PutAck(const std::string& consumer, int64_t number) {
  events::Acknowledgement* ack = AckOf(consumer);
  if (ack == nullptr) {
    acks.emplace_back();
    ack = &acks.back();
  }
  *ack = {consumer, number, ++beats_};
}

void SourceTables::ForgetAck(const events::Acknowledgement& ack) {
  std::erase_if(acks, [&](const events::Acknowledgement& a) {
    return a.consumer == ack.consumer &&
           (a.beat == ack.beat || bug_ == Bug::kForgetAnyBeat);
  });
}

}  // namespace praxis::simulation
