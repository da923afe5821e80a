// What operations have in common: parameters, headers and error answers.
#ifndef GATEWAY_OPS_OPENAPI_SHARED_PARTS_H_
#define GATEWAY_OPS_OPENAPI_SHARED_PARTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gateway/ops/openapi/contract.h"
#include "gateway/ops/openapi/object.h"
#include "praxis/errors/v1/reasons.pb.h"

namespace praxis::gateway {

// An object with this description.
Object Described(absl::string_view description);

// {type: {schema}}, the content of a body.
Object Content(const std::string& type, Object schema);

// The parts of #/components but for the schemas of messages. What is referred
// to is described once and only then, so that no part is left unused.
class SharedParts {
 public:
  explicit SharedParts(const Contract& contract);

  // A reference to the parameter of this name, a header or "fields".
  Object Parameter(const std::string& name);

  // An answer's "headers": references to those of these names, and
  // X-Request-Id.
  Object Headers(const std::vector<std::string>& names);

  // References to the answer with an error of one HTTP status, and to that for
  // all others.
  Object Error(int http_status);
  static Object OtherErrors();

  // Adds all that was referred to.
  void AddTo(Object* components) const;

 private:
  std::string ReasonsOf(int http_status, const std::string& mark = "") const;
  Object ErrorContent(int http_status) const;

  const Contract& contract_;
  // By the HTTP status that they are answered with.
  std::map<int, std::vector<errors::v1::Reason>> reasons_;
  Object parameters_;
  Object headers_;
  Object responses_;
  Object headers_of_others_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_OPENAPI_SHARED_PARTS_H_
