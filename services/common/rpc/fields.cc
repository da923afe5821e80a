#include "services/common/rpc/fields.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/descriptor.h"
#include "praxis/options/v1/options.pb.h"
#include "re2/re2.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using options::v1::FieldRules;

constexpr size_t kIdBytesMax = 64;

// The rules of one field, ready to be applied.
struct FieldCheck {
  const FieldDescriptor* field = nullptr;
  FieldRules rules;
  std::unique_ptr<RE2> pattern;
};

// The fields of one message type that have rules or hold messages.
struct TypeCheck {
  std::vector<FieldCheck> fields;
  const FieldDescriptor* update_mask = nullptr;
};

bool IsOurs(const Descriptor* type) {
  return !absl::StartsWith(type->full_name(), "google.protobuf.");
}

// Compiled once a type and kept: descriptors never change.
const TypeCheck& CheckOf(const Descriptor* type) {
  static absl::Mutex mutex;
  static auto& checks =
      *new absl::flat_hash_map<const Descriptor*, std::unique_ptr<TypeCheck>>;
  {
    absl::ReaderMutexLock lock(&mutex);
    auto found = checks.find(type);
    if (found != checks.end()) return *found->second;
  }
  auto check = std::make_unique<TypeCheck>();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const FieldRules& rules = field->options().GetExtension(options::v1::field);
    if (field->name() == "update_mask") check->update_mask = field;
    const bool holds_messages =
        field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
        IsOurs(field->message_type());
    if (!field->options().HasExtension(options::v1::field) && !holds_messages) {
      continue;
    }
    FieldCheck& entry = check->fields.emplace_back();
    entry.field = field;
    entry.rules = rules;
    if (!rules.pattern().empty()) {
      entry.pattern = std::make_unique<RE2>(rules.pattern(), RE2::Quiet);
    }
  }
  absl::MutexLock lock(&mutex);
  return *checks.try_emplace(type, std::move(check)).first->second;
}

// An identifier of one resource: 1 to 64 of [a-z0-9-], "-" itself excepted.
bool IsId(absl::string_view id) {
  if (id.empty() || id.size() > kIdBytesMax || id == "-") return false;
  for (const char c : id) {
    if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
      return false;
    }
  }
  return true;
}

// Whether `name` has the shape of `pattern`, "communities/*/threads/*".
bool NameMatches(absl::string_view name, absl::string_view pattern,
                 bool wildcard) {
  while (true) {
    const size_t name_end = name.find('/');
    const size_t pattern_end = pattern.find('/');
    const absl::string_view id = name.substr(0, name_end);
    const absl::string_view segment = pattern.substr(0, pattern_end);
    if (segment == "*" ? !IsId(id) && !(wildcard && id == "-")
                       : id != segment) {
      return false;
    }
    if (name_end == name.npos || pattern_end == pattern.npos) {
      return name_end == pattern_end;
    }
    name.remove_prefix(name_end + 1);
    pattern.remove_prefix(pattern_end + 1);
  }
}

// Control characters, DEL and the C1 range, but for newline and tab when
// `multiline`. `text` is valid UTF-8: protobuf's parser saw to it.
bool IsText(absl::string_view text, bool multiline) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == 0x7f) return false;
    if (c < 0x20 && !(multiline && (c == '\n' || c == '\t' || c == '\r'))) {
      return false;
    }
    if (c == 0xc2 && i + 1 < text.size() &&
        static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      return false;
    }
  }
  return true;
}

bool IsUri(absl::string_view uri) {
  for (const char c : uri) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '<' ||
        c == '>') {
      return false;
    }
  }
  for (const absl::string_view scheme : {"http://", "https://", "mailto:"}) {
    if (absl::StartsWithIgnoreCase(uri, scheme)) {
      return uri.size() > scheme.size();
    }
  }
  return false;
}

int64_t CodePoints(absl::string_view text) {
  int64_t count = 0;
  for (const char c : text) count += (c & 0xc0) != 0x80;
  return count;
}

