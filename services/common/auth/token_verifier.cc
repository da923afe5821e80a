#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "services/common/auth/encoding.h"
#include "services/common/auth/json.h"
#include "services/common/auth/p256.h"
#include "services/common/auth/token.h"
#include "services/common/auth/token_cache.h"
#include "services/common/status/status.h"

namespace praxis::auth {
namespace {

constexpr size_t kTokenBytesMax = 8 << 10;
constexpr size_t kKidLengthMax = 128;

// One answer to everything that is wrong: it tells a forger nothing.
absl::Status Invalid() {
  return Error(errors::v1::TOKEN_INVALID,
               "The access token is not valid here; sign in again.");
}

// A JWS in its compact form (RFC 7515, 7.1), decoded.
struct Parts {
  // What is signed: the first two parts as they came.
  absl::string_view signed_text;
  std::string header;
  std::string claims;
  std::string signature;
};

std::optional<Parts> SplitToken(absl::string_view token) {
  const std::vector<absl::string_view> texts = absl::StrSplit(token, '.');
  if (texts.size() != 3) return std::nullopt;
  auto header = FromBase64Url(texts[0]);
  auto claims = FromBase64Url(texts[1]);
  auto signature = FromBase64Url(texts[2]);
  if (!header || !claims || !signature) return std::nullopt;
  return Parts{
      .signed_text = token.substr(0, token.size() - texts[2].size() - 1),
      .header = *std::move(header),
      .claims = *std::move(claims),
      .signature = *std::move(signature)};
}

// Whether `kid` could be one of ours, so that it is worth asking for new keys.
bool IsKid(absl::string_view kid) {
  return !kid.empty() && kid.size() <= kKidLengthMax &&
         std::all_of(kid.begin(), kid.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_';
         });
}

// The id of the key that a header names, if it says what a header of ours says.
// The algorithm is the key's, ES256, and never the token's choice (RFC 8725,
// 3.1); a key that the token brings or points to is no key (3.10); an extension
// that must be understood is not (RFC 7515, 4.1.11).
std::optional<std::string> KidOf(absl::string_view header_text) {
  const OwnedJson header = ParseJsonObject(header_text);
  if (header == nullptr) return std::nullopt;
  for (const char* refused : {"jwk", "jku", "x5u", "x5c", "crit"}) {
    if (json_object_get(header.get(), refused) != nullptr) return std::nullopt;
  }
  if (JsonString(json_object_get(header.get(), "alg")) != "ES256") {
    return std::nullopt;
  }
  if (const json_t* typ = json_object_get(header.get(), "typ")) {
    const absl::string_view type = JsonString(typ).value_or("");
    if (!absl::EqualsIgnoreCase(type, "JWT") &&
        !absl::EqualsIgnoreCase(type, "at+jwt")) {
      return std::nullopt;
    }
  }
  const auto kid = JsonString(json_object_get(header.get(), "kid"));
  if (!kid.has_value() || !IsKid(*kid)) return std::nullopt;
  return std::string(*kid);
}

// A time claim (RFC 7519, 2: NumericDate). `out` is left alone when there is
// none; false when it is not a whole number.
bool ReadTime(const json_t* claim, absl::Time* out) {
  if (claim == nullptr) return true;
  if (!json_is_integer(claim)) return false;
  *out = absl::FromUnixSeconds(json_integer_value(claim));
  return true;
}

// RFC 7519, 4.1.3: one string, or an array of them.
bool NamesAudience(const json_t* claim, absl::string_view audience) {
  if (json_is_string(claim)) return JsonString(claim) == audience;
  if (!json_is_array(claim)) return false;
  bool found = false;
  for (size_t i = 0; i < json_array_size(claim); ++i) {
    const auto name = JsonString(json_array_get(claim, i));
    if (!name.has_value()) return false;
    found = found || *name == audience;
  }
  return found;
}

unsigned ParseScopes(absl::string_view text) {
  unsigned scopes = 0;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (word == "read") scopes |= kRead;
    if (word == "write") scopes |= kWrite;
    if (word == "moderate") scopes |= kModerate;
    if (word == "admin") scopes |= kAdmin;
  }
  return scopes;
}

