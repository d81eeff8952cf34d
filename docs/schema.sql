CREATE TABLE alarm (
    what TEXT NOT NULL,
    vault BLOB NOT NULL,
    device BLOB NOT NULL,
    seq INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (what, vault, device)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE audit (
    no INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    what TEXT NOT NULL,
    record BLOB,
    hash BLOB NOT NULL
, person BLOB, number INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE audit_head (
    no INTEGER PRIMARY KEY CHECK (no = 1),
    lines INTEGER NOT NULL,
    last BLOB NOT NULL CHECK (length(last) = 32),
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

CREATE TABLE bundle (
    chain INTEGER NOT NULL REFERENCES chain (no),
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    kept INTEGER NOT NULL CHECK (kept IN (0, 1, 2)),
    bytes BLOB NOT NULL,
    PRIMARY KEY (chain, first_seq)
) STRICT;

CREATE TABLE came_in (
    record BLOB NOT NULL,
    field TEXT NOT NULL,
    pieces BLOB NOT NULL,
    PRIMARY KEY (record, field)
) STRICT, WITHOUT ROWID;

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
, legal_hold TEXT) STRICT;

CREATE INDEX casework_of_young_person ON casework (young_person);

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
    named_seq INTEGER NOT NULL DEFAULT 0, digested_seq INTEGER NOT NULL DEFAULT 0,
    UNIQUE (vault, device, lane)
) STRICT;

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

CREATE INDEX compartment_of_case ON compartment (case_id);

CREATE INDEX compartment_of_vault ON compartment (vault);

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
, owner BLOB, due_at INTEGER) STRICT;

CREATE INDEX concern_of_case ON concern (case_id);

CREATE INDEX concern_open ON concern (made_stamp) WHERE state IS NOT 'closed' AND struck IS NULL;

CREATE TABLE device (
    id BLOB PRIMARY KEY,
    person BLOB NOT NULL,
    role TEXT NOT NULL
, removed INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

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
, off_ms INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX edit_of_field ON edit (record, field, standing);

CREATE INDEX edit_unknown ON edit (no) WHERE known = 0;

CREATE TABLE epoch (
    vault INTEGER NOT NULL REFERENCES vault (no),
    number INTEGER NOT NULL,
    key BLOB NOT NULL CHECK (length(key) = 32), since_ms INTEGER,
    PRIMARY KEY (vault, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE erased_unsent (
    no INTEGER PRIMARY KEY,
    vault BLOB NOT NULL,
    kind TEXT NOT NULL,
    field TEXT NOT NULL,
    words TEXT NOT NULL,
    written_at_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE exchange_trouble (
    at_ms INTEGER NOT NULL,
    problem TEXT NOT NULL,
    says TEXT NOT NULL,
    next TEXT NOT NULL
) STRICT;

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

CREATE TABLE membership (
    vault INTEGER NOT NULL REFERENCES vault (no),
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    kept INTEGER NOT NULL CHECK (kept IN (0, 1, 2)),
    PRIMARY KEY (vault, number)
) STRICT;

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE never_stood (
    edit INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE not_understood (
    arrival INTEGER PRIMARY KEY,
    edit INTEGER NOT NULL UNIQUE
) STRICT;

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

CREATE INDEX note_draft ON note (made_stamp) WHERE signed IS NULL AND struck IS NULL;

CREATE INDEX note_of_case ON note (case_id, began_at);

CREATE VIRTUAL TABLE note_text USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

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
, drilled_on INTEGER, drill_opened INTEGER, drill_failed INTEGER, lease_erases INTEGER, lock_background_s INTEGER, lock_untouched_s INTEGER) STRICT;

CREATE TABLE other_branch (
    vault INTEGER NOT NULL REFERENCES vault (no),
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (vault, number)
) STRICT;

CREATE TABLE other_epoch (
    vault INTEGER NOT NULL REFERENCES vault (no),
    number INTEGER NOT NULL,
    key BLOB NOT NULL CHECK (length(key) = 32),
    PRIMARY KEY (vault, number, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    vault INTEGER NOT NULL REFERENCES vault (no),
    made_device BLOB NOT NULL,
    made_stamp INTEGER NOT NULL,
    made_ahead_ms INTEGER NOT NULL,
    struck TEXT,
    name TEXT
, supervisor BLOB) STRICT;

CREATE TABLE receipt (
    chain INTEGER NOT NULL REFERENCES chain (no),
    seq INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    vault INTEGER NOT NULL REFERENCES vault (no)
) STRICT, WITHOUT ROWID;

CREATE TABLE revision (
    no INTEGER PRIMARY KEY,
    record BLOB NOT NULL,
    field TEXT NOT NULL,
    name BLOB NOT NULL CHECK (length(name) = 16),
    save BLOB,
    back BLOB NOT NULL
) STRICT;

CREATE INDEX revision_of_text ON revision (record, field, no);

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

CREATE TABLE segment (
    chain INTEGER NOT NULL REFERENCES chain (no),
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    held_at_ms INTEGER,
    bytes BLOB NOT NULL,
    PRIMARY KEY (chain, first_seq)
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

CREATE TABLE set_aside (
    no INTEGER PRIMARY KEY,
    vault BLOB NOT NULL,
    device BLOB NOT NULL,
    why TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    bytes BLOB NOT NULL
, times INTEGER NOT NULL DEFAULT 1) STRICT;

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

CREATE TABLE text_state (
    record BLOB NOT NULL,
    field TEXT NOT NULL,
    state BLOB NOT NULL, ground BLOB, ground_edit INTEGER, ground_writer INTEGER,
    PRIMARY KEY (record, field)
) STRICT;

CREATE TABLE undecided (
    record BLOB NOT NULL,
    field TEXT NOT NULL,
    vault INTEGER NOT NULL REFERENCES vault (no),
    PRIMARY KEY (record, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE vault (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('organisation', 'case_file'))
, to_offer INTEGER NOT NULL DEFAULT 0 CHECK (to_offer IN (0, 1)), two_histories INTEGER NOT NULL DEFAULT 0, undigested_since_ms INTEGER, mistrusted INTEGER, erased_at_ms INTEGER, departs_since_ms INTEGER, has_left INTEGER NOT NULL DEFAULT 0 CHECK (has_left IN (0, 1))) STRICT;

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
