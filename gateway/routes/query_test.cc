#include "gateway/routes/query.h"

#include <string>
#include <utility>
#include <vector>

#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/testing/convert.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gateway/transcode/text_scan.h"
#include "gmock/gmock.h"
#include "google/api/http.pb.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using testing::Everything;
using ::testing::HasSubstr;

Route RouteOf(const std::string& method, const std::string& rule) {
  return *Route::Make(testing::Node::descriptor()
                          ->file()
                          ->FindServiceByName("KindService")
                          ->FindMethodByName(method),
                      testing::FromText<google::api::HttpRule>(rule),
                      &testing::Schemas());
}

// What a query makes of an Everything, in text format, or "error: ...".
std::string Request(absl::string_view query,
                    const Route& route = RouteOf("GetEverything",
                                                 "get: '/x'")) {
  std::string wire;
  const absl::Status status = AppendQuery(route, query, &wire);
  if (!status.ok()) {
    EXPECT_THAT(status, FailsWith(Reason::URL_INVALID));
    // It must fit into JSON.
    EXPECT_TRUE(IsUtf8(status.message().begin(), status.message().end()));
    return "error: " + std::string(status.message());
  }
  Everything request;
  EXPECT_TRUE(request.ParseFromString(wire));
  return request.ShortDebugString();
}

TEST(QueryTest, SetsFieldsOfEveryKind) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ""},
      {"&&", ""},
      {"assigned=a+b%20%26c%3D", R"(assigned: "a b &c=")"},
      {"assigned=a=b", R"(assigned: "a=b")"},
      {"assigned", ""},
      {"assigned=", ""},
      {"%61ssigned=x", R"(assigned: "x")"},
      {"scalars.anInt32=-5&scalars.a_bool=true",
       "scalars { an_int32: -5 a_bool: true }"},
      {"scalars.aColour=RED", "scalars { a_colour: RED }"},
      {"scalars.a_double=1e3&scalars.some_bytes=YQ",
       R"(scalars { a_double: 1000 some_bytes: "a" })"},
      {"lists.int32s=1&lists.int32s=2&lists.strings=a&lists.strings=",
       R"(lists { int32s: 1 int32s: 2 strings: "a" strings: "" })"},
      {"well_known.time=1970-01-01T00:00:01Z",
       "well_known { time { seconds: 1 } }"},
      {"wellKnown.duration=2s&wellKnown.mask=a_b,c",
       R"(well_known { duration { seconds: 2 } )"
       R"(mask { paths: "a_b" paths: "c" } })"},
      {"wrappers.an_int32=7", "wrappers { an_int32 { value: 7 } }"},
      {"node.left.name=x&node.left.weight=2&node.name=y",
       R"(node { name: "y" left { name: "x" weight: 2 } })"},
      {"choice.number=3", "choice { number: 3 }"},
  };
  for (const auto& [query, text] : cases) {
    EXPECT_EQ(Request(query), text) << query;
  }
}

TEST(QueryTest, RefusesWhatNamesNoValue) {
  for (const std::string query : {"unknown=1",
                                  "=1",
                                  "=",
                                  ".=1",
                                  "node=x",
                                  "node.=1",
                                  ".node=1",
                                  "more=x",
                                  "more.assigned=x",
                                  "lists.nodes=x",
                                  "maps.strings=x",
                                  "maps.strings.a=x",
                                  "well_known.object=x",
                                  "well_known.value=1",
                                  "well_known.any=x",
                                  "well_known.time.seconds=1",
                                  "assigned.x=1",
                                  "wrappers.an_int32.value=1",
                                  "ASSIGNED=1",
                                  "assigned%00=1",
                                  "%ff=1",
                                  "\x01=1",
                                  "scalars[a_bool]=true"}) {
    EXPECT_THAT(Request(query), HasSubstr("error: query parameter \""))
        << query;
  }
}

TEST(QueryTest, RefusesValuesOfTheWrongKind) {
  for (const std::string query :
       {"scalars.an_int32=x", "scalars.an_int32=", "scalars.an_int32",
        "scalars.an_int32=1.5", "scalars.an_int32=2147483648",
        "scalars.an_int32=+1", "scalars.a_bool=1", "scalars.a_bool=TRUE",
        "scalars.a_colour=PURPLE", "scalars.some_bytes=a", "lists.int32s=1,2",
        "well_known.time=now", "well_known.duration=1", "assigned=%ff",
        "assigned=%ed%a0%80"}) {
    EXPECT_THAT(Request(query), HasSubstr("expected ")) << query;
  }
  EXPECT_EQ(Request("scalars.an_int32=x"),
            "error: query parameter \"scalars.an_int32\": expected an integer "
            "from -2147483648 to 2147483647");
}

TEST(QueryTest, RefusesBrokenEncoding) {
  for (const std::string query :
       {"assigned=%", "assigned=%4", "assigned=%zz", "%=1", "assigned%4=1"}) {
    EXPECT_THAT(Request(query), HasSubstr("two hexadecimal digits")) << query;
  }
}

