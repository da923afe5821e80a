// Host: what a process lends the servers that live in it.
#ifndef SERVICES_COMMON_RPC_HOST_H_
#define SERVICES_COMMON_RPC_HOST_H_

#include "services/common/limits/limiter.h"

namespace praxis::auth {
class TokenVerifier;
}  // namespace praxis::auth
namespace praxis::telemetry {
class AccessLog;
class Log;
class Registry;
class RpcMetrics;
class Tracer;
}  // namespace praxis::telemetry

namespace praxis::rpc {

class Workers;

// How often one person may call; services of the suite as often as they like.
struct CallRates {
  // Null: nobody counts. Else outlives the servers.
  limits::Limiter* limiter = nullptr;
  // Whether it may have to ask another process.
  bool waits = false;
  // Zero per second: as often as they like.
  limits::Rate calls = {.per_second = 100, .burst = 1000};
  // Calls whose policy says that they are costly; they count as calls too.
  limits::Rate costly_calls = {.per_second = 10, .burst = 100};
  // Live streams that one person may have open at a server; 0: any number.
  int live_streams_max = 0;
};

// Made by main, one a process; everything in it outlives the servers.
struct Host {
  Workers& workers;
  auth::TokenVerifier& tokens;
  telemetry::Registry& registry;
  telemetry::RpcMetrics& metrics;
  telemetry::Log& log;
  telemetry::AccessLog& requests;
  CallRates rates = {};
  // Null: what callers record is passed on, and nothing recorded here.
  telemetry::Tracer* tracer = nullptr;
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_HOST_H_
