// People and what they make: the short cuts by which tests set a scene.
#ifndef TESTS_SYSTEM_WORLD_H_
#define TESTS_SYSTEM_WORLD_H_

#include <map>
#include <string>
#include <vector>

#include "praxis/discussions/v1/posts.pb.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "praxis/events/v1/events.pb.h"
#include "praxis/members/v1/communities.pb.h"
#include "praxis/members/v1/members.pb.h"
#include "praxis/members/v1/memberships.pb.h"
#include "praxis/members/v1/sessions.pb.h"
#include "praxis/resources/v1/resources.pb.h"
#include "tests/system/caller.h"
#include "tests/system/suite.h"

namespace praxis::system {

// The logs there are.
inline constexpr const char* kSources[] = {
    "services/members", "services/discussions", "services/resources"};

// `stem` with a number that no other name of this test program has: tests share
// running suites.
std::string Unique(const std::string& stem);

// Somebody with an account, signed in.
struct Person {
  // "members/..."
  std::string name;
  std::string handle;
  std::string password;
  std::string refresh_token;
  Caller caller;
};

// Registers somebody whose handle begins with `stem`.
Person Register(const Suite& suite, Transport transport,
                const std::string& stem);

// A request with its parent or name set.
template <typename Request>
Request In(const std::string& parent) {
  Request request;
  request.set_parent(parent);
  return request;
}
template <typename Request>
Request Of(const std::string& name) {
  Request request;
  request.set_name(name);
  return request;
}

// Founds a community that everybody who sees it may join. Answers its name.
std::string Found(Caller& founder, const std::string& stem,
                  events::v1::Visibility visibility,
                  members::v1::JoinPolicy policy = members::v1::OPEN);
void Join(Caller& caller, const std::string& community);
// Opens a PROBLEM_SOLVING thread.
discussions::v1::Thread Ask(Caller& caller, const std::string& community,
                            const std::string& title, const std::string& body);
discussions::v1::Post Reply(Caller& caller, const std::string& thread,
                            const std::string& body);
// Makes a resource of kind FILE, still without content.
resources::v1::Resource AddFile(Caller& caller, const std::string& community,
                                const std::string& title);

// A caller that is the service of a name, "services/discussions", by the shared
// credential that the operator of the machine can read.
Caller ServiceOf(const Suite& suite, const std::string& name);
// Every event of a source so far.
std::vector<events::v1::Event> EventsOf(const Suite& suite,
                                        const std::string& source);
// The number of the newest event of every source: what changes with any write.
std::map<std::string, int64_t> NewestEvents(const Suite& suite);

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_WORLD_H_
