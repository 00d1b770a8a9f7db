CREATE TABLE indexed_messages (
  id uuid PRIMARY KEY,
  sender_id uuid,
  recipient_id uuid,
  conversation_id uuid,
  -- Times in ticks of 100 ns, UTC.
  message_timestamp bigint,
  version bigint NOT NULL,
  event_at bigint NOT NULL,
  sent_at bigint NOT NULL,
  -- NULL: deleted.
  content text,
  -- Stems as they are, words behind a '='. The service folds and stems them, the same as for SQLite.
  words tsvector
);

CREATE INDEX indexed_messages_words ON indexed_messages USING gin (words);
