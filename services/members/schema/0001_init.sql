-- People, communities and who belongs where. Lists of short texts are kept as
-- lines. Handle and email are unique over all people, so where PostgreSQL is
-- distributed, members is a reference table and the rest goes by its key.

CREATE TABLE members (
  id TEXT NOT NULL PRIMARY KEY,
  handle TEXT NOT NULL UNIQUE,
  email TEXT NOT NULL,
  -- The address in lower case.
  email_key TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  organisation TEXT NOT NULL,
  bio TEXT NOT NULL,
  expertise TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  version BIGINT NOT NULL
)
-- sqlite
WITHOUT ROWID
-- end
;

-- Apart from members, so that no query for a profile can bring it along.
CREATE TABLE passwords (
  member_id TEXT NOT NULL PRIMARY KEY,
  -- argon2id in its own text form.
  hash TEXT NOT NULL
)
-- sqlite
WITHOUT ROWID
-- end
;

-- One row a sign-in. Refresh tokens by their SHA-256 only.
CREATE TABLE sessions (
  member_id TEXT NOT NULL,
  id TEXT NOT NULL,
  refresh_hash TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  rotate_time BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  expire_time BIGINT NOT NULL,
  PRIMARY KEY (member_id, id)
)
-- sqlite
WITHOUT ROWID
-- end
;

-- Failed sign-ins, also to handles that nobody has.
CREATE TABLE sign_in_attempts (
  handle TEXT NOT NULL PRIMARY KEY,
  failures BIGINT NOT NULL,
  last_failure BIGINT NOT NULL
)
-- sqlite
WITHOUT ROWID
-- end
;

-- The order in which they are forgotten.
CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (last_failure);

CREATE TABLE communities (
  id TEXT NOT NULL PRIMARY KEY,
  display_name TEXT NOT NULL,
  domain TEXT NOT NULL,
  topics TEXT NOT NULL,
  -- As praxis.events.v1.Visibility: 1 public, 2 private, 3 hidden.
  visibility BIGINT NOT NULL,
  -- As praxis.members.v1.JoinPolicy: 1 open, 2 request, 3 invite.
  join_policy BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  version BIGINT NOT NULL
)
-- sqlite
WITHOUT ROWID
-- end
;

-- Those that anyone may list, however many hidden ones lie between them.
CREATE INDEX communities_listed ON communities (id) WHERE visibility < 3;

CREATE TABLE memberships (
  community_id TEXT NOT NULL,
  member_id TEXT NOT NULL,
  -- 0 owner, 1 moderator, 2 member, 3 observer: the order of lists, so that a
  -- page is one range of an index.
  rank BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (community_id, member_id)
)
-- sqlite
WITHOUT ROWID
-- end
;

-- A page of a community's members, without looking at the table.
CREATE INDEX memberships_listed ON memberships
  (community_id, rank, create_time, member_id, update_time, version);

-- A person's communities.
CREATE INDEX memberships_by_member ON memberships (member_id, community_id);