TEST(QueryTest, TakesOneValueOfWhatHoldsOne) {
  for (const std::string query :
       {"assigned=a&assigned=a", "node.name=a&node.name=b",
        "scalars.an_int32=1&scalars.anInt32=1",
        "choice.name=x&choice.number=1"}) {
    EXPECT_THAT(Request(query), HasSubstr("only one value")) << query;
  }
  EXPECT_EQ(Request("choice.name=x&choice.yes=true"),
            R"(choice { name: "x" yes: true })");
}

TEST(QueryTest, LeavesPathAndBodyAlone) {
  const Route field =
      RouteOf("GetEverything", "post: '/x/{assigned}' body: 'node'");
  EXPECT_THAT(Request("assigned=x", field), HasSubstr("in the path already"));
  EXPECT_THAT(Request("node.name=x", field),
              HasSubstr("belongs into the body"));
  EXPECT_EQ(Request("scalars.a_bool=true", field), "scalars { a_bool: true }");
  const Route whole = RouteOf("GetEverything", "post: '/x' body: '*'");
  EXPECT_THAT(Request("assigned=x", whole), HasSubstr("belongs into the body"));
  EXPECT_EQ(Request("", whole), "");
}

TEST(QueryTest, ShowsNoLongNames) {
  std::string query;
  for (int i = 0; i < 10000; ++i) query.push_back('a');
  EXPECT_LT(Request(query).size(), 120u);
}

// The JSON of a node's tree that a query leaves, or "error: ...".
std::string Read(absl::string_view query, const Route& route) {
  const absl::StatusOr<ReadMask> mask = ReadMaskOf(route, query);
  if (!mask.ok()) {
    EXPECT_THAT(mask, FailsWith(Reason::URL_INVALID));
    return "error: " + std::string(mask.status().message());
  }
  const std::string wire =
      testing::FromText<testing::Node>(
          "name: 'n' weight: 1 left { name: 'l' weight: 2 }")
          .SerializeAsString();
  std::string json;
  EXPECT_THAT(WriteJson(*route.response, wire, &json, &*mask), Succeeds());
  return json;
}

TEST(QueryTest, SaysWhatOfTheAnswerIsWanted) {
  const Route route = RouteOf("GetNode", "get: '/x'");
  const std::string all = Read("", route);
  for (const std::string query :
       {"fields=name,left.name", "fields=left.name%2Cname",
        "weight=1&%66ields=name,left.name&name=x", "$fields=name,left.name",
        "%24fields=name,left.name"}) {
    EXPECT_EQ(Read(query, route), R"({"name":"n","left":{"name":"l"}})")
        << query;
  }
  for (const std::string query : {"fields=", "fields", "fields=*", "name=x"}) {
    EXPECT_EQ(Read(query, route), all) << query;
  }
  EXPECT_THAT(Read("fields=nom", route),
              HasSubstr("error: query parameter \"fields\": \"nom\" names no "
                        "field; there are name, "));
  EXPECT_THAT(Read("fields=name&$fields=left", route),
              HasSubstr("only one value"));
  EXPECT_THAT(Read("fields=%", route), HasSubstr("two hexadecimal digits"));
}

TEST(QueryTest, TakesNoReadMaskForAField) {
  const Route route = RouteOf("GetEverything", "get: '/x'");
  EXPECT_EQ(Request("fields=x&assigned=y&$fields=z", route),
            R"(assigned: "y")");
  const Route whole = RouteOf("GetEverything", "post: '/x' body: '*'");
  EXPECT_EQ(Request("fields=x", whole), "");
}

TEST(QueryTest, LeavesAFieldOfTheName) {
  const Route route = RouteOf("Describe", "get: '/x'");
  std::string wire;
  ASSERT_THAT(AppendQuery(route, "fields=a&fields=b&$fields=name", &wire),
              Succeeds());
  testing::Description request;
  ASSERT_TRUE(request.ParseFromString(wire));
  EXPECT_EQ(request.ShortDebugString(), R"(fields: "a" fields: "b")");
  EXPECT_THAT(Read("fields=nom", route), HasSubstr(R"("weight":1)"));
  EXPECT_EQ(Read("fields=nom&$fields=name", route), R"({"name":"n"})");
}

TEST(QueryTest, SeesWhetherAFieldIsNamed) {
  const FieldSchema& field =
      *testing::SchemaOf<testing::PatchEverything>().FindName("update_mask");
  EXPECT_TRUE(QueryNames("a=b&update_mask=x", field));
  EXPECT_TRUE(QueryNames("updateMask", field));
  EXPECT_TRUE(QueryNames("update%5Fmask=", field));
  EXPECT_FALSE(QueryNames("", field));
  EXPECT_FALSE(QueryNames("a=update_mask&update_mask.x=1&%", field));
}

}  // namespace
}  // namespace praxis::gateway
