// ResourceService: the methods that stream a file's bytes.
#ifndef SERVICES_RESOURCES_HANDLERS_CONTENTS_H_
#define SERVICES_RESOURCES_HANDLERS_CONTENTS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "praxis/http/v1/body.pb.h"
#include "praxis/resources/v1/resources.pb.h"
#include "services/common/rpc/call.h"
#include "services/common/rpc/stream.h"
#include "services/common/sql/database.h"
#include "services/resources/blobs/blob_store.h"
#include "services/resources/domain/resource.h"

namespace praxis::resources {

using UploadStream = rpc::ClientStream<v1::UploadResourceRequest, v1::Resource>;
using DownloadStream = rpc::ServerStream<http::v1::BodyChunk>;

// Handles uploads and downloads: bytes go to and from the blob store piece by
// piece, the row changes once the blob is whole.
class Contents {
 public:
  Contents(sql::Database& db, BlobStore& blobs) : db_(db), blobs_(blobs) {}

  absl::StatusOr<std::unique_ptr<UploadStream>> UploadResource(
      const rpc::Call& call, const v1::UploadResourceRequest& first);
  absl::StatusOr<std::unique_ptr<DownloadStream>> DownloadResource(
      const rpc::Call& call, const v1::DownloadResourceRequest& request);

 private:
  // A resource that has content.
  absl::StatusOr<Resource> Downloadable(const rpc::Call& call,
                                        absl::string_view name);

  sql::Database& db_;
  BlobStore& blobs_;
};

}  // namespace praxis::resources

#endif  // SERVICES_RESOURCES_HANDLERS_CONTENTS_H_
