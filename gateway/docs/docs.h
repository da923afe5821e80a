// The API reference for people, at /docs/.
#ifndef GATEWAY_DOCS_DOCS_H_
#define GATEWAY_DOCS_DOCS_H_

#include "gateway/ops/pages.h"

namespace praxis::gateway {

// Adds the page and its files. It shows /openapi.json and calls the API from
// the browser, with a token that whoever reads it types in; it keeps none.
void AddDocs(Pages* pages);

}  // namespace praxis::gateway

#endif  // GATEWAY_DOCS_DOCS_H_
