#include "services/resources/handlers/contents.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "praxis/http/v1/body.pb.h"
#include "praxis/resources/v1/resources.pb.h"
#include "services/common/access/projection.h"
#include "services/common/search/index.h"
#include "services/common/sql/migrate.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/matchers.h"
#include "services/resources/blobs/blob_store.h"
#include "services/resources/convert.h"
#include "services/resources/schema/schema.h"
#include "services/resources/store/resources.h"
#include "services/resources/testing/library.h"

namespace praxis::resources {
namespace {

using praxis::testing::FailsWith;
using praxis::testing::Succeeds;
using ::testing::ElementsAre;
using namespace testing;  // NOLINT: the fixture's names

// Ada has a FILE in the private community.
class ContentsTest : public ::testing::Test {
 protected:
  ContentsTest() {
    auto file = library_.Create(kAda, kPrivate, File("Diagram"));
    EXPECT_THAT(file, Succeeds());
    file_ = *std::move(file);
  }

  // The messages that carry `bytes`, `piece` bytes each.
  std::vector<v1::UploadResourceRequest> Pieces(const std::string& bytes,
                                                size_t piece = 1000) {
    std::vector<v1::UploadResourceRequest> pieces(1);
    pieces[0].set_name(file_.name());
    pieces[0].set_filename("diagram.png");
    pieces[0].mutable_body()->mutable_info()->set_content_type("image/png");
    for (size_t at = 0; at < bytes.size(); at += piece) {
      pieces.emplace_back().mutable_body()->set_data(bytes.substr(at, piece));
    }
    return pieces;
  }

  absl::StatusOr<v1::Resource> Upload(
      absl::string_view as,
      const std::vector<v1::UploadResourceRequest>& pieces) {
    return library_.caller().ClientStream<v1::Resource>(as, pieces);
  }

  // What came down.
  struct Body {
    http::v1::BodyInfo info;
    std::string bytes;
    int chunks = 0;
  };
  absl::StatusOr<Body> Download(absl::string_view as, int64_t offset = 0,
                                int64_t limit = 0, bool ranged = false) {
    v1::DownloadResourceRequest request;
    request.set_name(file_.name());
    if (ranged) {
      request.mutable_range()->set_offset(offset);
      request.mutable_range()->set_limit(limit);
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> messages,
                     library_.caller().ServerStream(as, request));
    Body body;
    for (const std::string& message : messages) {
      http::v1::BodyChunk chunk;
      EXPECT_TRUE(chunk.ParseFromString(message));
      EXPECT_EQ(chunk.has_info(), body.chunks == 0);
      if (chunk.has_info()) body.info = chunk.info();
      body.bytes += chunk.data();
      ++body.chunks;
    }
    return body;
  }

