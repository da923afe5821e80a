#include "services/discussions/convert.h"

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "services/discussions/testing/discussions.h"

namespace praxis::discussions {
namespace {

using ::google::protobuf::util::MessageDifferencer;

TEST(Names, ComeBackAsTheyWentOut) {
  const PostKey key = {{"lean-six", "01k1"}, "01k2"};
  EXPECT_EQ(NameOf(key.thread), "communities/lean-six/threads/01k1");
  EXPECT_EQ(NameOf(key), "communities/lean-six/threads/01k1/posts/01k2");
  EXPECT_EQ(NameOf(ThreadKeyOf(NameOf(key.thread))), NameOf(key.thread));
  EXPECT_EQ(NameOf(PostKeyOf(NameOf(key))), NameOf(key));
}

TEST(ToProto, SaysAllThatIsKnownOfAThread) {
  Thread thread{.key = {"lean", "01k1"},
                .kind = ThreadKind::kVisit,
                .title = "A visit",
                .body = "Where to?",
                .author = "members/ada",
                .create_time = absl::FromUnixMicros(1'500'000),
                .update_time = absl::FromUnixMicros(2'000'001),
                .post_count = 3,
                .version = 7};
  const v1::Thread proto = ToProto(thread);
  EXPECT_EQ(proto.name(), "communities/lean/threads/01k1");
  EXPECT_EQ(proto.kind(), v1::VISIT);
  EXPECT_EQ(proto.title(), "A visit");
  EXPECT_EQ(proto.body(), "Where to?");
  EXPECT_EQ(proto.author(), "members/ada");
  EXPECT_EQ(proto.create_time().seconds(), 1);
  EXPECT_EQ(proto.create_time().nanos(), 500'000'000);
  EXPECT_EQ(proto.update_time().nanos(), 1'000);
  EXPECT_EQ(proto.post_count(), 3);
  EXPECT_NE(proto.etag(), "");
  EXPECT_FALSE(proto.has_outcome());
  EXPECT_FALSE(proto.has_resolve_time());
  EXPECT_EQ(proto.resolver(), "");

  ++thread.version;
  EXPECT_NE(ToProto(thread).etag(), proto.etag());
}

TEST(Outcomes, OfEveryKindComeBackAsTheyWentIn) {
  for (int kind = v1::ThreadKind_MIN + 1; kind <= v1::ThreadKind_MAX; ++kind) {
    const v1::Outcome outcome =
        testing::OutcomeFor(static_cast<v1::ThreadKind>(kind));
    const Outcome kept = FromProto(outcome);
    EXPECT_EQ(kept.closes, static_cast<ThreadKind>(kind));

    Thread thread;
    thread.kind = static_cast<ThreadKind>(kind);
    thread.resolution = Resolution{.outcome = kept.content,
                                   .resolver = "members/bob",
                                   .time = absl::FromUnixSeconds(5)};
    const v1::Thread proto = ToProto(thread);
    EXPECT_TRUE(MessageDifferencer::Equals(proto.outcome(), outcome));
    EXPECT_EQ(proto.resolver(), "members/bob");
    EXPECT_EQ(proto.resolve_time().seconds(), 5);
  }
}

TEST(Outcomes, ThatAreEmptyCloseNothing) {
  EXPECT_EQ(FromProto(v1::Outcome()).closes, std::nullopt);
}

// The names that refusals tell are those of the contract.
TEST(KindNames, AreThoseOfTheContract) {
  const auto* results = v1::Outcome::descriptor()->FindOneofByName("result");
  for (int kind = v1::ThreadKind_MIN + 1; kind <= v1::ThreadKind_MAX; ++kind) {
    EXPECT_EQ(std::string(KindName(static_cast<ThreadKind>(kind))),
              v1::ThreadKind_Name(kind));
    EXPECT_EQ(std::string(OutcomeName(static_cast<ThreadKind>(kind))),
              results->field(kind - 1)->name());
  }
}

TEST(ActorOf, ModeratesFromModeratorUpwards) {
  rpc::Call call;
  call.caller.name = "members/ada";
  for (const auto& [role, moderates] :
       {std::pair(events::v1::ROLE_UNSPECIFIED, false),
        std::pair(events::v1::OBSERVER, false),
        std::pair(events::v1::MEMBER, false),
        std::pair(events::v1::MODERATOR, true),
        std::pair(events::v1::OWNER, true)}) {
    call.standing.role = role;
    EXPECT_EQ(ActorOf(call).name, "members/ada");
    EXPECT_EQ(ActorOf(call).moderates, moderates) << role;
  }
}

}  // namespace
}  // namespace praxis::discussions
