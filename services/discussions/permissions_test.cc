// Who may call what: every RPC of the service, by role and visibility.
#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "gtest/gtest.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"
#include "services/discussions/testing/discussions.h"

namespace praxis::discussions {
namespace {

using ::google::protobuf::Message;
using ::praxis::testing::FailsWith;
using ::praxis::testing::StatusOf;

enum State { kPublic, kPrivate, kHidden, kAbsent };
constexpr std::array kCommunities = {"public", "private", "hidden", "absent"};

// The columns of the matrix. All but the first two belong to each community
// that is there; "author" is a member who wrote what the call is about.
constexpr std::array kCallers = {"",       "stranger",  "observer", "member",
                                 "author", "moderator", "owner"};

// What a cell stands for.
Reason ReasonOf(char cell) {
  switch (cell) {
    case '.':
      return Reason::REASON_UNSPECIFIED;
    case 'T':
      return Reason::TOKEN_MISSING;
    case 'R':
      return Reason::ROLE_INSUFFICIENT;
    case 'N':
      return Reason::RESOURCE_NOT_FOUND;
    case 'A':
      return Reason::NOT_AUTHOR;
  }
  ADD_FAILURE() << "no such cell: " << cell;
  return Reason::INTERNAL;
}

struct Line {
  const char* method;
  State state;
  // One cell a caller: anyone, stranger, observer, member, author, moderator,
  // owner.
  const char* cells;
};

constexpr Line kMatrix[] = {
    {"CreateThread", kPublic, "TRR...."},
    {"CreateThread", kPrivate, "TRR...."},
    {"CreateThread", kHidden, "TNR...."},
    {"CreateThread", kAbsent, "TNNNNNN"},

    {"GetThread", kPublic, "......."},
    {"GetThread", kPrivate, "TR....."},
    {"GetThread", kHidden, "NN....."},
    {"GetThread", kAbsent, "NNNNNNN"},

    {"ListThreads", kPublic, "......."},
    {"ListThreads", kPrivate, "TR....."},
    {"ListThreads", kHidden, "NN....."},
    {"ListThreads", kAbsent, "NNNNNNN"},

    {"SearchThreads", kPublic, "......."},
    {"SearchThreads", kPrivate, "TR....."},
    {"SearchThreads", kHidden, "NN....."},
    {"SearchThreads", kAbsent, "NNNNNNN"},

    {"ResolveThread", kPublic, "TRRA..."},
    {"ResolveThread", kPrivate, "TRRA..."},
    {"ResolveThread", kHidden, "TNRA..."},
    {"ResolveThread", kAbsent, "TNNNNNN"},

    {"CreatePost", kPublic, "TRR...."},
    {"CreatePost", kPrivate, "TRR...."},
    {"CreatePost", kHidden, "TNR...."},
    {"CreatePost", kAbsent, "TNNNNNN"},

    {"GetPost", kPublic, "......."},
    {"GetPost", kPrivate, "TR....."},
    {"GetPost", kHidden, "NN....."},
    {"GetPost", kAbsent, "NNNNNNN"},

    {"ListPosts", kPublic, "......."},
    {"ListPosts", kPrivate, "TR....."},
    {"ListPosts", kHidden, "NN....."},
    {"ListPosts", kAbsent, "NNNNNNN"},

    {"UpdatePost", kPublic, "TRRA.AA"},
    {"UpdatePost", kPrivate, "TRRA.AA"},
    {"UpdatePost", kHidden, "TNRA.AA"},
    {"UpdatePost", kAbsent, "TNNNNNN"},

    {"WatchEvents", kPublic, "......."},
    {"WatchEvents", kPrivate, "TR....."},
    {"WatchEvents", kHidden, "NN....."},
    {"WatchEvents", kAbsent, "NNNNNNN"},
};

class PermissionsTest : public ::testing::Test {
 protected:
  PermissionsTest() {
    server_.Found("public", events::v1::PUBLIC);
    server_.Found("private", events::v1::PRIVATE);
    server_.Found("hidden", events::v1::HIDDEN);
    for (const char* community : {"public", "private", "hidden"}) {
      server_.Join(community, "observer", events::v1::OBSERVER);
      server_.Join(community, "member", events::v1::MEMBER);
      server_.Join(community, "author", events::v1::MEMBER);
      server_.Join(community, "moderator", events::v1::MODERATOR);
      server_.Join(community, "owner", events::v1::OWNER);
    }
  }

  // A new thread of the author's with a post, and the method's request about
  // it. In the community that is absent, only their names are made up.
  std::unique_ptr<Message> RequestOf(const std::string& method, State state) {
    const char* community = kCommunities[state];
    std::string thread = absl::StrCat("communities/", community, "/threads/1");
    std::string post = absl::StrCat(thread, "/posts/1");
    if (state != kAbsent) {
      thread = server_
                   .CreateThread("author",
                                 testing::ThreadIn(community, "A question"))
                   .name();
      post =
          server_.CreatePost("author", testing::PostIn(thread, "body")).name();
    }
    return Request(method, community, thread, post);
  }