// Whose token it is and how long it is remembered as that, if its claims say
// that it is for us and now.
std::optional<TokenCache::Entry> ReadClaims(absl::string_view text,
                                            const TokenRules& rules,
                                            absl::Time now) {
  const OwnedJson claims = ParseJsonObject(text);
  if (claims == nullptr) return std::nullopt;
  const auto claim = [&](const char* name) {
    return json_object_get(claims.get(), name);
  };
  if (JsonString(claim("iss")) != absl::string_view(rules.issuer) ||
      !NamesAudience(claim("aud"), rules.audience)) {
    return std::nullopt;
  }

  absl::Time expires = absl::InfinitePast();  // So it must be there.
  absl::Time not_before = absl::InfinitePast();
  absl::Time issued = absl::InfinitePast();
  if (!ReadTime(claim("exp"), &expires) ||
      !ReadTime(claim("nbf"), &not_before) ||
      !ReadTime(claim("iat"), &issued)) {
    return std::nullopt;
  }
  const absl::Time from = std::max(not_before, issued) - rules.leeway;
  if (now < from || now >= expires + rules.leeway) return std::nullopt;

  const auto subject = JsonString(claim("sub"));
  if (!subject.has_value() || !IsPrincipalName(*subject)) return std::nullopt;
  const json_t* session = claim("sid");
  const json_t* scope = claim("scope");
  if ((session != nullptr && !json_is_string(session)) ||
      (scope != nullptr && !json_is_string(scope))) {
    return std::nullopt;
  }
  return TokenCache::Entry{
      .principal = {.name = std::string(*subject),
                    .session = std::string(JsonString(session).value_or("")),
                    .scopes = ParseScopes(JsonString(scope).value_or("")),
                    .expire_time = expires},
      .from = from,
      .until = expires};
}

// The keys of one generation, ready to verify.
struct KeySet {
  uint64_t generation;
  std::vector<std::pair<std::string, P256PublicKey>> keys;

  const P256PublicKey* Find(absl::string_view kid) const {
    for (const auto& [name, key] : keys) {
      if (name == kid) return &key;
    }
    return nullptr;
  }
};

}  // namespace

struct TokenVerifier::State {
  State(KeySource& source, TokenRules rules)
      : source(source), rules(std::move(rules)) {}

  // The keys as of now.
  std::shared_ptr<const KeySet> Current() {
    const uint64_t generation = source.generation();
    absl::MutexLock lock(&mutex);
    if (key_set == nullptr || key_set->generation != generation) {
      auto made = std::make_shared<KeySet>();
      // Read before the keys: if they change in between, they are read again.
      made->generation = generation;
      for (const PublicKey& key : source.Keys()) {
        const auto x = FromBase64Url(key.x);
        const auto y = FromBase64Url(key.y);
        if (!x.has_value() || !y.has_value()) continue;
        if (auto parsed = P256PublicKey::FromPoint({*x, *y})) {
          made->keys.emplace_back(key.kid, *std::move(parsed));
        }
      }
      key_set = std::move(made);
    }
    return key_set;
  }

  KeySource& source;
  const TokenRules rules;
  TokenCache cache;
  absl::Mutex mutex;
  std::shared_ptr<const KeySet> key_set ABSL_GUARDED_BY(mutex);
};

TokenVerifier::TokenVerifier(KeySource& keys, TokenRules rules)
    : state_(std::make_unique<State>(keys, std::move(rules))) {}

TokenVerifier::~TokenVerifier() = default;

absl::StatusOr<Principal> TokenVerifier::Verify(absl::string_view token,
                                                absl::Time now) {
  if (token.size() > kTokenBytesMax) return Invalid();
  if (auto known =
          state_->cache.Find(token, now, state_->source.generation())) {
    return *std::move(known);
  }
  const std::optional<Parts> parts = SplitToken(token);
  if (!parts.has_value()) return Invalid();
  const std::optional<std::string> kid = KidOf(parts->header);
  if (!kid.has_value()) return Invalid();

  std::shared_ptr<const KeySet> keys = state_->Current();
  if (keys->Find(*kid) == nullptr) {
    state_->source.Refresh();
    keys = state_->Current();
  }
  const P256PublicKey* key = keys->Find(*kid);
  if (key == nullptr || !key->Verifies(parts->signed_text, parts->signature)) {
    return Invalid();
  }

  std::optional<TokenCache::Entry> entry =
      ReadClaims(parts->claims, state_->rules, now);
  if (!entry.has_value()) return Invalid();
  Principal principal = entry->principal;
  // What lives by the leeway alone is verified each time.
  if (now < entry->until) {
    entry->generation = keys->generation;
    state_->cache.Put(token, *std::move(entry));
  }
  return principal;
}

}  // namespace praxis::auth
