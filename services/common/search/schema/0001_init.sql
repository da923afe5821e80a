-- sqlite
-- What FTS5 knows of a text is its number: texts are numbered as they come,
-- so the newest has the largest.
CREATE TABLE search_entries (
  number INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  -- Names the text within its scope, as its service likes. It should begin with
  -- an id that sorts by time: then each new one goes to the end of its index,
  -- and not to a page of its own (25 us less a text).
  object TEXT NOT NULL,
  UNIQUE (object, scope)
);

-- Words are compared without case and accents. The scope is a word of its own,
-- hexadecimal because the tokenizer would cut a name at its punctuation: a
-- search in one scope reads only where its list and the words' lists meet. The
-- index keeps no texts: snippets are taken from the view search_texts (number,
-- scope, title, body), which the service makes over its own tables. No lists of
-- word beginnings: they double what adding a text costs (77 -> 144 us), and a
-- prefix of three letters is found without. No lengths of texts: only ranking
-- by frequency needs them.
CREATE VIRTUAL TABLE search_index USING fts5(
  scope, title, body,
  content = 'search_texts', content_rowid = 'number', columnsize = 0,
  tokenize = 'unicode61 remove_diacritics 2'
);
-- end
