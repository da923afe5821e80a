// HTTP/1.1 requests, heads and bodies: read the same whole as torn in pieces.
#include <algorithm>
#include <string>
#include <utility>

#include "gateway/http/framing.h"
#include "gateway/http/head.h"
#include "tests/fuzz/target.h"

namespace praxis::fuzz {
namespace {

using gateway::BodyFraming;
using gateway::Header;
using gateway::HeadReader;
using gateway::RequestHead;

// What is left of reading: an error, or how far it came and what it said.
struct Outcome {
  bool failed = false;
  size_t consumed = 0;
  std::string said;

  friend bool operator==(const Outcome& a, const Outcome& b) {
    // Where the error was seen depends on the pieces.
    return a.failed == b.failed &&
           (a.failed || (a.consumed == b.consumed && a.said == b.said));
  }
};

std::string Said(const RequestHead& head) {
  std::string said;
  for (const absl::string_view part : {head.method, head.path, head.query}) {
    said.append(part.data(), part.size());
    said.push_back('\n');
  }
  for (const absl::string_view value : head.values) {
    said.append(value.data(), value.size());
    said.push_back('\n');
  }
  return said;
}

void CheckHead(const RequestHead& head) {
  Expect(!head.method.empty(), "there is a method");
  Expect(head.path == "*" || head.path.substr(0, 1) == "/", "there is a path");
  Expect(!head.chunked || !head.content_length.has_value(),
         "a body is framed in one way");
  Expect(head.http_1_0 || head[Header::kHost].data() != nullptr,
         "there is a host");
}

// `piece` bytes more at a time.
Outcome ReadHead(absl::string_view bytes, size_t piece, RequestHead* head) {
  HeadReader reader({.bytes_max = 4096, .fields_max = 20});
  for (size_t end = std::min(piece, bytes.size());;
       end = std::min(end + piece, bytes.size())) {
    const absl::StatusOr<size_t> read = reader.Read(bytes.substr(0, end), head);
    if (!read.ok()) return {.failed = true};
    Expect(*read <= end, "no more is taken than there is");
    if (*read > 0) return {false, *read, Said(*head)};
    if (end == bytes.size()) return {};
  }
}

Outcome ReadBody(const RequestHead& head, absl::string_view bytes,
                 size_t piece) {
  BodyFraming framing(head);
  Outcome outcome;
  while (!framing.done() && outcome.consumed < bytes.size()) {
    const auto step = framing.Next(bytes.substr(outcome.consumed, piece));
    if (!step.ok()) return {.failed = true};
    Expect(step->consumed > 0 || framing.done(), "it goes on");
    outcome.consumed += step->consumed;
    outcome.said.append(step->data.data(), step->data.size());
  }
  if (framing.done()) outcome.said.push_back('.');
  return outcome;
}

void Run(Input input) {
  const size_t piece = 1 + input.Choose(64);
  const std::string bytes(input.rest());
  RequestHead head;
  const Outcome whole = ReadHead(bytes, bytes.size() + 1, &head);
  RequestHead torn;
  const Outcome pieces = ReadHead(bytes, piece, &torn);
  Expect(whole == pieces, "a head is the same in pieces");
  if (whole.failed || whole.consumed == 0) return;
  CheckHead(head);
  const absl::string_view body =
      absl::string_view(bytes).substr(whole.consumed);
  Expect(ReadBody(head, body, body.size() + 1) == ReadBody(head, body, piece),
         "a body is the same in pieces");
}

}  // namespace
}  // namespace praxis::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  praxis::fuzz::Run(praxis::fuzz::Input(data, size));
  return 0;
}
