#include "services/common/rpc/fields.h"

#include <string>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/echo.pb.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using praxis::testing::FailsWith;
using praxis::testing::Succeeds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::v1::CreateRecordRequest;
using testing::v1::Record;
using testing::v1::UpdateRecordRequest;

Record GoodRecord() {
  Record record;
  record.set_title("Lean");
  return record;
}

// The fields that a FIELD_INVALID names.
std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  const google::rpc::Status rpc_status = ToRpcStatus(status);
  for (const google::protobuf::Any& detail : rpc_status.details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) {
      fields.push_back(violation.field());
    }
  }
  return fields;
}

// One field of Record, set to one value, and whether its rules allow it.
struct StringCase {
  const char* field;
  std::string value;
  bool good;
};

class StringRule : public ::testing::TestWithParam<StringCase> {};

TEST_P(StringRule, AllowsWhatItDeclaresAndNothingElse) {
  const StringCase& c = GetParam();
  Record record = GoodRecord();
  const auto* field = record.GetDescriptor()->FindFieldByName(c.field);
  if (field->is_repeated()) {
    record.GetReflection()->AddString(&record, field, c.value);
  } else {
    record.GetReflection()->SetString(&record, field, c.value);
  }
  const absl::Status status = CheckRecord(record);
  if (c.good) {
    EXPECT_THAT(status, Succeeds());
  } else {
    EXPECT_THAT(status, FailsWith(Reason::FIELD_INVALID));
    EXPECT_THAT(FieldsOf(status), ElementsAre(c.field));
  }
}

const std::string kIdOf64(64, 'a');

INSTANTIATE_TEST_SUITE_P(
    Rules, StringRule,
    ::testing::Values(
        StringCase{"title", "abc", true}, StringCase{"title", "ab", false},
        StringCase{"title", "12345678", true},
        StringCase{"title", "123456789", false},
        StringCase{"title", "\xc3\xa9\xc3\xa9\xc3\xa9", true},
        StringCase{"title", "two\nlines", false},
        StringCase{"title", std::string("nul\0", 4), false},
        StringCase{"title", "del\x7f", false},
        StringCase{"title", "c1 \xc2\x85", false},
        StringCase{"body", "a\n\tb\r\n", true},
        StringCase{"body", "12345678901", false},
        StringCase{"body", "bell\a", false}, StringCase{"slug", "abc", true},
        StringCase{"slug", "abc1", false},
        StringCase{"link", "https://example.org/a?b#c", true},
        StringCase{"link", "mailto:ada@example.org", true},
        StringCase{"link", "javascript:alert(1)", false},
        StringCase{"link", "https://", false},
        StringCase{"link", "https://a b", false},
        StringCase{"link", "//example.org", false},
        StringCase{"tags", "abc", true}, StringCase{"tags", "abcd", false},
        StringCase{"name", "communities/a/records/1", true},
        StringCase{"name", "communities/" + kIdOf64 + "/records/1", true},
        StringCase{"name", "communities/" + kIdOf64 + "a/records/1", false},
        StringCase{"name", "communities/-/records/1", false},
        StringCase{"name", "communities//records/1", false},
        StringCase{"name", "communities/A/records/1", false},
        StringCase{"name", "communities/a/records", false},
        StringCase{"name", "communities/a/records/1/x/2", false},
        StringCase{"name", "communities/../records/1", false},
        StringCase{"name", "/communities/a/records/1", false}));

TEST(CheckRecordTest, NamesEveryFieldThatBreaksItsRules) {
  Record record;
  record.set_slug("1");
  record.mutable_part();
  record.add_parts()->set_what("x");
  record.add_parts();
  EXPECT_THAT(FieldsOf(CheckRecord(record)),
              ElementsAre("title", "slug", "part.what", "parts.what"));
}

TEST(CheckRecordTest, BoundsLists) {
  Record record = GoodRecord();
  for (const char* tag : {"a", "b", "c"}) record.add_tags(tag);
  EXPECT_THAT(FieldsOf(CheckRecord(record)), ElementsAre("tags"));
}

TEST(CheckRecordTest, RefusesEnumNumbersThatAreNotDeclared) {
  Record record = GoodRecord();
  record.set_color(Record::RED);
  EXPECT_THAT(CheckRecord(record), Succeeds());
  record.set_color(static_cast<Record::Color>(7));
  EXPECT_THAT(FieldsOf(CheckRecord(record)), ElementsAre("color"));
}

TEST(CheckRequestTest, AsksForWhatIsRequired) {
  CreateRecordRequest request;
  EXPECT_THAT(FieldsOf(CheckRequest(&request)), ElementsAre("record"));
  request.mutable_record();
  EXPECT_THAT(FieldsOf(CheckRequest(&request)), ElementsAre("record.title"));
  *request.mutable_record() = GoodRecord();
  EXPECT_THAT(CheckRequest(&request), Succeeds());
}

TEST(CheckRequestTest, ClearsWhatOnlyTheServiceSets) {
  CreateRecordRequest request;
  *request.mutable_record() = GoodRecord();
  request.mutable_record()->set_author("members/eve");
  EXPECT_THAT(CheckRequest(&request), Succeeds());
  EXPECT_THAT(request.record().author(), IsEmpty());
}

TEST(CheckRequestTest, LetsAPatchLeaveOutAllButTheName) {
  UpdateRecordRequest request;
  request.mutable_record()->set_slug("abc");
  EXPECT_THAT(FieldsOf(CheckRequest(&request)), ElementsAre("record.name"));
  request.mutable_record()->set_name("communities/a/records/1");
  EXPECT_THAT(CheckRequest(&request), Succeeds());
  request.mutable_record()->set_slug("1");
  EXPECT_THAT(FieldsOf(CheckRequest(&request)), ElementsAre("record.slug"));
}

TEST(RuleProblemsTest, FindsNoneInOurContracts) {
  EXPECT_THAT(RuleProblems(CreateRecordRequest::descriptor()), IsEmpty());
}

TEST(IdAtTest, ReadsEverySecondSegment) {
  EXPECT_EQ(IdAt("communities/a/records/1", 0), "a");
  EXPECT_EQ(IdAt("communities/a/records/1", 1), "1");
  EXPECT_EQ(IdAt("communities/a/records/1", 2), "");
  EXPECT_EQ(IdAt("", 0), "");
}

}  // namespace
}  // namespace praxis::rpc
