#include "gateway/routes/field_path.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gateway/transcode/append_buffer.h"
#include "gateway/transcode/scalar_text.h"
#include "gateway/transcode/wire.h"
#include "google/protobuf/descriptor.h"
#include "services/common/status/status.h"

namespace praxis::gateway {

std::optional<FieldPath> FieldPath::Resolve(const MessageSchema& schema,
                                            absl::string_view path) {
  FieldPath resolved;
  const MessageSchema* within = &schema;
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    const FieldSchema* field =
        within == nullptr ? nullptr : within->FindName(name);
    if (field == nullptr) return std::nullopt;
    resolved.steps_.push_back(field);
    // Only an ordinary message has fields that can be named.
    const bool has_fields = field->cardinality == Cardinality::kSingular &&
                            field->message != nullptr &&
                            field->message->kind == MessageKind::kPlain;
    within = has_fields ? field->message : nullptr;
  }
  return resolved;
}

// From the inside out: each step wraps what is there as its own value.
absl::Status FieldPath::Append(absl::string_view text,
                               std::string* wire) const {
  std::string value;
  RETURN_IF_ERROR(ParseScalar(last(), text, &value));
  for (size_t i = steps_.size() - 1; i > 0; --i) {
    AppendBuffer out(value.size() + 16);
    out.Append(steps_[i - 1]->tag_bytes());
    AppendBytes(value, &out);
    value.assign(out.view().data(), out.size());
  }
  wire->append(value);
  return absl::OkStatus();
}

std::string FieldPath::ToString() const {
  return absl::StrJoin(steps_, ".",
                       [](std::string* out, const FieldSchema* field) {
                         out->append(field->descriptor->name());
                       });
}

std::string FieldPath::Slot() const {
  const auto* oneof = last().descriptor->real_containing_oneof();
  if (oneof == nullptr) return ToString();
  FieldPath parent = *this;
  parent.steps_.pop_back();
  return absl::StrCat(parent.ToString(), ".oneof ", oneof->name());
}

}  // namespace praxis::gateway
