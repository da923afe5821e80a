#include "gateway/ops/openapi/operation_object.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gateway/ops/openapi/parameters.h"
#include "gateway/ops/openapi/responses.h"
#include "praxis/options/v1/options.pb.h"

namespace praxis::gateway {
namespace {

using google::protobuf::MethodDescriptor;

// "communities" -> "community", "threads" -> "thread".
// Good enough for names that only people read.
std::string SingularOf(absl::string_view collection) {
  if (absl::ConsumeSuffix(&collection, "ies")) {
    return absl::StrCat(collection, "y");
  }
  absl::ConsumeSuffix(&collection, "s");
  return std::string(collection.data(), collection.size());
}

// The first sentence of a comment, for lists of operations.
std::string SummaryOf(const std::string& comment,
                      const MethodDescriptor& method) {
  const std::string first = comment.substr(0, comment.find_first_of(".:;\n"));
  return first.empty() ? method.name() : first;
}

// Who may call, in words.
std::string AccessOf(const options::v1::Policy& policy,
                     const Contract& contract) {
  const std::string& name = options::v1::Access_Name(policy.access());
  if (policy.access() >= options::v1::OBSERVER &&
      policy.access() <= options::v1::OWNER) {
    return absl::StrCat("At least the role ", name, " in the scope.");
  }
  return contract.CommentOf(
      *options::v1::Access_descriptor()->FindValueByName(name));
}

std::string DescriptionOf(const MethodDescriptor& method,
                          const options::v1::Policy& policy,
                          const Contract& contract) {
  std::string text = contract.CommentOf(method);
  absl::StrAppend(&text, text.empty() ? "" : "\n\n", "**Who may call.** ",
                  AccessOf(policy, contract));
  return text;
}

// What is public needs no token, but knows whoever sends one.
std::vector<Object> SecurityOf(const options::v1::Policy& policy) {
  Object bearer;
  Set(bearer, "bearer", std::vector<std::string>());
  std::vector<Object> security = {bearer};
  if (policy.access() == options::v1::ANYONE ||
      policy.access() == options::v1::READER ||
      policy.access() == options::v1::VIEWER) {
    security.push_back(Object());
  }
  return security;
}

}  // namespace

std::string OpenApiPath(const PathTemplate& path,
                        std::vector<std::string>* names) {
  std::string text;
  std::string collection;
  for (const PathTemplate::Segment& segment : path.segments) {
    if (segment.kind == PathTemplate::Segment::kLiteral) {
      absl::StrAppend(&text, "/", segment.literal);
      collection = segment.literal;
      continue;
    }
    const std::string base =
        segment.kind == PathTemplate::Segment::kRest || collection.empty()
            ? "path"
            : SingularOf(collection);
    std::string name = base;
    for (int i = 2; std::count(names->begin(), names->end(), name) > 0; ++i) {
      name = absl::StrCat(base, i);
    }
    absl::StrAppend(&text, "/{", name, "}");
    names->push_back(std::move(name));
  }
  if (!path.verb.empty()) absl::StrAppend(&text, ":", path.verb);
  return text;
}

Object OperationObject(const Route& route, Parts& parts) {
  const MethodDescriptor& method = *route.method;
  const auto& policy = method.options().GetExtension(options::v1::policy);
  Object operation;
  Set(operation, "tags", std::vector<std::string>{method.service()->name()});
  Set(operation, "summary",
      SummaryOf(parts.contract.CommentOf(method), method));
  Set(operation, "description", DescriptionOf(method, policy, parts.contract));
  Set(operation, "security", SecurityOf(policy));
  Set(operation, "x-praxis-access", options::v1::Access_Name(policy.access()));
  if (policy.emits_size() > 0) {
    Set(operation, "x-praxis-emits",
        std::vector<std::string>(policy.emits().begin(), policy.emits().end()));
  }
  std::vector<std::string> names;
  OpenApiPath(route.path, &names);
  Set(operation, "parameters", ParametersOf(route, names, parts));
  if (route.body != Route::Body::kNone) {
    Set(operation, "requestBody", RequestBodyOf(route, parts));
  }
  Set(operation, "responses", ResponsesOf(route, parts));
  return operation;
}

}  // namespace praxis::gateway
