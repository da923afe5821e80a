-- Resources of communities, and the index that searches them.
--
-- The key begins with the community: its rows lie together, so a page is one
-- range of the table itself, and PostgreSQL can be distributed by it. Ids sort
-- by the time they were made.

CREATE TABLE resources (
  community_id TEXT NOT NULL,
  id TEXT NOT NULL,
  -- As praxis.resources.v1.ResourceKind.
  kind BIGINT NOT NULL,
  -- "members/{member}"
  author TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  version BIGINT NOT NULL,
  -- NULL until a FILE is uploaded, as are the three after it.
  sha256 TEXT,
  size_bytes BIGINT,
  filename TEXT,
  content_type TEXT,
  -- '' but for a LINK.
  uri TEXT NOT NULL,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  -- '' but for a DOCUMENT.
  text TEXT NOT NULL,
  PRIMARY KEY (community_id, id)
)
-- sqlite
WITHOUT ROWID
-- end
;

-- The newest of every community.
CREATE INDEX resources_by_id ON resources (id);

-- sqlite
-- Where the search index takes its snippets from. A scope is
-- 'communities/{community_id}', an object the resource's id.
CREATE VIEW search_texts AS
SELECT entry.number AS number, hex(entry.scope) AS scope,
  resource.title AS title,
  resource.description || char(10) || resource.text AS body
FROM search_entries entry JOIN resources resource
  ON resource.community_id = substr(entry.scope, 13)
  AND resource.id = entry.object;
-- end

-- postgres
-- The same for one text.
CREATE FUNCTION search_texts(scope TEXT, object TEXT)
RETURNS TABLE (title TEXT, body TEXT) LANGUAGE SQL STABLE AS $$
  SELECT resources.title,
    resources.description || chr(10) || resources.text
  FROM resources
  WHERE resources.community_id = substr($1, 13) AND resources.id = $2
$$;
-- end
