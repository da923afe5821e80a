-- The service's own log. Numbers have no holes: SQLite's one writer gives the
-- next one as it writes and takes it back with what it rolls back. PostgreSQL
-- commits out of order, so there an event has no number until it is committed
-- and the relay gives it one.
CREATE TABLE events (
-- sqlite
  number INTEGER PRIMARY KEY,
-- end
-- postgres
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number BIGINT UNIQUE,
-- end
  time BIGINT NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  -- praxis.events.v1.Event; its number and source are not looked at.
  body BYTEA NOT NULL
);
