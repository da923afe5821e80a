#include "services/common/rpc/methods.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/common/rpc/fields.h"

namespace praxis::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodOptions;
using google::protobuf::ServiceDescriptor;

// The methods of `file` whose input is `request`.
std::vector<const MethodDescriptor*> MethodsOf(const Descriptor* request) {
  std::vector<const MethodDescriptor*> methods;
  const FileDescriptor* file = request->file();
  for (int i = 0; i < file->service_count(); ++i) {
    const ServiceDescriptor* service = file->service(i);
    for (int j = 0; j < service->method_count(); ++j) {
      if (service->method(j)->input_type() == request) {
        methods.push_back(service->method(j));
      }
    }
  }
  return methods;
}

std::string PathOf(const MethodDescriptor& method) {
  return absl::StrCat("/", method.service()->full_name(), "/", method.name());
}

// The fields on the way to `path`; empty unless it ends at one string.
std::vector<const FieldDescriptor*> Resolve(const Descriptor* type,
                                            const std::string& path) {
  std::vector<const FieldDescriptor*> fields;
  const std::vector<std::string> steps = absl::StrSplit(path, '.');
  for (size_t i = 0; i < steps.size(); ++i) {
    const FieldDescriptor* field = type->FindFieldByName(steps[i]);
    if (field == nullptr || field->is_repeated()) return {};
    fields.push_back(field);
    const bool last = i + 1 == steps.size();
    if (last != (field->type() == FieldDescriptor::TYPE_STRING)) return {};
    if (!last) type = field->message_type();
    if (!last && type == nullptr) return {};
  }
  return fields;
}

bool AsksForScope(options::v1::Access access) {
  switch (access) {
    case options::v1::READER:
    case options::v1::VIEWER:
    case options::v1::OBSERVER:
    case options::v1::MEMBER:
    case options::v1::MODERATOR:
    case options::v1::OWNER:
      return true;
    default:
      return false;
  }
}

std::vector<std::string> PolicyProblems(const Handler& handler) {
  std::vector<std::string> problems;
  const std::string& name = handler.method->full_name();
  const options::v1::Policy& policy = handler.policy;
  if (policy.access() == options::v1::ACCESS_UNSPECIFIED) {
    problems.push_back(absl::StrCat(name, " has no policy"));
  }
  if (AsksForScope(policy.access()) == policy.scope().empty()) {
    problems.push_back(absl::StrCat(
        name, policy.scope().empty() ? " asks for a role but names no scope"
                                     : " names a scope that nothing asks for"));
  }
  if (!policy.scope().empty() && handler.scope_path.empty()) {
    problems.push_back(absl::StrCat(name, " has the scope \"", policy.scope(),
                                    "\", which is no string of its request"));
  }
  if (!handler.scope_path.empty()) {
    const options::v1::FieldRules& rules =
        handler.scope_path.back()->options().GetExtension(options::v1::field);
    if (rules.name().empty()) {
      problems.push_back(
          absl::StrCat(name, " has a scope without a name rule"));
    }
    if (rules.wildcard() && policy.access() != options::v1::READER) {
      problems.push_back(
          absl::StrCat(name, " allows every scope but is not for READER"));
    }
  }
  for (std::string& problem : RuleProblems(handler.method->input_type())) {
    problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace

void Methods::Enter(const Message& request, const Message& response,
                    Handler handler) {
  const Descriptor* type = request.GetDescriptor();
  const std::vector<const MethodDescriptor*> methods = MethodsOf(type);
  if (methods.size() != 1) {
    problems_.push_back(
        absl::StrCat(type->full_name(), " is the request of ", methods.size(),
                     " methods of its file; it must be that of one"));
    return;
  }
  const MethodDescriptor* method = methods.front();
  const bool fits =
      method->output_type() == response.GetDescriptor() &&
      method->client_streaming() == (handler.client_stream != nullptr) &&
      method->server_streaming() == (handler.server_stream != nullptr);
  if (!fits) {
    problems_.push_back(absl::StrCat("the handler of ", method->full_name(),
                                     " does not have its types"));
    return;
  }
  handler.method = method;
  handler.request_prototype = &request;
  handler.response_prototype = &response;
  handler.policy = method->options().GetExtension(options::v1::policy);
  handler.reads_only =
      method->options().idempotency_level() == MethodOptions::NO_SIDE_EFFECTS;
  if (!handler.policy.scope().empty()) {
    handler.scope_path = Resolve(type, handler.policy.scope());
  }
  handler.request_id = type->FindFieldByName("request_id");
  if (!handlers_
           .emplace(PathOf(*method),
                    std::make_unique<Handler>(std::move(handler)))
           .second) {
    problems_.push_back(absl::StrCat(method->full_name(), " has two handlers"));
  }
}

absl::Status Methods::Check() const {
  std::vector<std::string> problems = problems_;
  for (const ServiceDescriptor* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const Handler* handler = Find(PathOf(*service->method(i)));
      if (handler == nullptr) {
        problems.push_back(
            absl::StrCat(service->method(i)->full_name(), " has no handler"));
        continue;
      }
      for (std::string& problem : PolicyProblems(*handler)) {
        problems.push_back(std::move(problem));
      }
    }
  }
  if (problems.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrJoin(problems, "; "));
}

const Handler* Methods::Find(absl::string_view path) const {
  auto found = handlers_.find(path);
  return found == handlers_.end() ? nullptr : found->second.get();
}

std::vector<const Handler*> Methods::Handlers() const {
  std::vector<const Handler*> handlers;
  for (const auto& [path, handler] : handlers_) {
    handlers.push_back(handler.get());
  }
  return handlers;
}

std::vector<const ServiceDescriptor*> Methods::Services() const {
  std::vector<const ServiceDescriptor*> services;
  for (const Handler* handler : Handlers()) {
    services.push_back(handler->method->service());
  }
  std::sort(services.begin(), services.end(),
            [](const ServiceDescriptor* a, const ServiceDescriptor* b) {
              return a->full_name() < b->full_name();
            });
  services.erase(std::unique(services.begin(), services.end()), services.end());
  return services;
}

}  // namespace praxis::rpc
