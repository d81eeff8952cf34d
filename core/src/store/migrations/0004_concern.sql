-- What became of a concern: who has it, and by when.

ALTER TABLE concern ADD COLUMN owner BLOB;
ALTER TABLE concern ADD COLUMN due_at INTEGER;
