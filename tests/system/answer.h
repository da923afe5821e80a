// Answer: what a call came to, whatever the transport.
#ifndef TESTS_SYSTEM_ANSWER_H_
#define TESTS_SYSTEM_ANSWER_H_

#include <ostream>
#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/message.h"
#include "google/rpc/code.pb.h"
#include "tests/system/http_client.h"

namespace praxis::system {

// The outcome of one RPC: a message, or why there is none.
struct Answer {
  // google.rpc.Code; UNKNOWN when the transport itself failed.
  google::rpc::Code code = google::rpc::UNKNOWN;
  // Of the ErrorInfo, whose domain is "praxis"; empty without one.
  std::string reason;
  // The sentence for people.
  std::string message;
  // Over HTTP; 0 over gRPC.
  int http_status = 0;
  // The response in wire form, of a download the bytes themselves.
  std::string bytes;

  bool ok() const { return code == google::rpc::OK; }
};

std::ostream& operator<<(std::ostream& out, const Answer& answer);

// Reads an HTTP answer: JSON of `response`, which it fills too, or an error in
// the form of AIP-193. An error of another form is a failure of the test; no
// answer, or part of one, is UNKNOWN.
Answer AnswerOf(const HttpResponse& http, google::protobuf::Message* response);
// Of a download.
Answer AnswerOfBody(const HttpResponse& http);

// EXPECT_THAT(answer, Refused(NOT_FOUND, "RESOURCE_NOT_FOUND"));
MATCHER_P2(Refused, code, reason, "is refused with " + std::string(reason)) {
  return arg.code == code && arg.reason == reason;
}
MATCHER(Answered, "is answered") { return arg.ok(); }

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_ANSWER_H_
