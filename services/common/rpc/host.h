// Host: what a process lends the servers that live in it.
#ifndef SERVICES_COMMON_RPC_HOST_H_
#define SERVICES_COMMON_RPC_HOST_H_

namespace praxis::auth {
class TokenVerifier;
}  // namespace praxis::auth
namespace praxis::telemetry {
class AccessLog;
class Log;
class Registry;
class RpcMetrics;
}  // namespace praxis::telemetry

namespace praxis::rpc {

class Workers;

// Made by main, one a process; everything in it outlives the servers.
struct Host {
  Workers& workers;
  auth::TokenVerifier& tokens;
  telemetry::Registry& registry;
  telemetry::RpcMetrics& metrics;
  telemetry::Log& log;
  telemetry::AccessLog& requests;
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_HOST_H_
