#include "gateway/transcode/testing/random_message.h"

#include <limits>
#include <set>

#include "gateway/transcode/testing/kinds.pb.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/timestamp.pb.h"

namespace praxis::gateway::testing {

using google::protobuf::Any;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

// The key of a map entry, as text.
std::string KeyOf(const Message& entry) {
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(
      entry, entry.GetDescriptor()->FindFieldByNumber(1), -1, &text);
  return text;
}

}  // namespace

std::string RandomMessage::Text() {
  static const char* const kPieces[] = {"a",
                                        "b",
                                        "plain text",
                                        " ",
                                        "\"",
                                        "\\",
                                        "/",
                                        "\n",
                                        "\t",
                                        "\x01",
                                        "<",
                                        ">",
                                        "&",
                                        "\xc3\xa9",
                                        "\xe6\xbc\xa2",
                                        "\xf0\x9f\x98\x80",
                                        "7"};
  std::string text;
  for (int i = Below(4) == 0 ? 0 : Below(12); i > 0; --i) {
    text += kPieces[Below(std::size(kPieces))];
  }
  return text;
}

uint64_t RandomMessage::Number() {
  switch (Below(6)) {
    case 0:
      return 0;
    case 1:
      return Below(300);
    case 2:
      return 0 - static_cast<uint64_t>(Below(300));
    case 3:
      return uint64_t{1} << Below(64);
    case 4:
      return ~uint64_t{0} >> Below(64);
    default:
      return random_();
  }
}

double RandomMessage::Real() {
  switch (Below(6)) {
    case 0:
      return 0;
    case 1:
      return std::numeric_limits<double>::infinity() * (Below(2) * 2 - 1);
    case 2:
      return std::numeric_limits<double>::quiet_NaN();
    case 3:
      return Below(1000) - 500;
    default:
      return (Below(2000) - 1000) / 8.0;
  }
}

void RandomMessage::FillTo(int depth, Message* message) {
  if (FillWellKnown(depth, message)) return;
  const Descriptor& type = *message->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    // A Value in a map must have a value.
    const bool must = type.options().map_entry();
    const bool too_deep =
        depth <= 0 && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (must || (!too_deep && Below(3) != 0)) {
      FillField(depth - 1, field, message);
    }
  }
}

void RandomMessage::FillField(int depth, const FieldDescriptor& field,
                              Message* message) {
  const Reflection& reflection = *message->GetReflection();
  const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  std::set<std::string> keys;
  // A list is long now and then: its size then takes more than a byte.
  const int most = is_message || Below(32) != 0 ? 4 : 100;
  for (int n = field.is_repeated() ? Below(most) : 1; n > 0; --n) {
    if (!is_message) {
      SetScalar(field, message);
    } else if (field.is_repeated()) {
      Message* const added = reflection.AddMessage(message, &field);
      FillTo(depth, added);
      // Reflection puts a key twice into a map.
      if (field.is_map() && !keys.insert(KeyOf(*added)).second) {
        reflection.RemoveLast(message, &field);
      }
    } else {
      FillTo(depth, reflection.MutableMessage(message, &field));
    }
  }
}

void RandomMessage::SetScalar(const FieldDescriptor& field, Message* message) {
  const Reflection& r = *message->GetReflection();
  const bool add = field.is_repeated();
  const uint64_t n = Number();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return add ? r.AddInt32(message, &field, n)
                 : r.SetInt32(message, &field, n);
    case FieldDescriptor::CPPTYPE_INT64:
      return add ? r.AddInt64(message, &field, n)
                 : r.SetInt64(message, &field, n);
    case FieldDescriptor::CPPTYPE_UINT32:
      return add ? r.AddUInt32(message, &field, n)
                 : r.SetUInt32(message, &field, n);
    case FieldDescriptor::CPPTYPE_UINT64:
      return add ? r.AddUInt64(message, &field, n)
                 : r.SetUInt64(message, &field, n);
    case FieldDescriptor::CPPTYPE_BOOL:
      return add ? r.AddBool(message, &field, n % 2)
                 : r.SetBool(message, &field, n % 2);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return add ? r.AddFloat(message, &field, Real())
                 : r.SetFloat(message, &field, Real());
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return add ? r.AddDouble(message, &field, Real())
                 : r.SetDouble(message, &field, Real());
    case FieldDescriptor::CPPTYPE_STRING:
      return add ? r.AddString(message, &field, Text())
                 : r.SetString(message, &field, Text());
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto& type = *field.enum_type();
      // A number without a name, now and then; null is the only value of its
      // type.
      const bool is_named =
          Below(8) != 0 || type.full_name() == "google.protobuf.NullValue";
      const int value = is_named
                            ? type.value(Below(type.value_count()))->number()
                            : static_cast<int>(n);
      return add ? r.AddEnumValue(message, &field, value)
                 : r.SetEnumValue(message, &field, value);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return;
  }
}

// Types whose fields may not hold just anything. False for all others.
bool RandomMessage::FillWellKnown(int depth, Message* message) {
  const Descriptor& type = *message->GetDescriptor();
  const Reflection& r = *message->GetReflection();
  const auto set_time = [&](int64_t seconds, int32_t nanos) {
    r.SetInt64(message, type.FindFieldByNumber(1), seconds);
    r.SetInt32(message, type.FindFieldByNumber(2), nanos);
  };
  static constexpr int kNanos[] = {0, 1, 1000, 500000000, 999999999};
  switch (type.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      set_time(static_cast<int64_t>(random_() % 315537897600) - 62135596800,
               kNanos[Below(5)]);
      return true;
    case Descriptor::WELLKNOWNTYPE_DURATION:
      // Of one sign: two may be merged.
      set_time(random_() % 315576000000, kNanos[Below(5)]);
      return true;
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      for (int i = Below(3); i > 0; --i) {
        r.AddString(message, type.FindFieldByNumber(1), "some_path.of_field");
      }
      return true;
    case Descriptor::WELLKNOWNTYPE_ANY:
      FillAny(depth, message);
      return true;
    case Descriptor::WELLKNOWNTYPE_VALUE: {
      auto* value = static_cast<google::protobuf::Value*>(message);
      const int kind = Below(depth > 0 ? 6 : 4);
      if (kind == 0) value->set_null_value({});
      if (kind == 1) value->set_number_value(Below(1000) / 4.0);
      if (kind == 2) value->set_string_value(Text());
      if (kind == 3) value->set_bool_value(Below(2) == 0);
      if (kind == 4) FillTo(depth - 1, value->mutable_struct_value());
      if (kind == 5) FillTo(depth - 1, value->mutable_list_value());
      return true;
    }
    default:
      return false;
  }
}

// An Any of one ordinary type and of one with a JSON form of its own.
void RandomMessage::FillAny(int depth, Message* message) {
  auto* any = static_cast<Any*>(message);
  if (depth <= 0) return;
  if (Below(2) == 0) {
    Node node;
    FillTo(depth - 1, &node);
    any->PackFrom(node);
  } else {
    google::protobuf::Timestamp time;
    FillTo(depth - 1, &time);
    any->PackFrom(time);
  }
}

}  // namespace praxis::gateway::testing
