-- Counts every change of a thread and of its posts, the one thing that tells
-- whether a copy of either is as it is now; a version is of one row only.
ALTER TABLE threads ADD COLUMN changes BIGINT NOT NULL DEFAULT 0;
