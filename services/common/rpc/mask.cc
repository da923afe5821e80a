#include "services/common/rpc/mask.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/field_mask_util.h"
#include "praxis/options/v1/options.pb.h"
#include "services/common/rpc/fields.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::util::FieldMaskUtil;

// Whether a caller may set the field of this first path segment.
bool CanBeSet(const FieldDescriptor& field) {
  return field.name() != "name" && field.name() != "etag" &&
         !field.options().GetExtension(options::v1::field).output_only();
}

// The fields an absent mask or "*" stands for.
FieldMask Settable(const Message& patch, bool only_present) {
  FieldMask mask;
  const Descriptor& type = *patch.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!CanBeSet(field)) continue;
    const bool present =
        field.is_repeated()
            ? patch.GetReflection()->FieldSize(patch, &field) > 0
            : patch.GetReflection()->HasField(patch, &field);
    if (present || !only_present) mask.add_paths(field.name());
  }
  return mask;
}

absl::Status CheckPaths(const FieldMask& mask, const Descriptor& type) {
  for (const std::string& path : mask.paths()) {
    std::vector<const FieldDescriptor*> fields;
    if (path.empty() ||
        !FieldMaskUtil::GetFieldDescriptors(&type, path, &fields)) {
      return Error(Reason::MASK_INVALID,
                   absl::StrCat("update_mask names \"", path, "\", which ",
                                type.name(), " does not have."));
    }
    for (const FieldDescriptor* field : fields) {
      if (CanBeSet(*field)) continue;
      return Error(Reason::MASK_INVALID,
                   absl::StrCat("update_mask names \"", path,
                                "\", which cannot be set."));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ApplyMask(const FieldMask& mask, const Message& patch,
                       Message* record) {
  FieldMask paths = mask;
  if (mask.paths().empty()) {
    paths = Settable(patch, /*only_present=*/true);
  } else if (mask.paths_size() == 1 && mask.paths(0) == "*") {
    paths = Settable(patch, /*only_present=*/false);
  }
  RETURN_IF_ERROR(CheckPaths(paths, *patch.GetDescriptor()));

  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(patch, paths, options, record);
  return CheckRecord(*record);
}

}  // namespace praxis::rpc
