-- Format 1 of endpoint.db. Once released this file never changes; the next format is another file.
-- Which format a database has stands in its header (user_version), and that it is ours (application_id).

-- One row: what this life of the data is.
CREATE TABLE meta (
    only_row     INTEGER PRIMARY KEY CHECK (only_row = 1),
    generation   BLOB NOT NULL CHECK (length(generation) = 8),
    receipt_seed BLOB NOT NULL CHECK (length(receipt_seed) = 32),
    organisation BLOB CHECK (length(organisation) = 16),
    -- One counter for membership records and segments alike; a number is never given twice.
    last_arrival INTEGER NOT NULL CHECK (last_arrival >= 0),
    -- Bytes of all records and segments.
    kept_bytes   INTEGER NOT NULL CHECK (kept_bytes >= 0)
) STRICT;

-- Membership logs, verbatim.
CREATE TABLE membership (
    arrival INTEGER PRIMARY KEY,
    vault   BLOB NOT NULL CHECK (length(vault) = 16),
    number  INTEGER NOT NULL CHECK (number >= 0),
    hash    BLOB NOT NULL CHECK (length(hash) = 32),
    bytes   BLOB NOT NULL,
    UNIQUE (vault, number)
) STRICT;

CREATE INDEX membership_by_arrival ON membership (vault, arrival);

-- Who reads which vault, and the arrival of the record that let them in.
CREATE TABLE member (
    device BLOB NOT NULL CHECK (length(device) = 16),
    vault  BLOB NOT NULL CHECK (length(vault) = 16),
    since  INTEGER NOT NULL CHECK (since > 0),
    -- Arrival of the record by which it left; none while it reads.
    until  INTEGER,
    -- 1 in one row of a device that is handed what came after its author had left.
    late   INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1)),
    PRIMARY KEY (device, vault)
) STRICT, WITHOUT ROWID;

-- Segments that came after their author had left. hash: of the bytes.
CREATE TABLE late (
    arrival   INTEGER PRIMARY KEY,
    vault     BLOB NOT NULL CHECK (length(vault) = 16),
    device    BLOB NOT NULL CHECK (length(device) = 16),
    lane      INTEGER NOT NULL CHECK (lane BETWEEN 0 AND 255),
    first_seq INTEGER NOT NULL CHECK (first_seq > 0),
    hash      BLOB NOT NULL CHECK (length(hash) = 32),
    bytes     BLOB NOT NULL,
    UNIQUE (device, hash)
) STRICT;

-- Arrivals of segments that have moved to `late`: cursors may still name them.
CREATE TABLE moved (
    arrival INTEGER PRIMARY KEY
) STRICT;

-- Where each chain ends.
CREATE TABLE chain (
    device         BLOB NOT NULL CHECK (length(device) = 16),
    vault          BLOB NOT NULL CHECK (length(vault) = 16),
    lane           INTEGER NOT NULL CHECK (lane BETWEEN 0 AND 255),
    seq            INTEGER NOT NULL CHECK (seq > 0),
    hash           BLOB NOT NULL CHECK (length(hash) = 32),
    received_at_ms INTEGER NOT NULL,
    PRIMARY KEY (device, vault, lane)
) STRICT, WITHOUT ROWID;

-- Segments, verbatim.
CREATE TABLE segment (
    arrival   INTEGER PRIMARY KEY,
    vault     BLOB NOT NULL CHECK (length(vault) = 16),
    device    BLOB NOT NULL CHECK (length(device) = 16),
    lane      INTEGER NOT NULL CHECK (lane BETWEEN 0 AND 255),
    first_seq INTEGER NOT NULL CHECK (first_seq > 0),
    last_seq  INTEGER NOT NULL CHECK (last_seq >= first_seq),
    hash      BLOB NOT NULL CHECK (length(hash) = 32),
    previous  BLOB NOT NULL CHECK (length(previous) = 32),
    received_at_ms INTEGER NOT NULL,
    bytes     BLOB NOT NULL,
    -- Arrival of the bundle that covers it, if there is one: whoever is let in after that reads the bundle instead.
    bundle    INTEGER,
    UNIQUE (device, vault, lane, first_seq)
) STRICT;

-- Long runs of small segments, packed together by their author, verbatim. Handed out where the first of them stands.
CREATE TABLE bundle (
    arrival   INTEGER PRIMARY KEY,
    vault     BLOB NOT NULL CHECK (length(vault) = 16),
    device    BLOB NOT NULL CHECK (length(device) = 16),
    first_seq INTEGER NOT NULL CHECK (first_seq > 0),
    last_seq  INTEGER NOT NULL CHECK (last_seq >= first_seq),
    bytes     BLOB NOT NULL
) STRICT;

-- What is urgent and what is not are read as two feeds. Both hold the author too, so that a device's own segments are
-- passed over without being opened.
CREATE INDEX urgent_by_arrival ON segment (vault, arrival, device, lane, bundle, first_seq) WHERE lane = 0;
CREATE INDEX rest_by_arrival ON segment (vault, arrival, device, lane, bundle, first_seq) WHERE lane <> 0;
