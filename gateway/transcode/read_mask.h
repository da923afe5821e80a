#ifndef GATEWAY_TRANSCODE_READ_MASK_H_
#define GATEWAY_TRANSCODE_READ_MASK_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway/transcode/message_schema.h"

namespace praxis::gateway {

// Which fields of an answer a client wants to read (AIP-157, AIP-161): a tree
// that follows the schema, made of "threads.name,nextPageToken". A mask keeps
// all of its message, or those fields that it has parts for.
class ReadMask {
 public:
  // Keeps everything.
  ReadMask() = default;

  // Names are those of the .proto or of JSON. A path goes on through messages
  // and lists of them ("threads.name", or "threads.*.name"), through a map by
  // "*" for its keys, and into no type with a JSON form of its own. "*" at its
  // end is all there is. An empty text keeps everything. URL_INVALID, with what
  // there is to choose from, for a path that leads nowhere.
  static absl::StatusOr<ReadMask> Parse(const MessageSchema& schema,
                                        absl::string_view text);

  // The same within the value of one field, for `response_body`.
  static absl::StatusOr<ReadMask> Parse(const FieldSchema& field,
                                        absl::string_view text);

  bool keeps_all() const { return parts_.empty(); }
  // What is kept of a field: null is nothing. Not of a mask that keeps all.
  const ReadMask* PartOf(const FieldSchema& field) const {
    return parts_[field.index].get();
  }

 private:
  class Walk;

  // Keeps no field yet.
  explicit ReadMask(const MessageSchema& schema)
      : parts_(schema.fields.size()) {}

  std::vector<std::unique_ptr<ReadMask>> parts_;  // by FieldSchema::index
};

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_READ_MASK_H_
