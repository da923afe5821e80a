#include "gateway/call/shared_read.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway/call/conditions.h"
#include "gateway/forms/coding.h"

namespace praxis::gateway {
namespace {

// What a service looks at, or what changes how long it may take.
bool IsPlain(const RequestHead& head) {
  return head[Header::kAuthorization].data() == nullptr &&
         head[Header::kIfMatch].data() == nullptr &&
         head[Header::kXRequestTimeout].data() == nullptr && !head.has_body() &&
         head.path.size() + head.query.size() < SharedRead::kTargetBytesMax;
}

std::string KeyOf(const RequestHead& head) {
  std::string key;
  key.reserve(head.path.size() + 1 + head.query.size());
  key.append(head.path.data(), head.path.size());
  key.push_back('?');
  key.append(head.query.data(), head.query.size());
  return key;
}

// The entity tag among header lines, without quotes; empty if there is none.
absl::string_view EtagIn(absl::string_view fields) {
  constexpr absl::string_view kField = "ETag: \"";
  const size_t begin = fields.find(kField);
  if (begin == fields.npos) return "";
  fields.remove_prefix(begin + kField.size());
  return fields.substr(0, fields.find('"'));
}

}  // namespace

// "communities/-" is every community that the caller may read.
absl::string_view ScopeIn(const Operation& operation, const RouteMatch& match) {
  if (!operation.scope_variable.has_value()) return "";
  const absl::string_view scope =
      ScopeOf(match.captures[*operation.scope_variable]);
  return absl::EndsWith(scope, "/-") ? "" : scope;
}

std::optional<SharedRead> SharedRead::Of(ResponseCache& cache,
                                         const Operation& operation,
                                         const RouteMatch& match,
                                         const RequestHead& head) {
  if (operation.route.http_method != "GET" || !IsPlain(head)) {
    return std::nullopt;
  }
  const absl::string_view scope = ScopeIn(operation, match);
  if (scope.empty()) return std::nullopt;
  return SharedRead(cache, KeyOf(head), scope);
}

std::optional<Response> SharedRead::Find(const RequestHead& head) {
  std::optional<Response> response = Recall(head);
  cache_->Count(response.has_value());
  if (!response.has_value()) ticket_ = cache_->Begin(scope_);
  return response;
}

// A body that was coded once is kept beside the one that was not.
std::optional<Response> SharedRead::Recall(const RequestHead& head) {
  auto kept = cache_->Find(key_);
  if (!kept.has_value()) return std::nullopt;
  Response& response = kept->response;
  const absl::string_view known = head[Header::kIfNoneMatch];
  if (!known.empty()) {
    const absl::string_view etag = EtagIn(response.fields);
    if (!etag.empty() && NamesEtag(known, etag)) {
      return Response{.status = 304, .fields = std::move(response.fields)};
    }
  }
  const Coding coding = ChooseCoding(head[Header::kAcceptEncoding]);
  if (coding == Coding::kIdentity) return std::move(response);

  const std::string coded_key = absl::StrCat(key_, "\n", coding);
  auto coded = cache_->Find(coded_key);
  if (coded.has_value()) return std::move(coded->response);
  EncodeBody(head, &response);
  cache_->Keep(coded_key, *kept);
  return std::move(response);
}

}  // namespace praxis::gateway
