#include "gateway/docs/docs.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/docs/asset.h"

namespace praxis::gateway {
namespace {

constexpr absl::string_view kRoot = "/docs/";

}  // namespace

void AddDocs(Pages* pages) {
  for (const Asset& asset : DocsAssets()) {
    const auto serve = [served = std::make_shared<ServedAsset>(asset)](
                           const RequestHead& head,
                           const Pages::Answer& answer) {
      answer(served->Answer(head));
    };
    // The page itself is the folder.
    pages->Add(asset.name == "index.html" ? std::string(kRoot)
                                          : absl::StrCat(kRoot, asset.name),
               serve);
  }
  pages->Add("/docs", [](const RequestHead&, const Pages::Answer& answer) {
    Response response;
    response.status = 308;
    AddField("Location", kRoot, &response.fields);
    answer(std::move(response));
  });
}

}  // namespace praxis::gateway
