-- What people who work on one case at once need beyond agreement.

-- What a text was before our typing that nobody has been given yet, so that this typing is one difference however often it
-- is saved. ground_edit: the edit that holds it; ground_writer: who typed it, to the text. Empty where no text was.
ALTER TABLE text_state ADD COLUMN ground BLOB;
ALTER TABLE text_state ADD COLUMN ground_edit INTEGER;
ALTER TABLE text_state ADD COLUMN ground_writer INTEGER;

-- What a draft said before, for saves from a screen that still shows it. name: how pages call it; save: the save that led on
-- from it, if one did; back: what turns the next newer text into this one.
CREATE TABLE revision (
    no INTEGER PRIMARY KEY,
    record BLOB NOT NULL,
    field TEXT NOT NULL,
    name BLOB NOT NULL CHECK (length(name) = 16),
    save BLOB,
    back BLOB NOT NULL
) STRICT;

CREATE INDEX revision_of_text ON revision (record, field, no);

-- What a merge brought into a draft that this device has typed into or looked at, until it is looked at here.
CREATE TABLE came_in (
    record BLOB NOT NULL,
    field TEXT NOT NULL,
    pieces BLOB NOT NULL,
    PRIMARY KEY (record, field)
) STRICT, WITHOUT ROWID;

-- Handing on: since when this device departs from a case's file, by its corrected clock; none while it stays.
ALTER TABLE vault ADD COLUMN departs_since_ms INTEGER;
-- 1 once this device has said its last word there: what it writes after that reaches nobody who works on the case.
ALTER TABLE vault ADD COLUMN has_left INTEGER NOT NULL DEFAULT 0 CHECK (has_left IN (0, 1));
