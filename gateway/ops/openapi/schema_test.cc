#include "gateway/ops/openapi/schema.h"

#include <string>

#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/message_schema.h"
#include "gmock/gmock.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/wrappers.pb.h"
#include "gtest/gtest.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "praxis/events/v1/events.pb.h"
#include "praxis/members/v1/members.pb.h"
#include "services/common/testing/echo.pb.h"

namespace praxis::gateway {
namespace {

namespace echo = ::praxis::testing::v1;

std::string Json(const Object& object) {
  SchemaSet schemas;
  std::string json;
  EXPECT_TRUE(WriteJson(schemas.Get(Object::descriptor()),
                        object.SerializeAsString(), &json)
                  .ok());
  return json;
}

class SchemasTest : public ::testing::Test {
 protected:
  std::string FieldOf(const std::string& name) {
    return Json(
        schemas_.Of(*echo::Record::descriptor()->FindFieldByName(name)));
  }
  std::string Component(const std::string& name) {
    return Json(schemas_.components().fields().at(name).struct_value());
  }

  Contract contract_;
  Schemas schemas_{contract_, {echo::Record::descriptor()}};
};

TEST_F(SchemasTest, TurnsEachRuleIntoItsConstraint) {
  EXPECT_EQ(FieldOf("title"),
            R"({"maxLength":8,"minLength":3,"type":"string"})");
  EXPECT_EQ(FieldOf("body"), R"({"maxLength":10,"type":"string"})");
  EXPECT_EQ(FieldOf("slug"), R"({"pattern":"^(?:[a-z]+)$","type":"string"})");
  EXPECT_EQ(FieldOf("link"), R"({"format":"uri","type":"string"})");
  EXPECT_EQ(FieldOf("author"), R"({"readOnly":true,"type":"string"})");
  EXPECT_EQ(FieldOf("name"),
            R"({"pattern":"^communities/[a-z0-9-]{1,64}/records/)"
            R"([a-z0-9-]{1,64}$","type":"string"})");
  EXPECT_EQ(FieldOf("tags"), R"({"items":{"maxLength":3,"type":"string"},)"
                             R"("maxItems":2,"type":"array"})");
}

TEST_F(SchemasTest, DescribesEnumsOnceByName) {
  EXPECT_EQ(FieldOf("color"),
            R"({"$ref":"#/components/schemas/praxis.testing.v1.Record.Color",)"
            R"("not":{"const":"COLOR_UNSPECIFIED"}})");
  EXPECT_EQ(Component("praxis.testing.v1.Record.Color"),
            R"({"enum":["COLOR_UNSPECIFIED","RED"],"type":"string"})");
}

TEST_F(SchemasTest, DescribesMessagesOnceAndRefersToThem) {
  const Object ref = schemas_.Of(*echo::Record::descriptor());
  EXPECT_EQ(Json(ref),
            R"({"$ref":"#/components/schemas/praxis.testing.v1.Record"})");
  EXPECT_EQ(Json(schemas_.Of(*echo::Record::descriptor())), Json(ref));
  EXPECT_EQ(Component("praxis.testing.v1.Record.Part"),
            R"({"additionalProperties":false,)"
            R"("properties":{"what":{"type":"string"}},"required":["what"],)"
            R"("type":"object"})");
}

TEST_F(SchemasTest, AsksForNothingInWhatIsPatched) {
  schemas_.Of(*echo::Record::descriptor());
  EXPECT_EQ(Component("praxis.testing.v1.Record").find("\"required\""),
            std::string::npos);
  EXPECT_EQ(Json(schemas_.WholeOf(*echo::Record::descriptor())),
            R"({"allOf":[{"$ref":"#/components/schemas/)"
            R"(praxis.testing.v1.Record"},{"required":["title"]}]})");
}

TEST_F(SchemasTest, WritesNumbersAndBytesAsTheirJsonDoes) {
  const auto& count = *echo::CountResponse::descriptor();
  EXPECT_EQ(Json(schemas_.Of(*count.FindFieldByName("number"))),
            R"({"format":"int32","type":"integer"})");
  EXPECT_EQ(Json(schemas_.Of(*count.FindFieldByName("payload"))),
            R"({"contentEncoding":"base64","type":"string"})");
  const auto& sum = *echo::SumResponse::descriptor();
  EXPECT_EQ(Json(schemas_.Of(*sum.FindFieldByName("sum"))),
            R"({"format":"int64","type":"string"})");
}

TEST_F(SchemasTest, KnowsTypesThatHaveAJsonOfTheirOwn) {
  EXPECT_EQ(Json(schemas_.Of(*google::protobuf::Duration::descriptor())),
            R"({"pattern":"^-?[0-9]+(\\.[0-9]{1,9})?s$","type":"string"})");
  EXPECT_EQ(Json(schemas_.Of(*google::protobuf::BoolValue::descriptor())),
            R"({"type":"boolean"})");
  EXPECT_EQ(Json(schemas_.Of(*google::protobuf::Value::descriptor())), "{}");
  EXPECT_EQ(Json(schemas_.Of(*google::protobuf::Any::descriptor())),
            R"({"additionalProperties":true,"properties":{"@type":)"
            R"({"type":"string"}},"type":"object"})");
}

TEST_F(SchemasTest, LetsAMessageThatIsOneOfSeveralBeOne) {
  schemas_.Of(*discussions::v1::Outcome::descriptor());
  EXPECT_THAT(Component("praxis.discussions.v1.Outcome"),
              ::testing::HasSubstr(R"("maxProperties":1,)"));
  schemas_.Of(*events::v1::AccessChange::descriptor());
  EXPECT_THAT(Component("praxis.events.v1.AccessChange"),
              ::testing::Not(::testing::HasSubstr("maxProperties")));
}

TEST_F(SchemasTest, HidesSecretsFromForms) {
  const auto& request = *members::v1::RegisterMemberRequest::descriptor();
  EXPECT_EQ(Json(schemas_.Of(*request.FindFieldByName("password"))),
            R"({"format":"password","maxLength":1024,"minLength":10,)"
            R"("type":"string"})");
}

}  // namespace
}  // namespace praxis::gateway
