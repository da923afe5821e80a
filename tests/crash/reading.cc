#include "tests/crash/reading.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/system/documents.h"
#include "tests/system/waiting.h"

namespace praxis::crash {
namespace {

using discussions::v1::Post;
using discussions::v1::Thread;
using resources::v1::Resource;
using system::Caller;
using system::In;
using system::Of;
using system::Transport;

constexpr int kPage = 200;
constexpr absl::Duration kFollow = absl::Seconds(5);

// Calls `each` with every page of a list.
template <typename Request, typename Response>
void EachPage(Caller& caller, const std::string& parent,
              const std::function<void(const Response&)>& each) {
  auto request = In<Request>(parent);
  request.set_page_size(kPage);
  for (;;) {
    const auto page = caller.Call<Response>(request);
    if (::testing::Test::HasFailure()) return;
    each(page);
    if (page.next_page_token().empty()) return;
    request.set_page_token(page.next_page_token());
  }
}

Item ItemOf(const Thread& thread) {
  return {.name = thread.name(),
          .marker = MarkerIn(thread.body()),
          .version = VersionOf(thread.etag()),
          .post_count = thread.post_count()};
}

Item ItemOf(const Post& post) {
  return {.name = post.name(),
          .marker = MarkerIn(post.body()),
          .version = VersionOf(post.etag())};
}

Item ItemOf(const Resource& resource) {
  return {.name = resource.name(),
          .marker = resource.has_content() ? resource.content().sha256()
                                           : MarkerIn(resource.title()),
          .version = VersionOf(resource.etag())};
}

// What the data of an event says, if it is an object with a marker.
template <typename Message>
bool NoteData(const events::v1::Event& event, Entry* entry) {
  Message message;
  if (!event.data().UnpackTo(&message)) return false;
  const Item item = ItemOf(message);
  entry->marker = item.marker;
  entry->version = item.version;
  return true;
}

Entry EntryOf(const events::v1::Event& event) {
  Entry entry = {
      .number = event.number(), .type = event.type(), .name = event.name()};
  NoteData<Thread>(event, &entry) || NoteData<Post>(event, &entry) ||
      NoteData<Resource>(event, &entry);
  return entry;
}

// Reads with the founder's eyes, who may see everything.
class Reading {
 public:
  Reading(const system::Suite& suite, Stage& stage)
      : suite_(suite),
        stage_(stage),
        founder_(suite, Transport::kGrpc, stage.founder_token()) {}

  Record Take(const History& history, size_t searches) {
    for (const char* source : system::kSources) {
      for (const auto& event : EventsOf(suite_, source)) {
        record_.events[source].push_back(EntryOf(event));
      }
    }
    for (const std::string& community : stage_.all_communities()) {
      ReadCommunity(community);
    }
    ReadReaders();
    Search(history, searches);
    return std::move(record_);
  }

 private:
  void ReadCommunity(const std::string& community) {
    using discussions::v1::ListThreadsRequest;
    using discussions::v1::ListThreadsResponse;
    EachPage<ListThreadsRequest, ListThreadsResponse>(
        founder_, community, [&](const ListThreadsResponse& page) {
          for (const Thread& thread : page.threads()) {
            record_.items.push_back(ItemOf(thread));
            ReadPosts(thread.name());
          }
        });
    using resources::v1::ListResourcesRequest;
    using resources::v1::ListResourcesResponse;
    EachPage<ListResourcesRequest, ListResourcesResponse>(
        founder_, community, [&](const ListResourcesResponse& page) {
          for (const Resource& resource : page.resources()) {
            record_.items.push_back(ItemOf(resource));
            if (resource.has_content()) ReadBlob(resource);
          }
        });
    using members::v1::ListMembershipsRequest;
    using members::v1::ListMembershipsResponse;
    EachPage<ListMembershipsRequest, ListMembershipsResponse>(
        founder_, community, [&](const ListMembershipsResponse& page) {
          for (const auto& membership : page.memberships()) {
            record_.memberships.insert(membership.name());
          }
        });
  }

  void ReadPosts(const std::string& thread) {
    using discussions::v1::ListPostsRequest;
    using discussions::v1::ListPostsResponse;
    EachPage<ListPostsRequest, ListPostsResponse>(
        founder_, thread, [&](const ListPostsResponse& page) {
          for (const Post& post : page.posts()) {
            record_.items.push_back(ItemOf(post));
          }
        });
  }

  void ReadBlob(const Resource& resource) {
    const system::Answer answer = founder_.Download(resource.name());
    EXPECT_THAT(answer, system::Answered()) << resource.name();
    record_.blobs[resource.name()] = system::Sha256Hex(answer.bytes);
  }

  // Who takes part is known at members at once, elsewhere soon.
  void ReadReaders() {
    for (size_t i = 0; i < stage_.author_count(); ++i) {
      const Author& author = stage_.author(i);
      const std::string membership = author.MembershipIn(author.club());
      const bool inside = record_.memberships.count(membership) > 0;
      Caller caller(suite_, Transport::kGrpc, author.token());
      const ClubThread& thread = stage_.club_thread(i);
      const auto note = [&](const std::string& how,
                            const std::function<bool()>& reads) {
        system::Eventually([&] { return reads() == inside; }, kFollow);
        record_.readers[how][membership] = reads();
      };
      note("discussions", [&] {
        return caller.Try(Of<discussions::v1::GetThreadRequest>(thread.name))
            .ok();
      });
      note("search over all",
           [&] { return !Found(caller, thread.marker).empty(); });
      note("resources", [&] {
        return caller
            .Try(In<resources::v1::ListResourcesRequest>(author.club()))
            .ok();
      });
    }
  }

  void Search(const History& history, size_t searches) {
    std::vector<std::string> markers;
    for (const Change& change : history) {
      if (absl::StartsWith(change.type, "thread.") ||
          absl::StartsWith(change.type, "post.")) {
        markers.push_back(change.marker);
      }
    }
    const size_t step = std::max<size_t>(1, markers.size() / searches);
    for (size_t i = 0; i < markers.size(); i += step) {
      record_.found[markers[i]] = Found(founder_, markers[i]);
    }
  }

  static std::vector<std::string> Found(Caller& caller,
                                        const std::string& marker) {
    auto request = In<discussions::v1::SearchThreadsRequest>("communities/-");
    request.set_query(marker);
    const system::Answer answer = caller.Try(request);
    EXPECT_THAT(answer, system::Answered());
    discussions::v1::SearchThreadsResponse response;
    response.ParseFromString(answer.bytes);
    std::vector<std::string> names;
    for (const auto& hit : response.hits()) {
      names.push_back(hit.post().empty() ? hit.thread().name() : hit.post());
    }
    return names;
  }

  const system::Suite& suite_;
  Stage& stage_;
  Caller founder_;
  Record record_;
};

}  // namespace

Record ReadRecord(const system::Suite& suite, Stage& stage,
                  const History& history, size_t searches) {
  return Reading(suite, stage).Take(history, searches);
}

}  // namespace praxis::crash
