-- The house: who we are, vaults and their keys, chains and their segments, edits, and the rows that pages read.
-- A released migration never changes; a column never changes its meaning.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Vaults, their keys and who can read them -----------------------------------------------------------------------------

CREATE TABLE vault (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('organisation', 'case_file'))
) STRICT;

CREATE TABLE epoch (
    vault INTEGER NOT NULL REFERENCES vault (no),
    number INTEGER NOT NULL,
    key BLOB NOT NULL CHECK (length(key) = 32),
    PRIMARY KEY (vault, number)
) STRICT, WITHOUT ROWID;

-- The signed log, verbatim. kept = 0: ours, not confirmed by the endpoint; 1: the endpoint has it; 2: the endpoint had it in
-- an earlier life and is offered it again.
CREATE TABLE membership (
    vault INTEGER NOT NULL REFERENCES vault (no),
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    kept INTEGER NOT NULL CHECK (kept IN (0, 1, 2)),
    PRIMARY KEY (vault, number)
) STRICT;

-- Computed from the organisation's log.
CREATE TABLE device (
    id BLOB PRIMARY KEY,
    person BLOB NOT NULL,
    role TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Chains, segments, edits ----------------------------------------------------------------------------------------------

-- One lane of one device in one vault. head: the last segment sealed by us or settled from others. written, acked:
-- our own chains only. named: the head of another's chain that our segments have last mentioned.
CREATE TABLE chain (
    no INTEGER PRIMARY KEY,
    vault INTEGER NOT NULL REFERENCES vault (no),
    device BLOB NOT NULL,
    lane INTEGER NOT NULL,
    head_seq INTEGER NOT NULL DEFAULT 0,
    head_hash BLOB NOT NULL DEFAULT (zeroblob(32)),
    written_seq INTEGER NOT NULL DEFAULT 0,
    written_stamp INTEGER NOT NULL DEFAULT 0,
    acked_seq INTEGER NOT NULL DEFAULT 0,
    named_seq INTEGER NOT NULL DEFAULT 0,
    UNIQUE (vault, device, lane)
) STRICT;

-- Signed bytes, verbatim, ours and others'. held_at_ms: when the endpoint was known to hold it, by its own clock.
CREATE TABLE segment (
    chain INTEGER NOT NULL REFERENCES chain (no),
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    held_at_ms INTEGER,
    bytes BLOB NOT NULL,
    PRIMARY KEY (chain, first_seq)
) STRICT;

-- The endpoint's signed word that urgent edits up to seq reached it.
CREATE TABLE receipt (
    chain INTEGER NOT NULL REFERENCES chain (no),
    seq INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;

-- Received and not to be settled yet. Two that claim one place both wait: only what comes before tells which is true.
-- hash: of the bytes.
CREATE TABLE waiting (
    no INTEGER PRIMARY KEY,
    vault INTEGER NOT NULL REFERENCES vault (no),
    device BLOB NOT NULL,
    lane INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    why TEXT NOT NULL,
    held_at_ms INTEGER NOT NULL,
    hash BLOB NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (vault, device, lane, first_seq, hash)
) STRICT;

-- Received and not to be believed; kept for a person to look at.
CREATE TABLE set_aside (
    no INTEGER PRIMARY KEY,
    vault BLOB NOT NULL,
    device BLOB NOT NULL,
    why TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

-- Every record of any kind, known or not.
CREATE TABLE record (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    vault INTEGER NOT NULL REFERENCES vault (no)
) STRICT, WITHOUT ROWID;

-- Every edit. no = chain × 2^40 + its number in the chain. standing = 1 while nobody has replaced it.
-- known = 0 for a kind, field or operation that the app did not know when it came.
CREATE TABLE edit (
    no INTEGER PRIMARY KEY,
    record BLOB NOT NULL,
    field TEXT NOT NULL,
    op INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    ahead_ms INTEGER NOT NULL,
    standing INTEGER NOT NULL CHECK (standing IN (0, 1)),
    known INTEGER NOT NULL CHECK (known IN (0, 1)),
    replaces BLOB NOT NULL,
    value BLOB NOT NULL
) STRICT;

CREATE INDEX edit_of_field ON edit (record, field, standing);
CREATE INDEX edit_unknown ON edit (no) WHERE known = 0;

-- Fields of a single value in which more than one value stands. Can be made again from the edits.
CREATE TABLE undecided (
    record BLOB NOT NULL,
    field TEXT NOT NULL,
    vault INTEGER NOT NULL REFERENCES vault (no),
    PRIMARY KEY (record, field)
) STRICT, WITHOUT ROWID;

-- The state of a text that people type into.
CREATE TABLE text_state (
    record BLOB NOT NULL,
    field TEXT NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (record, field)
) STRICT;

-- What was done here, by whom and when; each line names the hash of the one before. No content.
CREATE TABLE audit (
    no INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    what TEXT NOT NULL,
    record BLOB,
    hash BLOB NOT NULL
) STRICT;

-- Rows that pages read: the shown value of every field that shows one. Everything here can be computed from the edits. ------

CREATE TABLE organisation (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    name TEXT,
    crisis_card TEXT
) STRICT;

CREATE TABLE person (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    name TEXT
) STRICT;

CREATE TABLE service (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    name TEXT,
    offers TEXT,
    ages TEXT,
    areas TEXT,
    contact TEXT,
    checked_on INTEGER
) STRICT;

CREATE TABLE scale_pack (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    scale TEXT,
    pack TEXT,
    digest TEXT
) STRICT;

CREATE TABLE young_person (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    name TEXT,
    born_on INTEGER,
    pronouns TEXT
) STRICT;

CREATE TABLE casework (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    young_person BLOB,
    cohort TEXT,
    risk TEXT,
    opened_on INTEGER,
    area TEXT
) STRICT;

CREATE INDEX casework_of_young_person ON casework (young_person);

CREATE TABLE note (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    case_id BLOB,
    began_at INTEGER,
    place TEXT,
    contact TEXT,
    planned INTEGER,
    minutes INTEGER,
    agreed TEXT,
    body TEXT,
    signed TEXT
) STRICT;

CREATE INDEX note_of_case ON note (case_id, began_at);
CREATE INDEX note_draft ON note (made_stamp) WHERE signed IS NULL AND struck IS NULL;

CREATE TABLE goal (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    case_id BLOB,
    words TEXT,
    why TEXT,
    review_on INTEGER,
    outcome TEXT
) STRICT;

CREATE INDEX goal_of_case ON goal (case_id);
CREATE INDEX goal_to_review ON goal (review_on) WHERE outcome IS NULL AND struck IS NULL;

CREATE TABLE step (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    goal_id BLOB,
    words TEXT,
    done_on INTEGER
) STRICT;

CREATE INDEX step_of_goal ON step (goal_id);

CREATE TABLE check_in (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    case_id BLOB,
    scale TEXT,
    pack_digest TEXT,
    answers BLOB,
    taken_on INTEGER,
    manner TEXT
) STRICT;

CREATE INDEX check_in_of_case ON check_in (case_id, scale, taken_on);

CREATE TABLE concern (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    case_id BLOB,
    about TEXT,
    words TEXT,
    state TEXT
) STRICT;

CREATE INDEX concern_of_case ON concern (case_id);
CREATE INDEX concern_open ON concern (made_stamp) WHERE state IS NOT 'closed' AND struck IS NULL;

-- Words of notes, inside the encrypted file. rowid = note.no.
CREATE VIRTUAL TABLE note_text USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