// What is wrong with one string, or "".
std::string StringProblem(const FieldCheck& check, absl::string_view value) {
  const FieldRules& rules = check.rules;
  if (rules.max_bytes() > 0 &&
      static_cast<int64_t>(value.size()) > rules.max_bytes()) {
    return absl::StrCat("must have at most ", rules.max_bytes(), " bytes");
  }
  if (rules.min_len() > 0 || rules.max_len() > 0) {
    const int64_t length = CodePoints(value);
    if (rules.max_len() > 0 && length > rules.max_len()) {
      return absl::StrCat("must have at most ", rules.max_len(), " characters");
    }
    if (length < rules.min_len()) {
      return absl::StrCat("must have at least ", rules.min_len(),
                          " characters");
    }
  }
  if (rules.text() && !IsText(value, rules.multiline())) {
    return "must not have control characters";
  }
  if (!rules.name().empty() &&
      !NameMatches(value, rules.name(), rules.wildcard())) {
    return absl::StrCat("must be a name such as ", rules.name(),
                        ", with ids of up to 64 of [a-z0-9-]");
  }
  if (rules.uri() && !IsUri(value)) {
    return "must be an absolute http, https or mailto URI";
  }
  if (check.pattern != nullptr &&
      !RE2::FullMatch(re2::StringPiece(value.data(), value.size()),
                      *check.pattern)) {
    return absl::StrCat("must match ", rules.pattern());
  }
  return "";
}

// Walks a message and gathers what breaks its rules.
class Checker {
 public:
  explicit Checker(bool ask_required) : ask_required_(ask_required) {}

  void Check(const Message& message, const TypeCheck& type, int depth) {
    for (const FieldCheck& check : type.fields) {
      if (check.rules.output_only()) continue;
      path_.push_back(check.field);
      if (check.field->is_repeated()) {
        CheckRepeated(message, check, depth);
      } else {
        CheckSingular(message, check, depth);
      }
      path_.pop_back();
    }
  }

  absl::Status Verdict() const {
    if (violations_.empty()) return absl::OkStatus();
    return FieldErrors(violations_);
  }

 private:
  // A patch leaves out what it does not change, but says what it is for.
  bool AsksFor(const FieldCheck& check, int depth) const {
    if (ask_required_ || depth == 0) return check.rules.required();
    return depth == 1 && check.field->name() == "name" &&
           !check.rules.name().empty();
  }

  void CheckRepeated(const Message& message, const FieldCheck& check,
                     int depth) {
    const Reflection& reflection = *message.GetReflection();
    const int size = reflection.FieldSize(message, check.field);
    if (size == 0 && AsksFor(check, depth)) Report("must not be empty");
    if (check.rules.max_items() > 0 && size > check.rules.max_items()) {
      Report(absl::StrCat("must have at most ", check.rules.max_items(),
                          " items"));
      return;
    }
    for (int i = 0; i < size; ++i) {
      if (check.field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        CheckMessage(reflection.GetRepeatedMessage(message, check.field, i),
                     depth);
      } else if (check.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        std::string scratch;
        CheckString(check, reflection.GetRepeatedStringReference(
                               message, check.field, i, &scratch));
      }
    }
  }

  void CheckSingular(const Message& message, const FieldCheck& check,
                     int depth) {
    const Reflection& reflection = *message.GetReflection();
    if (!reflection.HasField(message, check.field)) {
      if (AsksFor(check, depth)) Report("must be set");
      return;
    }
    switch (check.field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        CheckMessage(reflection.GetMessage(message, check.field), depth);
        return;
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        CheckString(check, reflection.GetStringReference(message, check.field,
                                                         &scratch));
        return;
      }
      case FieldDescriptor::CPPTYPE_ENUM:
        if (check.rules.defined() &&
            check.field->enum_type()->FindValueByNumber(
                reflection.GetEnumValue(message, check.field)) == nullptr) {
          Report("must be a declared value");
        }
        return;
      default:
        return;
    }
  }

  void CheckMessage(const Message& message, int depth) {
    if (!IsOurs(message.GetDescriptor())) return;
    Check(message, CheckOf(message.GetDescriptor()), depth + 1);
  }

  void CheckString(const FieldCheck& check, absl::string_view value) {
    std::string problem = StringProblem(check, value);
    if (!problem.empty()) Report(std::move(problem));
  }

  void Report(std::string description) {
    std::string path;
    for (const FieldDescriptor* field : path_) {
      absl::StrAppend(&path, path.empty() ? "" : ".", field->name());
    }
    violations_.push_back({std::move(path), std::move(description)});
  }

  const bool ask_required_;
  std::vector<const FieldDescriptor*> path_;
  std::vector<FieldViolation> violations_;
};

