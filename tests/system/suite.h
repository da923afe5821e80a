// Suite: the suite in one of its two shapes, running.
#ifndef TESTS_SYSTEM_SUITE_H_
#define TESTS_SYSTEM_SUITE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/system/process.h"

namespace praxis::system {

enum class Shape {
  // Everything in `praxis`.
  kOneProcess,
  // praxis-members, praxis-discussions, praxis-resources, praxis-gateway.
  kFourProcesses
};

// Starts the programs with data in a folder of its own, on free ports of
// 127.0.0.1. A program keeps its port when it is started again. The folder goes
// away with the suite. What fails to start is a failure of the test.
class Suite {
 public:
  struct Options {
    absl::Duration drain_grace = absl::ZeroDuration();
    // Log every request, not only those that failed by our fault.
    bool log_requests = false;
    // Serve /metrics of the three services too, where they are processes.
    bool service_metrics = false;
    // Processes of each of the three services, where they are processes; then
    // `flags` must give them a database that they can share.
    int replicas = 1;
    // Calls of one person in a second; 0: any number, since a test may be
    // quick.
    int caller_rate = 0;
    // The same of one address.
    int address_rate = 0;
    // More flags for what runs a service: "members" ..., or "praxis".
    std::function<std::vector<std::string>(const std::string& service)> flags;
    // More flags for what serves HTTP.
    std::vector<std::string> http_flags;
    // More flags for what runs the gateway.
    std::vector<std::string> gateway_flags;
  };

  explicit Suite(Shape shape) : Suite(shape, Options()) {}
  Suite(Shape shape, const Options& options);
  ~Suite();

  Shape shape() const { return shape_; }

  // Starts what does not run and waits until all of it is ready.
  void Start();
  // Starts what does not run, which must have run before, and waits for
  // nothing.
  void Launch();
  // SIGKILL to every process, all at once.
  void KillAll();

  // In the order in which they are started: the gateway last.
  std::vector<Process*> processes() const;
  // The process that serves "members", "discussions", "resources" or the
  // "gateway": in the one-process shape always the same. The second replica of
  // "members" is "members-2".
  Process& process(absl::string_view part) const;

  int http_port() const { return http_port_; }
  // Where a service, "praxis.members.v1.MemberService", serves gRPC. The
  // EventService of a source is where that source, "services/members", is.
  std::string GrpcAddressOf(absl::string_view service_or_source) const;
  // Where a process serves gRPC, by its name.
  std::string GrpcAddressOfPart(absl::string_view part) const;
  // Every address that serves gRPC.
  std::vector<std::string> grpc_addresses() const;
  // Where /metrics of every process is: the gateway's first.
  std::vector<int> metrics_ports() const;
  // Of one process by its name; 0 when it serves none.
  int metrics_port(absl::string_view part) const;

  const std::string& folder() const { return folder_; }
  // A file of the secrets, as the operator of the machine can read it, without
  // the end of its last line.
  std::string Secret(absl::string_view file) const;
  // What every process has logged since it was started, for a failed test.
  std::string Logs() const;

 private:
  struct Part;

  void Add(const std::string& service, int replica);
  void AwaitServing(Part& part);
  std::string AddressesOf(absl::string_view service) const;
  std::vector<std::string> FlagsOf(const Part& part) const;
  const Part& PartOf(absl::string_view name) const;
  void AwaitReady() const;

  const Shape shape_;
  const Options options_;
  std::string folder_;
  std::vector<std::unique_ptr<Part>> parts_;
  int http_port_ = 0;
};

// The name of a shape, for the names of tests.
std::string ShapeName(Shape shape);

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_SUITE_H_
