-- postgres
-- What the relay has to look at.
CREATE INDEX events_unnumbered ON events (id) WHERE number IS NULL;

-- One row: which replica numbers the events, until when by the database's own
-- clock, and the last number given. Whoever numbers changes this row in the
-- same transaction, so of two that believe to be the relay one fails.
CREATE TABLE event_relay (
  name TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  expire_time BIGINT NOT NULL,
  number BIGINT NOT NULL
);
INSERT INTO event_relay (name, holder, expire_time, number)
  VALUES ('relay', '', 0, 0);

-- How far each consumer has come; see acks.h.
CREATE TABLE event_acks (
  consumer TEXT NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL,
  beat BIGINT NOT NULL
);
-- end
