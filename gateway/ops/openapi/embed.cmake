# Writes OUTPUT, code with the bytes of INPUT:
#   namespace praxis::gateway { absl::string_view ContractBytes(); }
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" text "${hex}")
# One literal of all bytes is longer than compilers like: 4096 bytes a line.
string(REPEAT "[^\"]" 64 some)
string(REGEX REPLACE "(${some})" "\\1\"\n\"" text "${text}")
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
file(WRITE ${OUTPUT} "// Generated. DO NOT EDIT.
#include \"gateway/ops/openapi/contract.h\"

namespace praxis::gateway {

absl::string_view ContractBytes() {
  static const char kBytes[] =
\"${text}\";
  return absl::string_view(kBytes, ${size});
}

}  // namespace praxis::gateway
")
