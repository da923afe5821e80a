// What fields take, said in error messages.
#ifndef GATEWAY_TRANSCODE_EXPECTATION_H_
#define GATEWAY_TRANSCODE_EXPECTATION_H_

#include <string>

#include "gateway/transcode/message_schema.h"

namespace praxis::gateway {

// What JSON or text a value of the field is, to stand behind "expected": "an
// integer from 0 to 4294967295". Of an enum the first names.
std::string Expectation(const FieldSchema& field);
std::string Expectation(const MessageSchema& schema);

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_EXPECTATION_H_