// Clears what only the service sets.
void ClearOutputOnly(Message* message, const TypeCheck& type) {
  const Reflection& reflection = *message->GetReflection();
  for (const FieldCheck& check : type.fields) {
    if (check.rules.output_only()) {
      reflection.ClearField(message, check.field);
      continue;
    }
    if (check.field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
        check.field->is_repeated() || !IsOurs(check.field->message_type()) ||
        !reflection.HasField(*message, check.field)) {
      continue;
    }
    ClearOutputOnly(reflection.MutableMessage(message, check.field),
                    CheckOf(check.field->message_type()));
  }
}

void FindRuleProblems(const Descriptor* type,
                      absl::flat_hash_set<const Descriptor*>& seen,
                      std::vector<std::string>& problems) {
  if (!IsOurs(type) || !seen.insert(type).second) return;
  for (const FieldCheck& check : CheckOf(type).fields) {
    const FieldDescriptor& field = *check.field;
    const FieldRules& rules = check.rules;
    const bool text_rules = rules.min_len() > 0 || rules.max_len() > 0 ||
                            !rules.pattern().empty() || rules.text() ||
                            !rules.name().empty() || rules.uri();
    if (text_rules && field.type() != FieldDescriptor::TYPE_STRING) {
      problems.push_back(
          absl::StrCat(field.full_name(), " has a rule for strings"));
    }
    if (rules.defined() && field.type() != FieldDescriptor::TYPE_ENUM) {
      problems.push_back(
          absl::StrCat(field.full_name(), " has a rule for enums"));
    }
    if (rules.max_items() > 0 && !field.is_repeated()) {
      problems.push_back(
          absl::StrCat(field.full_name(), " has a rule for lists"));
    }
    if (check.pattern != nullptr && !check.pattern->ok()) {
      problems.push_back(absl::StrCat(
          field.full_name(), " has a bad pattern: ", check.pattern->error()));
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      FindRuleProblems(field.message_type(), seen, problems);
    }
  }
}

}  // namespace

absl::Status CheckRequest(Message* request) {
  const TypeCheck& type = CheckOf(request->GetDescriptor());
  ClearOutputOnly(request, type);
  Checker checker(/*ask_required=*/type.update_mask == nullptr);
  checker.Check(*request, type, 0);
  return checker.Verdict();
}

absl::Status CheckRecord(const Message& record) {
  Checker checker(/*ask_required=*/true);
  checker.Check(record, CheckOf(record.GetDescriptor()), 0);
  return checker.Verdict();
}

std::vector<std::string> RuleProblems(const Descriptor* type) {
  absl::flat_hash_set<const Descriptor*> seen;
  std::vector<std::string> problems;
  FindRuleProblems(type, seen, problems);
  return problems;
}

absl::string_view IdAt(absl::string_view name, int index) {
  for (int slashes = 2 * index + 1; slashes > 0; --slashes) {
    const size_t slash = name.find('/');
    if (slash == name.npos) return "";
    name.remove_prefix(slash + 1);
  }
  return name.substr(0, name.find('/'));
}

std::string FieldProblem(const FieldDescriptor& field,
                         absl::string_view value) {
  if (value.empty()) return "must be set";
  for (const FieldCheck& check : CheckOf(field.containing_type()).fields) {
    if (check.field == &field) return StringProblem(check, value);
  }
  return "";
}

}  // namespace praxis::rpc
