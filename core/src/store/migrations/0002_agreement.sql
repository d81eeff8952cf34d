-- What coming level needs beyond the house: which life of the endpoint was offered everything of a vault.

-- The endpoint's generation in which its chains of this vault were compared with ours; none while they were not.
ALTER TABLE vault ADD COLUMN offered BLOB;

-- Edits of a kind, field or operation that the app did not know when they came, in the order of their arrival.
CREATE TABLE not_understood (
    arrival INTEGER PRIMARY KEY,
    edit INTEGER NOT NULL UNIQUE
) STRICT;

INSERT INTO not_understood (edit) SELECT no FROM edit WHERE known = 0 ORDER BY stamp, no;

-- By how many milliseconds a stamp was found to be off when the endpoint held the edit; 0 where it can be true.
ALTER TABLE edit ADD COLUMN off_ms INTEGER NOT NULL DEFAULT 0;
