-- Which blobs are named, for the sweeper.
CREATE INDEX resources_by_sha256 ON resources (sha256)
  WHERE sha256 IS NOT NULL;
