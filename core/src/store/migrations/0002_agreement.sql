-- What coming level needs beyond the house.

-- 1 while the endpoint's chains of this vault have to be compared with ours, because it began a new life.
ALTER TABLE vault ADD COLUMN to_offer INTEGER NOT NULL DEFAULT 0 CHECK (to_offer IN (0, 1));

-- Edits of a kind, field or operation that the app did not know when they came, in the order of their arrival.
CREATE TABLE not_understood (
    arrival INTEGER PRIMARY KEY,
    edit INTEGER NOT NULL UNIQUE
) STRICT;

INSERT INTO not_understood (edit) SELECT no FROM edit WHERE known = 0 ORDER BY stamp, no;

-- By how many milliseconds a stamp was found to be off when the endpoint held the edit; 0 where it can be true.
ALTER TABLE edit ADD COLUMN off_ms INTEGER NOT NULL DEFAULT 0;

-- Photos and documents on notes; their chunks are edits. arrived: chunks that are here. whole: once all are, whether they
-- are what their maker said they were.
CREATE TABLE attachment (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    note_id BLOB,
    name TEXT,
    media_type TEXT,
    bytes INTEGER,
    chunks INTEGER,
    digest TEXT,
    arrived INTEGER NOT NULL DEFAULT 0,
    whole INTEGER
) STRICT;

CREATE INDEX attachment_of_note ON attachment (note_id);

-- What a person has to hear of. what: its lasting name. vault: zeros if it is about no vault of its own. seq: the number in
-- the device's chain at which it was seen, 0 if there is none.
CREATE TABLE alarm (
    what TEXT NOT NULL,
    vault BLOB NOT NULL,
    device BLOB NOT NULL,
    seq INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (what, vault, device)
) STRICT, WITHOUT ROWID;

-- Why the last exchange ended before its time, in words without content; no row if it did not.
CREATE TABLE exchange_trouble (
    at_ms INTEGER NOT NULL,
    problem TEXT NOT NULL,
    says TEXT NOT NULL,
    next TEXT NOT NULL
) STRICT;

-- 1 for a device that the organisation has removed. Computed from its log.
ALTER TABLE device ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;

-- 1 once two successors of one record of this vault's log were seen.
ALTER TABLE vault ADD COLUMN two_histories INTEGER NOT NULL DEFAULT 0;

-- Runs of segments packed together by their author. Ours: bytes empty; kept = 1 if the endpoint took the bundle, 0 if the
-- run is left as it is. A colleague's: kept = 2, with the signed bytes; its segments are listed without theirs.
CREATE TABLE bundle (
    chain INTEGER NOT NULL REFERENCES chain (no),
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    kept INTEGER NOT NULL CHECK (kept IN (0, 1, 2)),
    bytes BLOB NOT NULL,
    PRIMARY KEY (chain, first_seq)
) STRICT;

-- The last drill of the recovery key: when, how many vaults it opened and how many it did not.
ALTER TABLE organisation ADD COLUMN drilled_on INTEGER;
ALTER TABLE organisation ADD COLUMN drill_opened INTEGER;
ALTER TABLE organisation ADD COLUMN drill_failed INTEGER;

-- 1 if devices are erased that have been without contact for too long.
ALTER TABLE organisation ADD COLUMN lease_erases INTEGER;

-- held or lifted; NULL if nobody ever said.
ALTER TABLE casework ADD COLUMN legal_hold TEXT;

-- After how many seconds phones lock by themselves: in the background, without a touch.
ALTER TABLE organisation ADD COLUMN lock_background_s INTEGER;
ALTER TABLE organisation ADD COLUMN lock_untouched_s INTEGER;

-- Who did it, and how often where that is the point. hash binds a line to the one before under a key of its own.
ALTER TABLE audit ADD COLUMN person BLOB;
ALTER TABLE audit ADD COLUMN number INTEGER NOT NULL DEFAULT 0;

-- How many audit lines there are and what the last one ends in, bound under the same key.
CREATE TABLE audit_head (
    no INTEGER PRIMARY KEY CHECK (no = 1),
    lines INTEGER NOT NULL,
    last BLOB NOT NULL CHECK (length(last) = 32),
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

-- What each device says that it had settled of a vault. looked_at: the number of the edit that was last compared with what
-- is here.
CREATE TABLE digest (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    settled BLOB,
    looked_at INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The one digest that is being made or compared. edit: whose it is; 0 for our own. Everything up to record and field is
-- looked through.
CREATE TABLE digest_pass (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    vault INTEGER NOT NULL REFERENCES vault (no),
    edit INTEGER NOT NULL,
    heads BLOB NOT NULL,
    record BLOB NOT NULL,
    field TEXT NOT NULL,
    hash BLOB NOT NULL,
    faults INTEGER NOT NULL
) STRICT;

-- Number of the last edit of a chain that a digest covers with which this store agrees.
ALTER TABLE chain ADD COLUMN digested_seq INTEGER NOT NULL DEFAULT 0;

-- Since when something of a vault has waited for a digest, by corrected time.
ALTER TABLE vault ADD COLUMN undigested_since_ms INTEGER;

-- Edits that have a value and never stood, because whoever wrote them had no business there.
CREATE TABLE never_stood (
    edit INTEGER PRIMARY KEY
) STRICT;

-- Of a vault whose log has forked: the records of the branch that does not stand in membership any more.
CREATE TABLE other_branch (
    vault INTEGER NOT NULL REFERENCES vault (no),
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (vault, number)
) STRICT;

-- Keys of branches that stand no more. Their numbers may be those of other epochs.
CREATE TABLE other_epoch (
    vault INTEGER NOT NULL REFERENCES vault (no),
    number INTEGER NOT NULL,
    key BLOB NOT NULL CHECK (length(key) = 32),
    PRIMARY KEY (vault, number, key)
) STRICT, WITHOUT ROWID;

-- Compartments of a case other than its file, one record in the vault of each. Who is said to hold it.
CREATE TABLE compartment (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    case_id BLOB,
    which TEXT,
    of_person BLOB,
    with_person BLOB
) STRICT;

CREATE INDEX compartment_of_vault ON compartment (vault);
CREATE INDEX compartment_of_case ON compartment (case_id);

-- Who supervises a member of staff.
ALTER TABLE person ADD COLUMN supervisor BLOB;

-- Since when a key is known to be in use, by the endpoint's clock; and the number of the newest key that somebody mistrusts.
ALTER TABLE epoch ADD COLUMN since_ms INTEGER;
ALTER TABLE vault ADD COLUMN mistrusted INTEGER;

-- How often the same bytes have come.
ALTER TABLE set_aside ADD COLUMN times INTEGER NOT NULL DEFAULT 1;

-- When this vault was erased by law, by corrected time. Its log, its chains and the hashes of its segments stay.
ALTER TABLE vault ADD COLUMN erased_at_ms INTEGER;

-- What was written here and not sent when its vault was erased: readable until then, and never sent.
CREATE TABLE erased_unsent (
    no INTEGER PRIMARY KEY,
    vault BLOB NOT NULL,
    kind TEXT NOT NULL,
    field TEXT NOT NULL,
    words TEXT NOT NULL,
    written_at_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT;
