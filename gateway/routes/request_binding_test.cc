#include "gateway/routes/request_binding.h"

#include <string>

#include "gateway/routes/query.h"
#include "gateway/transcode/testing/convert.h"
#include "gateway/transcode/testing/kinds.pb.h"
#include "gmock/gmock.h"
#include "google/api/http.pb.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::HasSubstr;
using testing::Node;
using testing::PatchEverything;

class RequestBindingTest : public ::testing::Test {
 protected:
  RequestBindingTest() {
    Add("GetNode",
        "get: '/nodes/{name=*/*}' "
        "additional_bindings {post: '/nodes/{name=*/*}' body: 'left'} "
        "additional_bindings {post: '/nodes/{name=*/*}:whole' body: '*'} "
        "additional_bindings {post: '/lefts/{left.name}' body: 'left' "
        "                     response_body: 'left'} "
        "additional_bindings {get: '/weights/{weight}'} "
        "additional_bindings {post: '/names' body: 'name'}");
    Add("Patch",
        "patch: '/everything/{everything.assigned}' body: 'everything'");
  }

  void Add(const std::string& method, const std::string& rule) {
    ASSERT_THAT(table_.Add(Node::descriptor()
                               ->file()
                               ->FindServiceByName("KindService")
                               ->FindMethodByName(method),
                           testing::FromText<google::api::HttpRule>(rule),
                           &testing::Schemas()),
                Succeeds());
  }

  absl::StatusOr<std::string> Bind(absl::string_view http_method,
                                   absl::string_view path,
                                   absl::string_view query,
                                   absl::string_view body) {
    const auto match = table_.Find(http_method, path);
    EXPECT_THAT(match, Succeeds()) << path;
    return BindRequest(*match, query, body);
  }

  // The request in text format, or "error: ...".
  template <typename T = Node>
  std::string Request(absl::string_view http_method, absl::string_view path,
                      absl::string_view query, absl::string_view body) {
    const auto wire = Bind(http_method, path, query, body);
    if (!wire.ok()) return "error: " + std::string(wire.status().message());
    T request;
    EXPECT_TRUE(request.ParseFromString(*wire));
    return request.ShortDebugString();
  }

  RouteTable table_;
};

TEST_F(RequestBindingTest, PutsPathQueryAndBodyTogether) {
  EXPECT_EQ(Request("GET", "/nodes/a/b", "weight=5", ""),
            R"(name: "a/b" weight: 5)");
  EXPECT_EQ(Request("POST", "/nodes/a/b", "right.name=r", R"({"weight":1})"),
            R"(name: "a/b" left { weight: 1 } right { name: "r" })");
  EXPECT_EQ(Request("POST", "/nodes/a/b:whole", "", R"({"weight":1})"),
            R"(name: "a/b" weight: 1)");
  EXPECT_EQ(Request("POST", "/names", "weight=1", R"("x")"),
            R"(name: "x" weight: 1)");
}

TEST_F(RequestBindingTest, LetsThePathWinOverTheBody) {
  EXPECT_EQ(Request("POST", "/nodes/a/b:whole", "", R"({"name":"evil"})"),
            R"(name: "a/b")");
  EXPECT_EQ(Request("POST", "/lefts/good", "",
                    R"({"name":"evil","weight":2,"left":{}})"),
            R"(left { name: "good" left { } weight: 2 })");
}

TEST_F(RequestBindingTest, TakesNoBodyForAnEmptyOne) {
  EXPECT_EQ(Request("POST", "/nodes/a/b:whole", "", ""), R"(name: "a/b")");
  EXPECT_EQ(Request("POST", "/nodes/a/b", "", " \r\n"), R"(name: "a/b")");
  EXPECT_EQ(Request("POST", "/nodes/a/b", "", "null"), R"(name: "a/b")");
  EXPECT_EQ(Request("POST", "/nodes/a/b", "", "{}"), R"(name: "a/b" left { })");
}

