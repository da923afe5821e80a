-- Events that could not be applied, and all later ones of the same scope, which
-- nobody sees as long as there are any.
CREATE TABLE access_dead_letters (
  source TEXT NOT NULL,
  number BIGINT NOT NULL,
  scope TEXT NOT NULL,
  time BIGINT NOT NULL,
  -- What the database said when it was applied.
  error TEXT NOT NULL,
  -- praxis.events.v1.Event
  body BYTEA NOT NULL,
  PRIMARY KEY (source, number)
);
CREATE INDEX access_dead_letters_by_scope ON access_dead_letters (scope);
