#include "gateway/transcode/field_paths.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/transcode/json_cursor.h"
#include "google/protobuf/descriptor.h"

namespace praxis::gateway {
namespace {

// Walks the objects of a body along the schema, names in hand. Values are
// skipped: ReadJson() reads them.
class PathCollector {
 public:
  explicit PathCollector(absl::string_view json) : in_(json) {}

  bool ReadDocument(const MessageSchema& schema) {
    const bool read =
        in_.Peek() == 'n' ? in_.ReadNull() : ReadObject(schema, "");
    return read && in_.ReadEnd();
  }
  absl::Status error() const { return in_.error(); }
  std::vector<std::string> Take() { return std::move(paths_); }

 private:
  // `path` is that of the object, empty for the outermost.
  bool ReadObject(const MessageSchema& schema, const std::string& path);
  bool ReadMember(const FieldSchema& field, const std::string& path);

  JsonCursor in_;
  std::vector<std::string> paths_;
};

bool PathCollector::ReadObject(const MessageSchema& schema,
                               const std::string& path) {
  if (!in_.Open('{')) return false;
  if (in_.Close('}')) {
    if (!path.empty()) paths_.push_back(path);
    return true;
  }
  bool more = true;
  while (more) {
    const size_t position = in_.Position();
    absl::string_view name;
    if (!in_.ReadKey(&name)) return false;
    const FieldSchema* field = schema.FindName(name);
    if (field == nullptr) {
      return in_.FailAt(position, absl::StrCat("unknown field ", Shown(name)));
    }
    if (!ReadMember(*field, absl::StrCat(path, path.empty() ? "" : ".",
                                         field->descriptor->name()))) {
      return in_.AddField(field->descriptor->json_name());
    }
    if (!in_.ReadNextOrClose('}', &more)) return false;
  }
  return true;
}

// `path` is that of the field.
bool PathCollector::ReadMember(const FieldSchema& field,
                               const std::string& path) {
  if (field.output_only) return in_.SkipValue();
  const bool has_parts = field.cardinality == Cardinality::kSingular &&
                         field.message != nullptr &&
                         field.message->kind == MessageKind::kPlain;
  if (has_parts && in_.Peek() == '{') return ReadObject(*field.message, path);
  paths_.push_back(path);
  return in_.SkipValue();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FieldPaths(const MessageSchema& schema,
                                                    absl::string_view json) {
  PathCollector collector(json);
  if (!collector.ReadDocument(schema)) return collector.error();
  return collector.Take();
}

}  // namespace praxis::gateway
