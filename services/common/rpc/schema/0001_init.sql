-- What was answered to a request_id, so that a retry acts once. Kept 24 h.
CREATE TABLE request_answers (
  principal TEXT NOT NULL,
  method TEXT NOT NULL,
  request_id TEXT NOT NULL,
  digest BYTEA NOT NULL,
  answer BYTEA NOT NULL,
  time BIGINT NOT NULL,
  PRIMARY KEY (principal, method, request_id)
);

-- The order in which they are dropped.
CREATE INDEX request_answers_by_time ON request_answers (time);
