#include "gateway/transcode/scalar_text.h"

#include <bit>
#include <cmath>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway/transcode/expectation.h"
#include "gateway/transcode/field_mask_text.h"
#include "gateway/transcode/number_text.h"
#include "gateway/transcode/text_scan.h"
#include "gateway/transcode/time_text.h"
#include "gateway/transcode/wire.h"
#include "google/protobuf/descriptor.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

template <typename Integer>
void AppendFixed(Integer value, AppendBuffer* out) {
  char* const at = out->Reserve(sizeof(value));
  std::memcpy(at, &value, sizeof(value));
  out->Advance(at + sizeof(value));
}

// Small negative numbers as small positive ones.
uint64_t ZigZag(int64_t value) {
  return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
}

bool AppendInt32(FieldKind kind, absl::string_view text, AppendBuffer* out) {
  int32_t value;
  if (!ParseInt32(text, &value)) return false;
  if (kind == FieldKind::kSfixed32) {
    AppendFixed(value, out);
  } else if (kind == FieldKind::kSint32) {
    AppendVarint(ZigZag(value), out);
  } else {
    AppendVarint(static_cast<uint64_t>(int64_t{value}), out);
  }
  return true;
}

bool AppendInt64(FieldKind kind, absl::string_view text, AppendBuffer* out) {
  int64_t value;
  if (!ParseInt64(text, &value)) return false;
  if (kind == FieldKind::kSfixed64) {
    AppendFixed(value, out);
  } else {
    AppendVarint(kind == FieldKind::kSint64 ? ZigZag(value) : value, out);
  }
  return true;
}

// Of 64 bits or of 32.
bool AppendUnsigned(FieldKind kind, absl::string_view text, AppendBuffer* out) {
  if (kind == FieldKind::kUint64 || kind == FieldKind::kFixed64) {
    uint64_t value;
    if (!ParseUint64(text, &value)) return false;
    kind == FieldKind::kFixed64 ? AppendFixed(value, out)
                                : AppendVarint(value, out);
    return true;
  }
  uint32_t value;
  if (!ParseUint32(text, &value)) return false;
  kind == FieldKind::kFixed32 ? AppendFixed(value, out)
                              : AppendVarint(value, out);
  return true;
}

// The three values without digits are spelled as proto3 JSON spells them.
template <typename Float>
bool AppendFloating(absl::string_view text, AppendBuffer* out) {
  using Limits = std::numeric_limits<Float>;
  Float value;
  if (text == "NaN") {
    value = Limits::quiet_NaN();
  } else if (text == "Infinity") {
    value = Limits::infinity();
  } else if (text == "-Infinity") {
    value = -Limits::infinity();
  } else if constexpr (std::is_same_v<Float, float>) {
    if (!ParseFloat(text, &value)) return false;
  } else {
    if (!ParseDouble(text, &value)) return false;
  }
  AppendFixed(value, out);
  return true;
}

// The value of each base64 digit, 64 for any other byte.
struct Base64Digits {
  uint8_t value[256];
  constexpr Base64Digits() : value() {
    constexpr char kDigits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (uint8_t& v : value) v = 64;
    for (int i = 0; i < 64; ++i) value[static_cast<uint8_t>(kDigits[i])] = i;
    value[static_cast<uint8_t>('-')] = 62;
    value[static_cast<uint8_t>('_')] = 63;
  }
};
constexpr Base64Digits kBase64;

bool IsTextKind(MessageKind kind) {
  return kind == MessageKind::kTimestamp || kind == MessageKind::kDuration ||
         kind == MessageKind::kFieldMask;
}

bool AppendBool(absl::string_view text, AppendBuffer* out) {
  if (text != "true" && text != "false") return false;
  out->Append(text == "true" ? '\1' : '\0');
  return true;
}

}  // namespace

