#include "tests/crash/writer.h"

#include <poll.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/system/documents.h"

namespace praxis::crash {
namespace {

using system::In;
using system::Of;
using system::Transport;

// How long a change is tried before the test is stuck.
constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr int kPauseMs = 10;
// Of those without an answer.
constexpr int kGivenUpOneIn = 6;

// Nobody can tell from it whether the change is there.
bool IsUnanswered(const system::Answer& answer) {
  switch (answer.code) {
    case google::rpc::UNKNOWN:
    case google::rpc::UNAVAILABLE:
    case google::rpc::DEADLINE_EXCEEDED:
    case google::rpc::RESOURCE_EXHAUSTED:
    case google::rpc::CANCELLED:
      return true;
    default:
      return false;
  }
}

// Who has left has no role any more by which to ask whether they have left.
bool HasLeftBefore(const Change& change, const system::Answer& answer) {
  return change.type == "membership.deleted" && change.repeats > 0 &&
         answer.reason == "ROLE_INSUFFICIENT";
}

// The fields `name` and `etag` of whatever was answered.
template <typename Message>
void NoteObject(const std::string& bytes, Change* change) {
  Message message;
  if (!message.ParseFromString(bytes)) return;
  change->name = message.name();
  change->version = VersionOf(message.etag());
}

void NoteAnswer(const std::string& bytes, Change* change) {
  if (change->type == "thread.created") {
    NoteObject<discussions::v1::Thread>(bytes, change);
  } else if (change->type == "post.created" || change->type == "post.updated") {
    NoteObject<discussions::v1::Post>(bytes, change);
  } else if (change->type == "resource.created" ||
             change->type == "resource.uploaded") {
    NoteObject<resources::v1::Resource>(bytes, change);
  }
}

}  // namespace

Writer::Writer(const system::Suite& suite, Stage& stage, Work& work, int index,
               uint64_t seed)
    : stage_(stage),
      work_(work),
      index_(index),
      author_(stage.author(index / 2)),
      random_(seed * 1000 + index),
      caller_(suite, Transport::kHttp, author_.token()) {}

void Writer::Run() {
  while (!work_.stop) {
    const size_t what = Choice() % 100;
    if (what < 20) {
      Open();
    } else if (what < 60) {
      Answer();
    } else if (what < 90 || index_ % 2 != 0) {
      Edit();
    } else {
      ComeOrGo();
    }
  }
}

void Writer::RunUploads() {
  std::vector<std::string> files;
  while (!work_.stop) {
    if (files.size() < 40 || OneIn(2)) {
      const std::string marker = NewMarker();
      auto request = In<resources::v1::CreateResourceRequest>(
          stage_.communities()[Choice() % stage_.communities().size()]);
      request.mutable_resource()->set_title(absl::StrCat("Plan ", marker));
      request.mutable_resource()->set_kind(resources::v1::FILE);
      request.set_request_id(NewRequestId());
      const system::Answer answer =
          Carry({.type = "resource.created", .marker = marker}, request);
      resources::v1::Resource resource;
      if (answer.ok() && resource.ParseFromString(answer.bytes)) {
        files.push_back(resource.name());
      }
    }
    if (!files.empty()) UploadTo(files[Choice() % files.size()]);
  }
}

void Writer::UploadTo(const std::string& resource) {
  const size_t size = OneIn(10) ? 1 << 20 : 1 + Choice() % 50'000;
  const system::FileToSend file = {
      .filename = "plan.bin",
      .content_type = "application/octet-stream",
      .bytes = system::ByteStream(Choice()).Take(size)};
  Carry({.type = "resource.uploaded",
         .name = resource,
         .marker = system::Sha256Hex(file.bytes)},
        /*may_give_up=*/true, [&] { return caller_.Upload(resource, file); });
}

void Writer::Open() {
  const std::string marker = NewMarker();
  auto request = In<discussions::v1::CreateThreadRequest>(
      stage_.communities()[Choice() % stage_.communities().size()]);
  request.mutable_thread()->set_kind(discussions::v1::INFORMATION_REQUEST);
  request.mutable_thread()->set_title("Where is it?");
  request.mutable_thread()->set_body(absl::StrCat("Looking for ", marker));
  request.set_request_id(NewRequestId());
  const system::Answer answer =
      Carry({.type = "thread.created", .marker = marker}, request);
  discussions::v1::Thread thread;
  if (answer.ok() && thread.ParseFromString(answer.bytes)) {
    stage_.KeepThread(thread.name());
  }
}

void Writer::Answer() {
  const std::string thread = stage_.ChooseThread(Choice());
  if (thread.empty()) return Open();
  const std::string marker = NewMarker();
  auto request = In<discussions::v1::CreatePostRequest>(thread);
  request.mutable_post()->set_body(absl::StrCat("Here is ", marker));
  request.set_request_id(NewRequestId());
  const system::Answer answer =
      Carry({.type = "post.created", .marker = marker}, request);
  discussions::v1::Post post;
  if (answer.ok() && post.ParseFromString(answer.bytes)) {
    author_.Keep({post.name(), post.etag()});
  }
}

void Writer::Edit() {
  const KnownPost known = author_.Choose(Choice());
  if (known.name.empty()) return Answer();
  const std::string marker = NewMarker();
  discussions::v1::UpdatePostRequest request;
  request.mutable_post()->set_name(known.name);
  request.mutable_post()->set_etag(known.etag);
  request.mutable_post()->set_body(absl::StrCat("It was ", marker));
  request.mutable_update_mask()->add_paths("body");
  request.set_request_id(NewRequestId());
  const system::Answer answer = Carry(
      {.type = "post.updated", .name = known.name, .marker = marker}, request);
  discussions::v1::Post post;
  if (answer.ok() && post.ParseFromString(answer.bytes)) {
    author_.Keep({post.name(), post.etag()});
  } else {
    RefreshPost(known.name);
  }
}

// Somebody else was faster, or nobody knows.
void Writer::RefreshPost(const std::string& name) {
  const system::Answer answer =
      caller_.Try(Of<discussions::v1::GetPostRequest>(name));
  discussions::v1::Post post;
  if (answer.ok() && post.ParseFromString(answer.bytes)) {
    author_.Keep({post.name(), post.etag()});
  }
}

// Never given up: whoever does not know whether they are in cannot tell what
// the next call has to say.
void Writer::ComeOrGo() {
  Change change = {.name = author_.MembershipIn(author_.club())};
  system::Answer answer;
  if (inside_) {
    change.type = "membership.deleted";
    auto request = Of<members::v1::DeleteMembershipRequest>(
        absl::StrCat(author_.club(), "/memberships/me"));
    request.set_request_id(NewRequestId());
    answer = Carry(change, request, /*may_give_up=*/false);
  } else {
    change.type = "membership.created";
    auto request = In<members::v1::CreateMembershipRequest>(author_.club());
    request.set_request_id(NewRequestId());
    answer = Carry(change, request, /*may_give_up=*/false);
  }
  if (answer.ok() || HasLeftBefore(history_.back(), answer)) {
    inside_ = !inside_;
  }
}

system::Answer Writer::Carry(Change change,
                             const google::protobuf::Message& request,
                             bool may_give_up) {
  return Carry(std::move(change), may_give_up,
               [&] { return caller_.Try(request); });
}

system::Answer Writer::Carry(Change change, bool may_give_up,
                             const Send& send) {
  change.sent = absl::Now();
  system::Answer answer;
  for (;; ++change.repeats) {
    answer = send();
    if (!IsUnanswered(answer)) break;
    if (may_give_up && OneIn(kGivenUpOneIn)) break;
    if (absl::Now() > change.sent + kPatience) break;
    poll(nullptr, 0, kPauseMs);
  }
  change.answered = absl::Now();
  if (answer.ok()) {
    change.outcome = Outcome::kAcked;
    NoteAnswer(answer.bytes, &change);
    ++work_.acked;
  } else if (!IsUnanswered(answer) && !HasLeftBefore(change, answer)) {
    change.outcome = Outcome::kRefused;
    change.reason = answer.reason;
  }
  history_.push_back(std::move(change));
  return answer;
}

std::string Writer::NewMarker() {
  return absl::StrCat("mk", index_, "x", ++sequence_);
}

std::string Writer::NewRequestId() {
  return absl::StrCat("r", index_, "-", ++sequence_);
}

}  // namespace praxis::crash
