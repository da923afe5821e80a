// The types of google.protobuf whose JSON is not an object of their fields.
#include "absl/strings/str_cat.h"
#include "gateway/transcode/expectation.h"
#include "gateway/transcode/message_reader.h"
#include "gateway/transcode/scalar_text.h"
#include "gateway/transcode/wire.h"
#include "google/protobuf/descriptor.h"

namespace praxis::gateway {

// Timestamp, Duration and FieldMask, which are strings.
bool MessageReader::ReadTextMessage(const MessageSchema& schema) {
  if (in_.Peek() != '"') return in_.FailExpecting(Expectation(schema));
  const size_t position = in_.Position();
  absl::string_view text;
  if (!in_.ReadString(&text)) return false;
  return AppendTextMessage(schema.kind, text, &out_) ||
         in_.FailAt(position, absl::StrCat("expected ", Expectation(schema)));
}

// google.protobuf.Value: the token decides which of its fields is set.
bool MessageReader::ReadDynamicValue(const MessageSchema& schema) {
  const auto number_of = [](char first) {
    switch (first) {
      case 'n':
        return 1;
      case '"':
        return 3;
      case 't':
      case 'f':
        return 4;
      case '{':
        return 5;
      case '[':
        return 6;
      default:
        return 2;
    }
  };
  const FieldSchema& field = *schema.FindNumber(number_of(in_.Peek()));
  out_.Append(field.tag_bytes());
  return ReadValue(field);
}

// google.protobuf.Any: {"@type": url, ... fields of that type}. "@type" need
// not come first; it is looked for before the rest is read.
bool MessageReader::ReadAny(const MessageSchema& any) {
  std::string url;
  if (!FindAnyType(&url)) return false;
  if (url.empty()) return in_.Open('{') && in_.Close('}');
  const google::protobuf::Descriptor* type =
      any.descriptor->file()->pool()->FindMessageTypeByName(
          url.substr(url.rfind('/') + 1));
  if (type == nullptr || url.find('/') == std::string::npos) {
    return in_.Fail(absl::StrCat("unknown type ", Shown(url)));
  }
  out_.Append(any.FindNumber(1)->tag_bytes());
  AppendBytes(url, &out_);
  out_.Append(any.FindNumber(2)->tag_bytes());
  const size_t start = BeginBytes(&out_);
  if (!ReadAnyContent(any.schemas->Get(type))) return false;
  EndBytes(start, &out_);
  return true;
}

// The type of the object that comes next; empty if the object is.
bool MessageReader::FindAnyType(std::string* url) {
  JsonCursor ahead = in_;
  bool found = false;
  bool more = true;
  absl::string_view text;
  bool read = ahead.Open('{');
  if (read && ahead.Close('}')) return true;
  while (read && more && !found) {
    found = ahead.TakeTypeKey();
    if (found) {
      read = ahead.ReadString(&text);
      *url = std::string(text);
    } else {
      read = ahead.ReadKey(&text) && ahead.SkipValue() &&
             ahead.ReadNextOrClose('}', &more);
    }
  }
  if (read && !url->empty()) return true;
  if (!read) {
    in_ = ahead;  // with the error
    return false;
  }
  return in_.Fail("expected an object with \"@type\"");
}

// The object of an Any whose type is known, "@type" included.
bool MessageReader::ReadAnyContent(const MessageSchema& schema) {
  if (schema.kind == MessageKind::kPlain) return ReadObject(schema, true);
  // A type with a JSON of its own is the member "value".
  if (!in_.Open('{')) return false;
  bool typed = false;
  bool valued = false;
  bool more = true;
  while (more) {
    if (!typed && in_.TakeTypeKey()) {
      typed = in_.SkipValue();
      if (!typed) return false;
    } else {
      const size_t position = in_.Position();
      absl::string_view name;
      if (!in_.ReadKey(&name)) return false;
      if (name != "value" || valued) {
        return in_.FailAt(position, "expected one \"value\" beside \"@type\"");
      }
      valued = true;
      if (!ReadMessage(schema)) return in_.AddField("value");
    }
    if (!in_.ReadNextOrClose('}', &more)) return false;
  }
  return valued || in_.Fail("expected a \"value\" beside \"@type\"");
}

}  // namespace praxis::gateway
