-- The members of a conversation of several, beside sender and recipient: their ids as text with commas between.
ALTER TABLE indexed_messages ADD COLUMN members TEXT;

-- By which version of the service's text pipeline the words were made; others are made anew.
CREATE TABLE text_version (version INTEGER NOT NULL);
