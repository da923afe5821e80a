// Files that the program carries.
#ifndef GATEWAY_DOCS_ASSET_H_
#define GATEWAY_DOCS_ASSET_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/base/call_once.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gateway/http/head.h"
#include "gateway/http/response.h"

namespace praxis::gateway {

// One file of /docs. embed.py makes it at build time.
struct Asset {
  absl::string_view name;  // below /docs/
  absl::string_view content_type;
  absl::string_view etag;  // without quotes
  size_t size = 0;         // in bytes, of the file itself
  absl::string_view gzip;  // it, compressed
};

absl::Span<const Asset> DocsAssets();

// An asset, served. Thread-safe.
class ServedAsset {
 public:
  explicit ServedAsset(const Asset& asset) : asset_(asset) {}

  // The file as the client takes it, compressed or not, or 304 if the client
  // has it. Pages of other origins may not show it in a frame, and it may load
  // nothing that does not come from here.
  Response Answer(const RequestHead& head);

 private:
  const Asset& asset_;
  // Inflated for the first client that does not take gzip, and kept: it costs
  // as much as thirty answers.
  absl::once_flag inflated_;
  std::shared_ptr<const std::string> plain_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_DOCS_ASSET_H_
