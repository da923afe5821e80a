-- Threads, their posts, and what search sees of both.
--
-- Every key begins with the community: its rows lie together, so a page is one
-- range of the table itself, and PostgreSQL can be distributed by it. Ids sort
-- by the time they were made. What is short comes first in a row: a new post
-- changes post_count in place and never touches the pages a long body spills
-- into.

CREATE TABLE threads (
  community_id TEXT NOT NULL,
  id TEXT NOT NULL,
  -- As praxis.discussions.v1.ThreadKind.
  kind BIGINT NOT NULL,
  -- "members/{member}"
  author TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  version BIGINT NOT NULL,
  post_count BIGINT NOT NULL,
  -- NULL until it is resolved, as are the two after it.
  resolve_time BIGINT,
  -- "members/{member}"
  resolver TEXT,
  -- praxis.discussions.v1.Outcome on the wire: eleven shapes, read and written
  -- as a whole.
  outcome BYTEA,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (community_id, id)
)
-- sqlite
WITHOUT ROWID
-- end
;

-- The newest of every community.
CREATE INDEX threads_by_id ON threads (id);

CREATE TABLE posts (
  community_id TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  id TEXT NOT NULL,
  -- "members/{member}"
  author TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  version BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (community_id, thread_id, id)
)
-- sqlite
WITHOUT ROWID
-- end
;

-- sqlite
-- Where the search index takes its snippets from: texts are stored once. A scope
-- is 'communities/{community_id}', an object '{thread_id}' or
-- '{post_id}/{thread_id}'.
CREATE VIEW search_texts AS
SELECT entry.number AS number, hex(entry.scope) AS scope,
  thread.title AS title, thread.body AS body
FROM search_entries entry JOIN threads thread
  ON thread.community_id = substr(entry.scope, 13)
  AND thread.id = entry.object
WHERE instr(entry.object, '/') = 0
UNION ALL
SELECT entry.number, hex(entry.scope), '', post.body
FROM search_entries entry JOIN posts post
  ON post.community_id = substr(entry.scope, 13)
  AND post.thread_id = substr(entry.object, instr(entry.object, '/') + 1)
  AND post.id = substr(entry.object, 1, instr(entry.object, '/') - 1)
WHERE instr(entry.object, '/') > 0;
-- end

-- postgres
-- The same for one text.
CREATE FUNCTION search_texts(scope TEXT, object TEXT)
RETURNS TABLE (title TEXT, body TEXT) LANGUAGE SQL STABLE AS $$
  SELECT threads.title, threads.body FROM threads
  WHERE threads.community_id = substr($1, 13) AND threads.id = $2
  UNION ALL
  SELECT '', posts.body FROM posts
  WHERE posts.community_id = substr($1, 13)
    AND posts.thread_id = split_part($2, '/', 2)
    AND posts.id = split_part($2, '/', 1)
$$;
-- end
