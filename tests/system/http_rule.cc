#include "tests/system/http_rule.h"

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/api/annotations.pb.h"
#include "gtest/gtest.h"
#include "tests/system/json.h"

namespace praxis::system {
namespace {

using google::api::HttpRule;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A template cut at its variables: text, variable, text ... in turn.
std::vector<std::string> PartsOf(const HttpRule& rule) {
  return absl::StrSplit(TemplateOf(rule), absl::ByAnyChar("{}"));
}

// The message that holds the last field of a path, and that field. With `clear`
// false the messages on the way must be set.
std::pair<Message*, const FieldDescriptor*> Walk(Message* message,
                                                 const std::string& path) {
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  for (size_t i = 0;; ++i) {
    const FieldDescriptor* field =
        message->GetDescriptor()->FindFieldByName(names[i]);
    if (i + 1 == names.size()) return {message, field};
    message = message->GetReflection()->MutableMessage(message, field);
  }
}

// Takes a string out of a message.
std::string Take(Message* message, const std::string& path) {
  const auto [holder, field] = Walk(message, path);
  std::string text = holder->GetReflection()->GetString(*holder, field);
  holder->GetReflection()->ClearField(holder, field);
  return text;
}

void AppendParameter(const std::string& name, const Json& value,
                     std::vector<std::string>* parameters) {
  switch (value.kind_case()) {
    case Json::kStructValue:
      for (const auto& [key, member] : value.struct_value().fields()) {
        AppendParameter(absl::StrCat(name, ".", key), member, parameters);
      }
      return;
    case Json::kListValue:
      for (const Json& item : value.list_value().values()) {
        AppendParameter(name, item, parameters);
      }
      return;
    case Json::kStringValue:
      parameters->push_back(
          absl::StrCat(name, "=", Encoded(value.string_value())));
      return;
    case Json::kBoolValue:
      parameters->push_back(
          absl::StrCat(name, "=", value.bool_value() ? "true" : "false"));
      return;
    default:
      parameters->push_back(absl::StrCat(name, "=", value.number_value()));
  }
}

std::string QueryOf(const Message& rest) {
  const std::optional<Json> json = ParseJson(ToJson(rest));
  std::vector<std::string> parameters;
  for (const auto& [name, value] : json->struct_value().fields()) {
    AppendParameter(name, value, &parameters);
  }
  return parameters.empty() ? "" : "?" + absl::StrJoin(parameters, "&");
}

// Takes what the body holds out of the message. An empty body is "{}".
std::optional<std::string> TakeBody(const HttpRule& rule, Message* rest) {
  if (rule.body().empty()) return std::nullopt;
  std::string json;
  if (rule.body() == "*") {
    json = ToJson(*rest);
    rest->Clear();
    return json;
  }
  const auto [holder, field] = Walk(rest, rule.body());
  json = ToJson(holder->GetReflection()->GetMessage(*holder, field));
  holder->GetReflection()->ClearField(holder, field);
  return json;
}

}  // namespace

std::string Encoded(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(c) || absl::StrContains("-._~/", c)) {
      encoded.push_back(c);
    } else {
      absl::StrAppend(
          &encoded, "%",
          absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return encoded;
}

std::vector<HttpRule> BindingsOf(
    const google::protobuf::MethodDescriptor& method) {
  std::vector<HttpRule> bindings;
  if (!method.options().HasExtension(google::api::http)) return bindings;
  const HttpRule& rule = method.options().GetExtension(google::api::http);
  bindings.push_back(rule);
  bindings.insert(bindings.end(), rule.additional_bindings().begin(),
                  rule.additional_bindings().end());
  return bindings;
}

std::string VerbOf(const HttpRule& rule) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return "GET";
    case HttpRule::kPut:
      return "PUT";
    case HttpRule::kPost:
      return "POST";
    case HttpRule::kDelete:
      return "DELETE";
    case HttpRule::kPatch:
      return "PATCH";
    default:
      return rule.custom().kind();
  }
}

std::string TemplateOf(const HttpRule& rule) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return rule.get();
    case HttpRule::kPut:
      return rule.put();
    case HttpRule::kPost:
      return rule.post();
    case HttpRule::kDelete:
      return rule.delete_();
    case HttpRule::kPatch:
      return rule.patch();
    default:
      return rule.custom().path();
  }
}

std::string PlainTemplateOf(const HttpRule& rule) {
  const std::vector<std::string> parts = PartsOf(rule);
  std::string plain;
  for (size_t i = 0; i < parts.size(); ++i) {
    const size_t equals = parts[i].find('=');
    if (i % 2 == 0) {
      absl::StrAppend(&plain, parts[i]);
    } else {
      absl::StrAppend(&plain, equals == std::string::npos
                                  ? "*"
                                  : parts[i].substr(equals + 1));
    }
  }
  return plain;
}

std::vector<std::string> PathFieldsOf(const HttpRule& rule) {
  const std::vector<std::string> parts = PartsOf(rule);
  std::vector<std::string> fields;
  for (size_t i = 1; i < parts.size(); i += 2) {
    fields.push_back(parts[i].substr(0, parts[i].find('=')));
  }
  return fields;
}

HttpRequest ToHttp(const HttpRule& rule, const Message& request) {
  const std::unique_ptr<Message> rest(request.New());
  rest->CopyFrom(request);
  HttpRequest http = {.method = VerbOf(rule)};
  const std::vector<std::string> parts = PartsOf(rule);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i % 2 == 0) {
      absl::StrAppend(&http.target, parts[i]);
    } else {
      const std::string field = parts[i].substr(0, parts[i].find('='));
      absl::StrAppend(&http.target, Encoded(Take(rest.get(), field)));
    }
  }
  http.body = TakeBody(rule, rest.get());
  absl::StrAppend(&http.target, QueryOf(*rest));
  return http;
}

}  // namespace praxis::system
