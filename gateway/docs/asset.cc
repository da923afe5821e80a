#include "gateway/docs/asset.h"

#include <zlib.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gateway/call/conditions.h"
#include "gateway/forms/accept.h"

namespace praxis::gateway {
namespace {

// What the page may do. Pictures within the styles are "data:".
constexpr absl::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

std::string Inflated(const Asset& asset) {
  std::string bytes(asset.size, '\0');
  z_stream stream = {};
  stream.next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(asset.gzip.data()));
  stream.avail_in = static_cast<uInt>(asset.gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  inflateInit2(&stream, 16 + MAX_WBITS);  // 16: a gzip header is there
  inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  return bytes;
}

}  // namespace

// The entity tag is weak: both encodings have it.
Response ServedAsset::Answer(const RequestHead& head) {
  Response response;
  AddField("Cache-Control", "no-cache", &response.fields);
  AddField("ETag", absl::StrCat("W/\"", asset_.etag, "\""), &response.fields);
  AddField("Vary", "Accept-Encoding", &response.fields);
  if (NamesEtag(head[Header::kIfNoneMatch], asset_.etag)) {
    response.status = 304;
    return response;
  }
  AddField("Content-Security-Policy", kPolicy, &response.fields);
  AddField("Referrer-Policy", "no-referrer", &response.fields);
  response.content_type = asset_.content_type;
  if (QualityOf(head[Header::kAcceptEncoding], "gzip").value_or(0) > 0) {
    AddField("Content-Encoding", "gzip", &response.fields);
    response.body = std::string(asset_.gzip);
  } else {
    absl::call_once(inflated_, [this] {
      plain_ = std::make_shared<const std::string>(Inflated(asset_));
    });
    response.shared_body = plain_;
  }
  return response;
}

}  // namespace praxis::gateway
