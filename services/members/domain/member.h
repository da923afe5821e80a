// People: their profile, and the shape of what names them.
#ifndef SERVICES_MEMBERS_DOMAIN_MEMBER_H_
#define SERVICES_MEMBERS_DOMAIN_MEMBER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace praxis::members {

// A person with an account. The password is no part of it: nothing that reads
// or shows a profile can bring it along.
struct Member {
  std::string id;
  // Lower case, unique.
  std::string handle;
  std::string display_name;
  // As typed; unique by EmailKey(). Nobody but its owner reads it.
  std::string email;
  std::string organisation;
  std::string bio;
  std::vector<std::string> expertise;
  absl::Time create_time;
  absl::Time update_time;
  // 1, 2, 3 ...
  int64_t version = 1;
};

// What handles are unique by: the handle in lower case.
std::string HandleKey(absl::string_view handle);

// What emails are unique by: the address in lower case. RFC 5321 (2.4) lets a
// mailbox tell cases apart, but no provider in use does, and two people whose
// addresses differ in case only are the same person.
std::string EmailKey(absl::string_view email);

// Whether `handle` may name a person: 2 to 32 of [a-z0-9_-], the first a letter
// or digit.
bool IsHandle(absl::string_view handle);

// Whether `email` can be an address that mail reaches: RFC 5321's lengths (64
// bytes before the "@", 254 in all), a domain of at least two labels that are
// neither empty nor longer than 63 bytes nor begin or end with "-", nothing
// quoted, no space or control character. Bytes beyond ASCII are let through
// (RFC 6531). Only a message that is answered proves more.
bool IsEmail(absl::string_view email);

// NOT_AUTHOR unless the person `caller` (an id; empty: no person) is `member`.
absl::Status MayUpdateMember(absl::string_view caller,
                             absl::string_view member);

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_DOMAIN_MEMBER_H_