TEST_F(RequestBindingTest, RefusesWhatDoesNotFit) {
  EXPECT_THAT(Bind("GET", "/nodes/a/b", "", "{}"),
              FailsWith(Reason::BODY_INVALID));
  EXPECT_THAT(Bind("POST", "/nodes/a/b", "", "{"),
              FailsWith(Reason::BODY_INVALID));
  EXPECT_THAT(Bind("POST", "/nodes/a/b:whole", "weight=1", "{}"),
              FailsWith(Reason::URL_INVALID));
  EXPECT_THAT(Bind("GET", "/nodes/a/b", "nope=1", ""),
              FailsWith(Reason::URL_INVALID));
  EXPECT_THAT(Bind("GET", "/nodes/a/%ff", "", ""),
              FailsWith(Reason::URL_INVALID));
  const auto weight = Bind("GET", "/weights/heavy", "", "");
  EXPECT_THAT(weight, FailsWith(Reason::URL_INVALID));
  EXPECT_THAT(std::string(weight.status().message()),
              HasSubstr("in the path, weight: expected an integer"));
}

TEST_F(RequestBindingTest, FillsTheMaskOfAPatch) {
  EXPECT_EQ(Request<PatchEverything>(
                "PATCH", "/everything/e1", "",
                R"({"node":{"name":"x","left":null},"assigned":"e2",)"
                R"("scalars":{"aString":""}})"),
            R"(everything { scalars { } node { name: "x" } )"
            R"(assigned: "e1" } update_mask { paths: "node.name" )"
            R"(paths: "node.left" paths: "scalars.a_string" })");
}

TEST_F(RequestBindingTest, KeepsTheMaskThatACallerGives) {
  EXPECT_EQ(
      Request<PatchEverything>("PATCH", "/everything/e1", "updateMask=node",
                               R"({"node":{"name":"x"}})"),
      R"(everything { node { name: "x" } assigned: "e1" } )"
      R"(update_mask { paths: "node" })");
}

TEST_F(RequestBindingTest, HasNoMaskWithoutABody) {
  for (const std::string body : {"", "{}", "null"}) {
    const auto wire = Bind("PATCH", "/everything/e1", "", body);
    ASSERT_THAT(wire, Succeeds()) << body;
    PatchEverything request;
    ASSERT_TRUE(request.ParseFromString(*wire));
    EXPECT_FALSE(request.has_update_mask()) << body;
  }
}

TEST_F(RequestBindingTest, BindsTheUrlOfARawBody) {
  const auto wire = BindUrl(*table_.Find("POST", "/nodes/a/b"), "weight=1");
  ASSERT_THAT(wire, Succeeds());
  Node request;
  ASSERT_TRUE(request.ParseFromString(*wire));
  EXPECT_EQ(request.ShortDebugString(), R"(name: "a/b" weight: 1)");
}

TEST_F(RequestBindingTest, WritesTheResponseOrItsField) {
  const std::string wire =
      testing::FromText<Node>("name: 'x' left {weight: 1}").SerializeAsString();
  std::string json;
  ASSERT_THAT(WriteResponse(*table_.Find("GET", "/nodes/a/b")->route, wire,
                            ReadMask(), &json),
              Succeeds());
  EXPECT_EQ(json, R"({"name":"x","left":{"weight":1}})");
  json.clear();
  ASSERT_THAT(WriteResponse(*table_.Find("POST", "/lefts/a")->route, wire,
                            ReadMask(), &json),
              Succeeds());
  EXPECT_EQ(json, R"({"weight":1})");
}

TEST_F(RequestBindingTest, WritesWhatTheMaskKeeps) {
  const std::string wire =
      testing::FromText<Node>("name: 'x' left {weight: 1 name: 'l'}")
          .SerializeAsString();
  const auto write = [&](absl::string_view http_method, absl::string_view path,
                         absl::string_view query) {
    const auto match = table_.Find(http_method, path);
    const auto mask = ReadMaskOf(*match->route, query);
    EXPECT_THAT(mask, Succeeds());
    std::string json;
    EXPECT_THAT(WriteResponse(*match->route, wire, *mask, &json), Succeeds());
    return json;
  };
  EXPECT_EQ(write("GET", "/nodes/a/b", "fields=left.name"),
            R"({"left":{"name":"l"}})");
  // Paths are those of what is answered.
  EXPECT_EQ(write("POST", "/lefts/a", "fields=name"), R"({"name":"l"})");
}

}  // namespace
}  // namespace praxis::gateway