  Library library_;
  v1::Resource file_;
};

std::string SomeBytes(size_t size) {
  std::string bytes(size, '\0');
  unsigned state = 1;
  for (char& byte : bytes) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

TEST_F(ContentsTest, GivesBackWhatItTook) {
  const std::string bytes = SomeBytes(700'001);
  absl::StatusOr<v1::Resource> uploaded = Upload(kAda, Pieces(bytes, 100'000));
  ASSERT_THAT(uploaded, Succeeds());
  EXPECT_EQ(uploaded->content().size_bytes(), 700'001);
  EXPECT_EQ(uploaded->content().filename(), "diagram.png");
  EXPECT_EQ(uploaded->content().content_type(), "image/png");
  EXPECT_NE(uploaded->etag(), file_.etag());

  absl::StatusOr<Body> body = Download(kBob);
  ASSERT_THAT(body, Succeeds());
  EXPECT_EQ(body->bytes, bytes);
  EXPECT_GT(body->chunks, 1);
  EXPECT_EQ(body->info.etag(), uploaded->content().sha256());
  EXPECT_EQ(body->info.size_bytes(), 700'001);
}

TEST_F(ContentsTest, TakesAnEmptyFile) {
  ASSERT_THAT(Upload(kAda, Pieces("")), Succeeds());
  absl::StatusOr<Body> body = Download(kAda);
  ASSERT_THAT(body, Succeeds());
  EXPECT_EQ(body->bytes, "");
  EXPECT_EQ(body->chunks, 1);
}

TEST_F(ContentsTest, GivesAnyRange) {
  ASSERT_THAT(Upload(kAda, Pieces("0123456789")), Succeeds());
  const auto range = [&](int64_t offset, int64_t limit) {
    absl::StatusOr<Body> body = Download(kAda, offset, limit, /*ranged=*/true);
    return body.ok() ? body->bytes : std::string(body.status().message());
  };
  EXPECT_EQ(range(0, 1), "0");
  EXPECT_EQ(range(3, 4), "3456");
  EXPECT_EQ(range(8, 100), "89");
  EXPECT_EQ(range(4, 0), "456789");
  EXPECT_EQ(range(-3, 0), "789");
  EXPECT_EQ(range(-100, 0), "0123456789");
  EXPECT_THAT(Download(kAda, 10, 0, true),
              FailsWith(Reason::RANGE_UNSATISFIABLE));
}

TEST_F(ContentsTest, KeepsTheOldBytesWhenAnUploadBreaksOff) {
  ASSERT_THAT(Upload(kAda, Pieces("first")), Succeeds());
  auto pieces = Pieces("second");
  pieces[0].mutable_body()->mutable_info()->set_size_bytes(100);
  EXPECT_THAT(Upload(kAda, pieces), FailsWith(Reason::UPLOAD_INCOMPLETE));
  EXPECT_EQ(Download(kAda)->bytes, "first");
  EXPECT_THAT(library_.EventTypes(),
              ElementsAre("resource.created", "resource.uploaded"));
}

TEST_F(ContentsTest, RefusesAnUploadOverAStateItDidNotSee) {
  auto pieces = Pieces("bytes");
  pieces[0].set_etag(file_.etag());
  EXPECT_THAT(Upload(kAda, pieces), Succeeds());
  EXPECT_THAT(Upload(kAda, pieces), FailsWith(Reason::ETAG_MISMATCH));
}

TEST_F(ContentsTest, LetsTheAuthorAndModeratorsUpload) {
  EXPECT_THAT(Upload(kBob, Pieces("x")), FailsWith(Reason::NOT_AUTHOR));
  EXPECT_THAT(Upload(kObi, Pieces("x")), FailsWith(Reason::ROLE_INSUFFICIENT));
  EXPECT_THAT(Upload(kEve, Pieces("x")), FailsWith(Reason::ROLE_INSUFFICIENT));
  EXPECT_THAT(Upload("", Pieces("x")), FailsWith(Reason::TOKEN_MISSING));
  EXPECT_THAT(Upload(kMoe, Pieces("x")), Succeeds());
}

TEST_F(ContentsTest, LetsReadersDownload) {
  ASSERT_THAT(Upload(kAda, Pieces("x")), Succeeds());
  EXPECT_THAT(Download(kObi), Succeeds());
  EXPECT_THAT(Download(kEve), FailsWith(Reason::ROLE_INSUFFICIENT));
  EXPECT_THAT(Download(""), FailsWith(Reason::TOKEN_MISSING));
}

TEST_F(ContentsTest, HasNothingToDownloadBeforeAnUpload) {
  EXPECT_THAT(Download(kAda), FailsWith(Reason::NO_CONTENT));
}

TEST_F(ContentsTest, RefusesContentForADocument) {
  file_ = *library_.Create(kAda, kPrivate, Document("Minutes"));
  EXPECT_THAT(Upload(kAda, Pieces("x")), FailsWith(Reason::NO_CONTENT));
  EXPECT_THAT(Download(kAda), FailsWith(Reason::NO_CONTENT));
}

// A database in which something happens after the first read.
class DisturbedDatabase : public sql::Database {
 public:
  DisturbedDatabase(sql::Database& db, std::function<void()> disturb)
      : db_(db), disturb_(std::move(disturb)) {}

  absl::Status Read(absl::FunctionRef<absl::Status(sql::Reader&)> body,
                    const sql::Limit& limit) override {
    const absl::Status status = db_.Read(body, limit);
    if (disturb_ != nullptr) std::exchange(disturb_, nullptr)();
    return status;
  }
  absl::Status Write(absl::FunctionRef<absl::Status(sql::Tx&)> body,
                     const sql::WriteOptions& options) override {
    return db_.Write(body, options);
  }
  absl::Status Script(const std::string& sql) override {
    return db_.Script(sql);
  }
  void OnCommit(std::function<void()> callback) override {
    db_.OnCommit(std::move(callback));
  }
  absl::Status Check() override { return db_.Check(); }
  sql::Dialect dialect() const override { return db_.dialect(); }

 private:
  sql::Database& db_;
  std::function<void()> disturb_;
};

// A file, as handlers are called, without a server around them.
class DownloadTest : public ::testing::Test {
 protected:
  DownloadTest() {
    EXPECT_THAT(sql::Migrate(*db_, {access::ProjectionSchema(),
                                    search::IndexSchema(), ResourcesSchema()}),
                Succeeds());
    file_.kind = ResourceKind::kFile;
    EXPECT_THAT(db_->Write([&](sql::Tx& tx) {
      return store::InsertResource(tx, file_);
    }),
                Succeeds());
  }

  void GiveContent(absl::string_view bytes) {
    auto writer = blobs_->Begin();
    ASSERT_THAT(writer, Succeeds());
    EXPECT_THAT((*writer)->Append(bytes), Succeeds());
    const absl::StatusOr<Blob> blob = (*writer)->Commit();
    ASSERT_THAT(blob, Succeeds());
    file_.content =
        FileContent{.size_bytes = blob->size_bytes, .sha256 = blob->sha256};
    EXPECT_THAT(db_->Write([&](sql::Tx& tx) {
      return store::UpdateContent(tx, file_);
    }),
                Succeeds());
  }
  void RemoveContent() {
    const std::string& sha256 = file_.content->sha256;
    EXPECT_TRUE(std::filesystem::remove(folder_.path() + "/" +
                                        sha256.substr(0, 2) + "/" + sha256));
  }

  // The bytes that come down when `disturb` happens after the first read.
  absl::StatusOr<std::string> Download(std::function<void()> disturb) {
    DisturbedDatabase db(*db_, std::move(disturb));
    Contents contents(db, *blobs_);
    v1::DownloadResourceRequest request;
    request.set_name(NameOf(file_.key));
    ASSIGN_OR_RETURN(const auto stream,
                     contents.DownloadResource(rpc::Call(), request));
    http::v1::BodyChunk chunk;
    RETURN_IF_ERROR(stream->Next(&chunk).status());
    EXPECT_EQ(chunk.info().etag(), file_.content->sha256);
    return chunk.data();
  }

  praxis::testing::TemporaryFolder folder_;
  std::unique_ptr<sql::Database> db_ = *praxis::testing::OpenTestDatabase();
  std::unique_ptr<BlobStore> blobs_ =
      *BlobStore::Open({.path = folder_.path()});
  Resource file_{.key = {"lean", "r1"}};
};

TEST_F(DownloadTest, GivesTheBytesThatTookThePlaceOfThoseSweptMeanwhile) {
  GiveContent("old");
  const auto bytes = Download([&] {
    RemoveContent();
    GiveContent("new");
  });
  ASSERT_THAT(bytes, Succeeds());
  EXPECT_EQ(*bytes, "new");
}

TEST_F(DownloadTest, FailsWhenTheBytesAreLost) {
  GiveContent("lost");
  EXPECT_THAT(Download([&] { RemoveContent(); }), FailsWith(Reason::INTERNAL));
}

TEST_F(ContentsTest, RefusesHostileNamesAndTypes) {
  for (const std::string& filename :
       {std::string("../../etc/passwd"), std::string("a\\b"),
        std::string("nul\0", 4), std::string("cr\r\nX: 1"),
        std::string(10'000, 'a')}) {
    auto pieces = Pieces("x");
    pieces[0].set_filename(filename);
    EXPECT_THAT(Upload(kAda, pieces), FailsWith(Reason::FIELD_INVALID));
  }
  auto pieces = Pieces("x");
  pieces[0].mutable_body()->mutable_info()->set_content_type(
      "text/html\r\nX:1");
  EXPECT_THAT(Upload(kAda, pieces), FailsWith(Reason::FIELD_INVALID));
}

}  // namespace
}  // namespace praxis::resources
