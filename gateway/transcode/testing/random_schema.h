#ifndef GATEWAY_TRANSCODE_TESTING_RANDOM_SCHEMA_H_
#define GATEWAY_TRANSCODE_TESTING_RANDOM_SCHEMA_H_

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/transcode/testing/random_message.h"
#include "google/protobuf/descriptor.pb.h"

namespace praxis::gateway::testing {

// Makes files of proto3 with message types as nobody would write them, but may:
// fields of every kind, packed or not, optional, in oneofs and maps, with
// numbers near and far and names that JSON writes differently, nested types,
// types that hold each other and themselves, enums with aliases and holes, and
// the types that JSON has forms of their own for.
class RandomSchema {
 public:
  explicit RandomSchema(uint64_t seed) : random_(seed) {}

  // A file named `name` with the package of the same name.
  google::protobuf::FileDescriptorProto File(const std::string& name);

 private:
  using Field = google::protobuf::FieldDescriptorProto;
  using Type = google::protobuf::DescriptorProto;

  // The messages and enums of a file, and of messages within it, by full name.
  void AddTypes(google::protobuf::FileDescriptorProto* file);
  void AddEnum(const std::string& scope,
               google::protobuf::EnumDescriptorProto* type);
  void AddFields(const std::string& full_name, Type* type);
  void AddField(const std::string& full_name, int number, Type* type);
  void AddMap(const std::string& full_name, Field* field, Type* type);
  void SetType(Field* field);
  void SetMessageType(Field* field);

  int Below(int n) { return random_.Below(n); }

  RandomMessage random_;
  std::vector<std::string> messages_;
  std::vector<std::string> enums_;
};

}  // namespace praxis::gateway::testing

#endif  // GATEWAY_TRANSCODE_TESTING_RANDOM_SCHEMA_H_
