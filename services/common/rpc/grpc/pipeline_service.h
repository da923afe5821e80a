// PipelineService: one service of a pipeline, as gRPC serves it.
#ifndef SERVICES_COMMON_RPC_GRPC_PIPELINE_SERVICE_H_
#define SERVICES_COMMON_RPC_GRPC_PIPELINE_SERVICE_H_

#include "google/protobuf/descriptor.h"
#include "services/common/rpc/grpc/open_streams.h"
#include "services/common/rpc/grpc/raw_service.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::rpc {

// Serves every method of one ServiceDescriptor.
class PipelineService : public RawService {
 public:
  // All outlive this. Every method has a handler (Methods::Check).
  PipelineService(Pipeline& pipeline,
                  const google::protobuf::ServiceDescriptor& descriptor,
                  OpenStreams& streams);
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_PIPELINE_SERVICE_H_
