CREATE TABLE indexed_messages (
  key INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  sender_id BLOB,
  recipient_id BLOB,
  conversation_id BLOB,
  -- Times in ticks of 100 ns, UTC.
  message_timestamp INTEGER,
  version INTEGER NOT NULL,
  event_at INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  -- NULL: deleted.
  content TEXT
) STRICT;

-- The words themselves are not stored twice: only where they are. The service folds and stems them; the tokenizer just separates.
CREATE VIRTUAL TABLE message_words USING fts5 (
  stems, words,
  content = '', contentless_delete = 1,
  tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
);
