#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "praxis/resources/v1/resources.pb.h"
#include "services/common/status/status.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"
#include "services/resources/testing/library.h"

namespace praxis::resources {
namespace {

using praxis::testing::FailsWith;
using praxis::testing::Succeeds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;
using namespace testing;  // NOLINT: the fixture's names

class ResourcesTest : public ::testing::Test {
 protected:
  // Titles of every resource of `parent`, page by page.
  std::vector<std::string> List(absl::string_view as, const std::string& parent,
                                int page_size = 2) {
    std::vector<std::string> titles;
    v1::ListResourcesRequest request;
    request.set_parent(parent);
    request.set_page_size(page_size);
    do {
      auto page =
          library_.caller().Call<v1::ListResourcesResponse>(as, request);
      EXPECT_THAT(page, Succeeds());
      if (!page.ok()) break;
      EXPECT_LE(page->resources_size(), page_size);
      for (const v1::Resource& resource : page->resources()) {
        titles.push_back(resource.title());
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return titles;
  }

  std::vector<std::string> Search(absl::string_view as,
                                  const std::string& parent,
                                  const std::string& query) {
    std::vector<std::string> titles;
    v1::SearchResourcesRequest request;
    request.set_parent(parent);
    request.set_query(query);
    request.set_page_size(2);
    do {
      auto page =
          library_.caller().Call<v1::SearchResourcesResponse>(as, request);
      EXPECT_THAT(page, Succeeds());
      if (!page.ok()) break;
      for (const v1::ResourceHit& hit : page->hits()) {
        titles.push_back(hit.resource().title());
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return titles;
  }

  Library library_;
};

TEST_F(ResourcesTest, CreatesOneAndReadsItBack) {
  absl::StatusOr<v1::Resource> created =
      library_.Create(kAda, kPrivate, Document("Charter", "We share."));
  ASSERT_THAT(created, Succeeds());
  EXPECT_EQ(created->author(), kAda);
  EXPECT_EQ(created->text(), "We share.");
  absl::StatusOr<v1::Resource> read = library_.Get(kBob, created->name());
  ASSERT_THAT(read, Succeeds());
  EXPECT_EQ(read->SerializeAsString(), created->SerializeAsString());
  EXPECT_THAT(library_.EventTypes(), ElementsAre("resource.created"));
}

TEST_F(ResourcesTest, IgnoresWhatOnlyTheServiceSets) {
  v1::Resource resource = Document("Charter");
  resource.set_author(kEve);
  resource.set_name("communities/open/resources/mine");
  resource.mutable_content()->set_sha256("ab");
  absl::StatusOr<v1::Resource> created = library_.Create(kAda, kOpen, resource);
  ASSERT_THAT(created, Succeeds());
  EXPECT_EQ(created->author(), kAda);
  EXPECT_NE(created->name(), resource.name());
  EXPECT_FALSE(created->has_content());
}

TEST_F(ResourcesTest, RefusesShapesThatDoNotFitTheirKind) {
  v1::Resource link;
  link.set_title("Link");
  link.set_kind(v1::LINK);
  EXPECT_THAT(library_.Create(kAda, kOpen, link),
              FailsWith(Reason::FIELD_INVALID));
  link.set_uri("javascript:alert(1)");
  EXPECT_THAT(library_.Create(kAda, kOpen, link),
              FailsWith(Reason::FIELD_INVALID));
  link.set_uri("https://example.org/guide");
  EXPECT_THAT(library_.Create(kAda, kOpen, link), Succeeds());
  v1::Resource nothing;
  nothing.set_title("No kind");
  EXPECT_THAT(library_.Create(kAda, kOpen, nothing),
              FailsWith(Reason::FIELD_INVALID));
}

TEST_F(ResourcesTest, ActsOnceForOneRequestId) {
  v1::CreateResourceRequest request;
  request.set_parent(kOpen);
  *request.mutable_resource() = Document("Charter");
  request.set_request_id("r1");
  auto first = library_.caller().Call<v1::Resource>(kAda, request);
  auto again = library_.caller().Call<v1::Resource>(kAda, request);
  ASSERT_THAT(again, Succeeds());
  EXPECT_EQ(first->name(), again->name());
  EXPECT_THAT(List(kAda, kOpen), ElementsAre("Charter"));
  request.mutable_resource()->set_title("Other");
  EXPECT_THAT(library_.caller().Call<v1::Resource>(kAda, request),
              FailsWith(Reason::REQUEST_ID_REUSED));
}

TEST_F(ResourcesTest, ListsTheNewestFirst) {
  for (const char* title : {"One", "Two", "Three", "Four", "Five"}) {
    ASSERT_THAT(library_.Create(kAda, kOpen, Document(title)), Succeeds());
  }
  EXPECT_THAT(List("", kOpen),
              ElementsAre("Five", "Four", "Three", "Two", "One"));
}

TEST_F(ResourcesTest, FindsWordsInTitleDescriptionAndText) {
  ASSERT_THAT(library_.Create(kAda, kOpen, Document("Kanban board", "limits")),
              Succeeds());
  v1::Resource described = Document("Notes", "nothing");
  described.set_description("How kanban began");
  ASSERT_THAT(library_.Create(kAda, kOpen, described), Succeeds());
  ASSERT_THAT(library_.Create(kAda, kOpen, Document("Minutes", "On kanban.")),
              Succeeds());
  EXPECT_EQ(Search("", kOpen, "kanban").front(), "Kanban board");
  EXPECT_THAT(Search("", kOpen, "kanban"),
              UnorderedElementsAreArray({"Kanban board", "Notes", "Minutes"}));
  EXPECT_THAT(Search("", kOpen, "kanban limits"), ElementsAre("Kanban board"));
  EXPECT_THAT(Search("", kOpen, "absent"), IsEmpty());
}

TEST_F(ResourcesTest, EndsPagesOfLongTextsEarly) {
  const std::string long_text = "word " + std::string(400'000, 'x');
  std::vector<std::string> titles;
  for (int i = 0; i < 7; ++i) {
    titles.push_back(absl::StrCat("Long ", i));
    ASSERT_THAT(library_.Create(kAda, kOpen, Document(titles[i], long_text)),
                Succeeds());
  }
  v1::ListResourcesRequest request;
  request.set_page_size(200);
  for (const char* parent : {kOpen, "communities/-"}) {
    request.set_parent(parent);
    auto page = library_.caller().Call<v1::ListResourcesResponse>("", request);
    ASSERT_THAT(page, Succeeds());
    EXPECT_EQ(page->resources_size(), 3);
    EXPECT_NE(page->next_page_token(), "");
    EXPECT_THAT(List("", parent, 200), UnorderedElementsAreArray(titles));
  }
  EXPECT_THAT(Search("", kOpen, "word"), UnorderedElementsAreArray(titles));
}

TEST_F(ResourcesTest, RefusesAQueryItCannotRead) {
  v1::SearchResourcesRequest request;
  request.set_parent(kOpen);
  request.set_query("\"never closed");
  EXPECT_THAT(library_.caller().Call<v1::SearchResourcesResponse>("", request),
              FailsWith(Reason::QUERY_INVALID));
}

// Who gets what for each method, in each community. Not called: REASON_
// UNSPECIFIED stands for success.
struct Cell {
  const char* as;
  Reason read[3];
  Reason write[3];
};
constexpr Reason kOk = Reason::REASON_UNSPECIFIED;
constexpr Reason kToken = Reason::TOKEN_MISSING;
constexpr Reason kRole = Reason::ROLE_INSUFFICIENT;
constexpr Reason kNone = Reason::RESOURCE_NOT_FOUND;

class MatrixTest : public ResourcesTest,
                   public ::testing::WithParamInterface<Cell> {};

TEST_P(MatrixTest, LetsThroughWhomThePolicyNames) {
  const char* parents[] = {kOpen, kPrivate, kHidden};
  for (int i = 0; i < 3; ++i) {
    SCOPED_TRACE(absl::StrCat(GetParam().as, " in ", parents[i]));
    const std::string name =
        library_.Create(kAda, parents[i], Document("Charter"))->name();
    v1::ListResourcesRequest list;
    list.set_parent(parents[i]);
    v1::SearchResourcesRequest search;
    search.set_parent(parents[i]);
    search.set_query("charter");
    const absl::Status statuses[] = {
        library_.Get(GetParam().as, name).status(),
        library_.caller()
            .Call<v1::ListResourcesResponse>(GetParam().as, list)
            .status(),
        library_.caller()
            .Call<v1::SearchResourcesResponse>(GetParam().as, search)
            .status()};
    for (const absl::Status& status : statuses) {
      EXPECT_EQ(ReasonOf(status), GetParam().read[i]) << status;
    }
    EXPECT_EQ(
        ReasonOf(library_.Create(GetParam().as, parents[i], Document("Another"))
                     .status()),
        GetParam().write[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Roles, MatrixTest,
    ::testing::Values(Cell{kAda, {kOk, kOk, kOk}, {kOk, kOk, kOk}},
                      Cell{kMoe, {kOk, kOk, kOk}, {kOk, kOk, kOk}},
                      Cell{kObi, {kOk, kOk, kOk}, {kRole, kRole, kRole}},
                      Cell{kEve, {kOk, kRole, kNone}, {kRole, kRole, kNone}},
                      Cell{
                          "", {kOk, kToken, kNone}, {kToken, kToken, kToken}}));

// What can be listed and found is exactly what can be got: random communities,
// roles and callers, held against one Get per resource.
TEST_F(ResourcesTest, ListsAndFindsExactlyWhatCanBeGot) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  const std::vector<std::string> people = {"members/p0", "members/p1",
                                           "members/p2", "members/p3"};
  std::vector<v1::Resource> all;
  for (int c = 0; c < 24; ++c) {
    const std::string scope = absl::StrCat("communities/c", c);
    library_.source().SetVisibility(
        scope, static_cast<events::v1::Visibility>(1 + random() % 3));
    library_.source().SetRole(scope, kAda, events::v1::OWNER);
    for (const std::string& person : people) {
      library_.source().SetRole(scope, person,
                                static_cast<events::v1::Role>(random() % 5));
    }
    auto created =
        library_.Create(kAda, scope, Document(absl::StrCat("Charter of ", c)));
    ASSERT_THAT(created, Succeeds());
    all.push_back(*std::move(created));
  }
  for (std::string as :
       {std::string(), people[0], people[1], people[2], people[3]}) {
    std::vector<std::string> readable;
    for (const v1::Resource& resource : all) {
      if (library_.Get(as, resource.name()).ok()) {
        readable.push_back(resource.title());
      }
    }
    EXPECT_THAT(List(as, "communities/-"), UnorderedElementsAreArray(readable));
    EXPECT_THAT(Search(as, "communities/-", "charter"),
                UnorderedElementsAreArray(readable));
  }
}

TEST_F(ResourcesTest, RefusesTheNextPageToWhoWasRemoved) {
  for (const char* title : {"One", "Two", "Three"}) {
    ASSERT_THAT(library_.Create(kAda, kPrivate, Document(title)), Succeeds());
  }
  v1::ListResourcesRequest request;
  request.set_parent(kPrivate);
  request.set_page_size(1);
  auto page = library_.caller().Call<v1::ListResourcesResponse>(kBob, request);
  ASSERT_THAT(page, Succeeds());
  request.set_page_token(page->next_page_token());
  library_.source().SetRole(kPrivate, kBob, events::v1::ROLE_UNSPECIFIED);
  EXPECT_TRUE(praxis::testing::Eventually([&] {
    return ReasonOf(library_.caller()
                        .Call<v1::ListResourcesResponse>(kBob, request)
                        .status()) == Reason::ROLE_INSUFFICIENT;
  }));
}

}  // namespace
}  // namespace praxis::resources
