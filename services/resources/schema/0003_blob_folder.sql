-- The folder whose blobs the resources name, by the id in its file `id`: in any
-- other the sweeper removes nothing. One row, written when both are new.
CREATE TABLE blob_folder (
  -- 1.
  key BIGINT PRIMARY KEY,
  id TEXT NOT NULL
);
