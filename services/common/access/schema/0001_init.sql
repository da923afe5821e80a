-- The service's own copy of who may do what; see projection.h.

-- visibility: praxis.events.v1.Visibility, never 0. A scope without a row does
-- not exist.
CREATE TABLE access_scopes (
  scope TEXT NOT NULL PRIMARY KEY,
  visibility BIGINT NOT NULL
)
-- sqlite
WITHOUT ROWID
-- end
;

CREATE INDEX access_scopes_by_visibility ON access_scopes (visibility, scope);

-- role: praxis.events.v1.Role, above 0. It counts only while its scope has a
-- row.
CREATE TABLE access_grants (
  scope TEXT NOT NULL,
  principal TEXT NOT NULL,
  role BIGINT NOT NULL,
  PRIMARY KEY (scope, principal)
)
-- sqlite
WITHOUT ROWID
-- end
;
CREATE INDEX access_grants_by_principal
  ON access_grants (principal, scope, role);

-- Number of the last event applied, for each source.
CREATE TABLE access_positions (
  source TEXT NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL
)
-- sqlite
WITHOUT ROWID
-- end
;