  static std::unique_ptr<Message> Request(const std::string& method,
                                          const std::string& community,
                                          const std::string& thread,
                                          const std::string& post) {
    const auto own = [](auto request) -> std::unique_ptr<Message> {
      return std::make_unique<decltype(request)>(std::move(request));
    };
    const auto with_name = [&](auto request, const std::string& name) {
      request.set_name(name);
      return own(request);
    };
    const std::string parent = absl::StrCat("communities/", community);
    if (method == "CreateThread") {
      return own(testing::ThreadIn(community, "Another question"));
    }
    if (method == "GetThread") return with_name(v1::GetThreadRequest(), thread);
    if (method == "ListThreads") {
      v1::ListThreadsRequest request;
      request.set_parent(parent);
      return own(request);
    }
    if (method == "SearchThreads") {
      v1::SearchThreadsRequest request;
      request.set_parent(parent);
      request.set_query("question");
      return own(request);
    }
    if (method == "ResolveThread") {
      v1::ResolveThreadRequest request;
      *request.mutable_outcome() = testing::OutcomeFor(v1::PROBLEM_SOLVING);
      return with_name(request, thread);
    }
    if (method == "CreatePost") return own(testing::PostIn(thread, "body"));
    if (method == "GetPost") return with_name(v1::GetPostRequest(), post);
    if (method == "ListPosts") {
      v1::ListPostsRequest request;
      request.set_parent(thread);
      return own(request);
    }
    if (method == "UpdatePost") {
      v1::UpdatePostRequest request;
      request.mutable_post()->set_name(post);
      request.mutable_post()->set_body("edited");
      return own(request);
    }
    if (method == "WatchEvents") {
      v1::WatchEventsRequest request;
      request.set_parent(parent);
      return own(request);
    }
    ADD_FAILURE() << "no request of " << method;
    return nullptr;
  }

  absl::Status Call(const char* caller, const Message& request) {
    const auto* watch = dynamic_cast<const v1::WatchEventsRequest*>(&request);
    if (watch != nullptr) return Watch(caller, *watch);
    return StatusOf(server_.Call<google::protobuf::Empty>(caller, request));
  }

  // How its first message is answered.
  absl::Status Watch(const char* caller,
                     const v1::WatchEventsRequest& request) {
    const auto stream = server_.Watch(caller, request);
    absl::Status status;
    absl::Notification done;
    stream->Pull([&](rpc::StreamCall::Piece piece) {
      status = std::move(piece.status);
      done.Notify();
    });
    done.WaitForNotification();
    return status;
  }

  testing::Discussions server_;
};

TEST_F(PermissionsTest, AreWhatTheMatrixSays) {
  for (const Line& line : kMatrix) {
    for (size_t i = 0; i < kCallers.size(); ++i) {
      const auto request = RequestOf(line.method, line.state);
      ASSERT_NE(request, nullptr);
      const size_t before = server_.Events().size();
      const Reason expected = ReasonOf(line.cells[i]);
      EXPECT_THAT(Call(kCallers[i], *request), FailsWith(expected))
          << line.method << " in " << kCommunities[line.state] << " by \""
          << kCallers[i] << "\"";
      // What is refused has done nothing.
      if (expected != Reason::REASON_UNSPECIFIED) {
        EXPECT_EQ(server_.Events().size(), before) << line.method;
      }
    }
  }
}

TEST_F(PermissionsTest, AreLaidDownForEveryMethod) {
  std::map<std::string, int> lines;
  for (const Line& line : kMatrix) ++lines[line.method];
  for (const auto* service : server_.server().pipeline().methods().Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      EXPECT_EQ(lines[service->method(i)->name()], 4)
          << service->method(i)->full_name();
    }
  }
}

TEST_F(PermissionsTest, AnswerAlikeWhatIsHiddenAndWhatIsNot) {
  for (const Line& line : kMatrix) {
    if (line.state != kHidden) continue;
    // The same words for a thread that is there, one that is not, and a
    // community that is not.
    const auto there = RequestOf(line.method, kHidden);
    const auto nothing =
        Request(line.method, "hidden", "communities/hidden/threads/1",
                "communities/hidden/threads/1/posts/1");
    const auto absent = RequestOf(line.method, kAbsent);
    for (const char* caller : {"", "stranger"}) {
      const absl::Status status = Call(caller, *there);
      EXPECT_FALSE(status.ok());
      EXPECT_EQ(status, Call(caller, *nothing)) << line.method;
      EXPECT_EQ(status, Call(caller, *absent)) << line.method;
    }
  }
}

}  // namespace
}  // namespace praxis::discussions
