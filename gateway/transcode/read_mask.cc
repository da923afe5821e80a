#include "gateway/transcode/read_mask.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gateway/transcode/json_cursor.h"
#include "google/protobuf/descriptor.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

absl::Status BadPath(absl::string_view path, absl::string_view why) {
  return Error(Reason::URL_INVALID, absl::StrCat(Shown(path), " ", why));
}

// The message whose fields may be named below a field: its own, that of a list
// or that of a map's values. Null for all that is written as one thing.
const MessageSchema* PartsOf(const FieldSchema& field) {
  const MessageSchema* message = field.cardinality == Cardinality::kMap
                                     ? field.message->fields[1].message
                                     : field.message;
  return message != nullptr && message->kind == MessageKind::kPlain ? message
                                                                    : nullptr;
}

// "names no field; there are name, title, ..."
std::string Choices(const MessageSchema& schema) {
  constexpr size_t kShown = 32;
  std::string text = "names no field; there are ";
  for (size_t i = 0; i < schema.fields.size() && i < kShown; ++i) {
    absl::StrAppend(&text, i > 0 ? ", " : "",
                    schema.fields[i].descriptor->json_name());
  }
  if (schema.fields.size() > kShown) absl::StrAppend(&text, ", ...");
  return text;
}

}  // namespace

// One path on its way down the tree.
class ReadMask::Walk {
 public:
  // From a message, or within the value of `field`.
  Walk(ReadMask* mask, const FieldSchema* field, const MessageSchema* within)
      : mask_(mask), field_(field), within_(within) {}

  absl::Status Run(absl::string_view path) {
    const std::vector<absl::string_view> names = absl::StrSplit(path, '.');
    if (names.size() > kMaxJsonDepth) return BadPath(path, "is too deep");
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] != "*") {
        RETURN_IF_ERROR(StepInto(names[i], path));
      } else if (i + 1 < names.size()) {
        RETURN_IF_ERROR(StepOverKeys(path));
      }
    }
    mask_->parts_.clear();
    return absl::OkStatus();
  }

 private:
  absl::Status StepInto(absl::string_view name, absl::string_view path) {
    if (within_ == nullptr) {
      return BadPath(path, "goes into a field whose fields cannot be chosen");
    }
    field_ = within_->FindName(name);
    if (field_ == nullptr) return BadPath(path, Choices(*within_));
    const MessageSchema* parts = PartsOf(*field_);
    within_ = field_->cardinality == Cardinality::kMap ? nullptr : parts;
    may_step_over_ = field_->cardinality != Cardinality::kSingular;
    // An earlier path may keep all of it: then this one adds nothing.
    if (mask_->keeps_all()) return absl::OkStatus();
    std::unique_ptr<ReadMask>& part = mask_->parts_[field_->index];
    if (part == nullptr) {
      part.reset(parts == nullptr ? new ReadMask : new ReadMask(*parts));
    }
    mask_ = part.get();
    return absl::OkStatus();
  }

  // The "*" in "threads.*.name".
  absl::Status StepOverKeys(absl::string_view path) {
    if (!may_step_over_) {
      return BadPath(path, "has a \"*\" before its end, but not for a list");
    }
    may_step_over_ = false;
    within_ = PartsOf(*field_);
    return absl::OkStatus();
  }

  ReadMask* mask_;
  const FieldSchema* field_;
  const MessageSchema* within_;
  bool may_step_over_ =
      field_ != nullptr && field_->cardinality != Cardinality::kSingular;
};

absl::StatusOr<ReadMask> ReadMask::Parse(const MessageSchema& schema,
                                         absl::string_view text) {
  if (text.empty()) return ReadMask();
  ReadMask mask(schema);
  for (const absl::string_view path : absl::StrSplit(text, ',')) {
    RETURN_IF_ERROR(Walk(&mask, nullptr, &schema).Run(path));
  }
  return mask;
}

absl::StatusOr<ReadMask> ReadMask::Parse(const FieldSchema& field,
                                         absl::string_view text) {
  if (text.empty()) return ReadMask();
  const MessageSchema* parts = PartsOf(field);
  ReadMask mask = parts == nullptr ? ReadMask() : ReadMask(*parts);
  const bool is_map = field.cardinality == Cardinality::kMap;
  for (const absl::string_view path : absl::StrSplit(text, ',')) {
    RETURN_IF_ERROR(Walk(&mask, &field, is_map ? nullptr : parts).Run(path));
  }
  return mask;
}

}  // namespace praxis::gateway
