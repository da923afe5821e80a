#include "gateway/transcode/testing/hostile_input.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gateway/transcode/testing/kinds.pb.h"

namespace praxis::gateway::testing {
namespace {

// `piece` again and again, with commas between.
std::string Repeated(absl::string_view piece, size_t size,
                     absl::string_view separator = ",") {
  std::string text(piece);
  while (text.size() < size) absl::StrAppend(&text, separator, piece);
  return text;
}

std::string Deep(absl::string_view open, absl::string_view close, int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) absl::StrAppend(&text, open);
  for (int i = 0; i < depth; ++i) absl::StrAppend(&text, close);
  return text;
}

// Objects with keys that are all different.
std::string Keys(size_t size) {
  std::string text = "\"0\":\"\"";
  for (int i = 1; text.size() < size; ++i) {
    absl::StrAppend(&text, ",\"", i, "\":\"\"");
  }
  return text;
}

// The records of many nodes, which a parser merges into one: each is out of
// order, and so is what lies in it.
std::string Unordered(size_t size) {
  Everything late;
  late.mutable_node()->set_weight(1);
  Everything early;
  early.mutable_node()->mutable_left()->set_name("x");
  return Repeated(late.SerializeAsString() + early.SerializeAsString(), size,
                  "");
}

// One key of a map, many times.
std::string SameKey(size_t size) {
  Everything one;
  (*one.mutable_maps()->mutable_strings())["k"] = "v";
  return Repeated(one.SerializeAsString(), size, "");
}

std::string Named(const std::string& name) {
  Everything one;
  one.mutable_node()->set_name(name);
  return one.SerializeAsString();
}

}  // namespace

std::vector<HostileInput> HostileInputs(size_t size) {
  const std::string any =
      R"({"left":{"name":"x"},"@type":"x/praxis.gateway.testing.Node"})";
  return {
      {"read_deep_lists", true,
       absl::StrCat(R"({"wellKnown":{"list":[)",
                    Repeated(Deep("[", "]", 40), size), "]}}")},
      {"read_escapes", true,
       absl::StrCat(R"({"assigned":")", Repeated(R"(\u00e9\n)", size, ""),
                    "\"}")},
      {"read_long_number", true,
       absl::StrCat(R"({"scalars":{"aDouble":0.)", std::string(size, '1'),
                    "}}")},
      {"read_anys", true,
       absl::StrCat(R"({"wellKnown":{"anys":[)", Repeated(any, size), "]}}")},
      {"read_keys", true,
       absl::StrCat(R"({"maps":{"strings":{)", Keys(size), "}}}")},
      {"read_spaces", true, absl::StrCat("{", std::string(size, ' '), "}")},
      {"write_unordered", false, Unordered(size)},
      {"write_same_key", false, SameKey(size)},
      {"write_escapes", false, Named(std::string(size, '\x01'))},
      {"write_characters", false, Named(Repeated("\xc3\xa9<", size, ""))},
  };
}

}  // namespace praxis::gateway::testing
