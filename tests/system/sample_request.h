// SampleRequests: a valid request for any method, from its description.
#ifndef TESTS_SYSTEM_SAMPLE_REQUEST_H_
#define TESTS_SYSTEM_SAMPLE_REQUEST_H_

#include <functional>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace praxis::system {

// Fills what a method needs: fields that are required or in its path. A
// resource name is that of an object that is there, any other string comes from
// the values given for it, else it is some text.
class SampleRequests {
 public:
  // By pattern, "communities/*/threads/*": the name of an object.
  using Names = std::map<std::string, std::string>;
  // By the full name of a field: its value as text. Fields that are here are
  // set though they need not be.
  using Values = std::map<std::string, std::function<std::string()>>;

  SampleRequests(Names names, Values values);

  void Fill(const google::protobuf::MethodDescriptor& method,
            google::protobuf::Message* request) const;

 private:
  struct Visit;

  void FillMessage(const Visit& visit, const std::string& path,
                   google::protobuf::Message* message) const;
  void FillField(const Visit& visit, const std::string& path,
                 const google::protobuf::FieldDescriptor& field,
                 google::protobuf::Message* message) const;
  std::string TextOf(const google::protobuf::FieldDescriptor& field) const;

  const Names names_;
  const Values values_;
};

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_SAMPLE_REQUEST_H_