bool AppendText(const FieldSchema& field, absl::string_view text,
                AppendBuffer* out) {
  switch (field.kind) {
    case FieldKind::kBool:
      return AppendBool(text, out);
    case FieldKind::kString:
      AppendBytes(text, out);
      return IsUtf8(text.begin(), text.end());
    case FieldKind::kBytes:
      return AppendBytesOfBase64(text, out);
    case FieldKind::kEnum:
      return AppendEnumName(*field.enum_schema, text, out) ||
             AppendNumber(field.kind, text, out);
    case FieldKind::kMessage: {
      const size_t start = BeginBytes(out);
      if (field.message->kind == MessageKind::kWrapper) {
        const FieldSchema& value = field.message->fields[0];
        out->Append(value.tag_bytes());
        if (!AppendText(value, text, out)) return false;
      } else if (!AppendTextMessage(field.message->kind, text, out)) {
        return false;
      }
      EndBytes(start, out);
      return true;
    }
    default:
      return AppendNumber(field.kind, text, out);
  }
}

bool AppendNumber(FieldKind kind, absl::string_view text, AppendBuffer* out) {
  switch (kind) {
    case FieldKind::kDouble:
      return AppendFloating<double>(text, out);
    case FieldKind::kFloat:
      return AppendFloating<float>(text, out);
    case FieldKind::kUint32:
    case FieldKind::kUint64:
    case FieldKind::kFixed32:
    case FieldKind::kFixed64:
      return AppendUnsigned(kind, text, out);
    case FieldKind::kInt64:
    case FieldKind::kSint64:
    case FieldKind::kSfixed64:
      return AppendInt64(kind, text, out);
    default:
      return AppendInt32(kind, text, out);
  }
}

bool AppendEnumName(const EnumSchema& type, absl::string_view name,
                    AppendBuffer* out) {
  const int index = type.Find(name);
  if (index == NameTable::kNone) return false;
  AppendVarint(int64_t{type.numbers()[index]}, out);
  return true;
}

// The size is known beforehand, so that it can be written first.
bool AppendBytesOfBase64(absl::string_view text, AppendBuffer* out) {
  // Padding is there in full or not at all.
  if (text.size() % 4 == 0 && absl::EndsWith(text, "=")) {
    text.remove_suffix(absl::EndsWith(text, "==") ? 2 : 1);
  }
  if (text.size() % 4 == 1) return false;
  const size_t size = text.size() / 4 * 3 + text.size() % 4 * 3 / 4;
  AppendVarint(size, out);
  char* to = out->Reserve(size);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const uint8_t digit = kBase64.value[static_cast<uint8_t>(c)];
    if (digit == 64) return false;
    bits = bits << 6 | digit;
    count += 6;
    if (count >= 8) {
      count -= 8;
      *to++ = static_cast<char>(bits >> count);
    }
  }
  out->Advance(to);
  // Bits left over are zero (RFC 4648, 3.5): one text for one value.
  return (bits & ((1u << count) - 1)) == 0;
}

bool AppendTextMessage(MessageKind kind, absl::string_view text,
                       AppendBuffer* out) {
  if (kind == MessageKind::kFieldMask) return ParseFieldMask(text, out);
  SecondsNanos time;
  if (kind == MessageKind::kTimestamp ? !ParseTimestamp(text, &time)
                                      : !ParseDuration(text, &time)) {
    return false;
  }
  // Timestamp and Duration have the same fields: 1 seconds, 2 nanos.
  if (time.seconds != 0) {
    out->Append('\x08');
    AppendVarint(time.seconds, out);
  }
  if (time.nanos != 0) {
    out->Append('\x10');
    AppendVarint(int64_t{time.nanos}, out);
  }
  return true;
}

bool HasTextForm(const FieldSchema& field) {
  if (field.cardinality == Cardinality::kMap) return false;
  return field.kind != FieldKind::kMessage ||
         field.message->kind == MessageKind::kWrapper ||
         IsTextKind(field.message->kind);
}

absl::Status ParseScalar(const FieldSchema& field, absl::string_view text,
                         std::string* wire) {
  if (!HasTextForm(field)) {
    return Error(Reason::URL_INVALID, "an object cannot be given here");
  }
  AppendBuffer out(text.size());
  // One element of a packed list is a record of its own: its tag is that of the
  // value, not that of the list.
  AppendVarint(field.number << 3 | static_cast<uint32_t>(field.wire_type),
               &out);
  if (!AppendText(field, text, &out)) {
    return Error(Reason::URL_INVALID,
                 absl::StrCat("expected ", Expectation(field)));
  }
  wire->append(out.view().data(), out.size());
  return absl::OkStatus();
}

}  // namespace praxis::gateway
