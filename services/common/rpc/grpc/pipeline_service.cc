#include "services/common/rpc/grpc/pipeline_service.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/common/rpc/grpc/client_stream.h"
#include "services/common/rpc/grpc/server_stream.h"
#include "services/common/rpc/grpc/unary.h"

namespace praxis::rpc {

PipelineService::PipelineService(
    Pipeline& pipeline, const google::protobuf::ServiceDescriptor& descriptor,
    OpenStreams& streams) {
  for (int i = 0; i < descriptor.method_count(); ++i) {
    const std::string path = absl::StrCat("/", descriptor.full_name(), "/",
                                          descriptor.method(i)->name());
    const Handler& handler = *pipeline.methods().Find(path);
    if (handler.server_stream != nullptr) {
      AddServerStream(path, [&](Context* context, const Buffer* request) {
        return ServerStreamReactor::Open(pipeline, handler, *context, *request,
                                         streams);
      });
    } else if (handler.client_stream != nullptr) {
      AddClientStream(path, [&](Context* context, Buffer* response) {
        return ClientStreamReactor::Open(pipeline, handler, *context, response,
                                         streams);
      });
    } else {
      AddUnary(
          path, [&](Context* context, const Buffer* request, Buffer* response) {
            return RunUnary(pipeline, handler, *context, *request, response);
          });
    }
  }
}

}  // namespace praxis::rpc
