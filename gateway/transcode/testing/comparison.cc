#include "gateway/transcode/testing/comparison.h"

#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "gateway/transcode/wire.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/field_comparator.h"
#include "google/protobuf/util/message_differencer.h"

namespace praxis::gateway::testing {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

bool HasLargeMap(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const auto& r = *message.GetReflection();
    if (!field->is_repeated()) {
      if (HasLargeMap(r.GetMessage(message, field))) return true;
      continue;
    }
    const int size = r.FieldSize(message, field);
    if (field->is_map() && size > 1) return true;
    for (int i = 0; i < size; ++i) {
      if (HasLargeMap(r.GetRepeatedMessage(message, field, i))) return true;
    }
  }
  return false;
}

::testing::AssertionResult Same(const Message& a, const Message& b) {
  google::protobuf::util::DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  MessageDifferencer differencer;
  differencer.set_field_comparator(&comparator);
  std::string differences;
  differencer.ReportDifferencesToString(&differences);
  return differencer.Compare(a, b)
             ? ::testing::AssertionSuccess()
             : ::testing::AssertionFailure() << differences;
}

std::string Shuffled(const Message& a, const Message& b,
                     RandomMessage* random) {
  const std::string wire = a.SerializeAsString() + b.SerializeAsString();
  std::vector<absl::string_view> records;
  for (WireCursor in(wire); !in.done();) {
    const char* const start = in.position();
    WireRecord record;
    EXPECT_TRUE(in.ReadRecord(&record));
    records.emplace_back(start, in.position() - start);
  }
  for (size_t i = records.size(); i > 1; --i) {
    std::swap(records[i - 1], records[random->Below(static_cast<int>(i))]);
  }
  return absl::StrJoin(records, "");
}

}  // namespace praxis::gateway::testing
