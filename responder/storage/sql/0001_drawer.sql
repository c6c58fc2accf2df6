-- A drawer of sealed envelopes. Plain are only: random ids of people, incidents, reports and
-- messages, keyed hashes, times, urgencies and states. Times are milliseconds since 1970, UTC.
-- What hangs on a data key goes when that key goes.

CREATE TABLE migration (
    number INTEGER PRIMARY KEY
);

-- Wrapped keys stand in slots that are filled in order, overwritten in place and used again:
-- a row that never moves leaves no copy of itself in the slack of another page, as rows do that
-- are deleted (secure_delete does not reach there).
CREATE TABLE key_slot (
    slot INTEGER PRIMARY KEY,
    wrapped BLOB NOT NULL
);

CREATE TABLE free_slot (
    slot INTEGER PRIMARY KEY REFERENCES key_slot (slot)
);

CREATE TABLE data_key (
    name TEXT PRIMARY KEY,
    slot INTEGER NOT NULL UNIQUE REFERENCES key_slot (slot)
);

CREATE VIEW wrapped_key AS
SELECT k.name AS name, s.wrapped AS wrapped
FROM data_key k JOIN key_slot s ON s.slot = k.slot;

CREATE TABLE drawer (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    key_name TEXT NOT NULL REFERENCES data_key (name) ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    UNIQUE (kind, id)
);
CREATE INDEX drawer_key ON drawer (key_name);

CREATE TABLE address (
    hash TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    key_name TEXT NOT NULL REFERENCES data_key (name) ON DELETE CASCADE
);
CREATE INDEX address_person ON address (person);
CREATE INDEX address_key ON address (key_name);

CREATE TABLE incident_index (
    id TEXT PRIMARY KEY,
    is_open INTEGER NOT NULL,
    due_ms BIGINT,
    key_name TEXT NOT NULL REFERENCES data_key (name) ON DELETE CASCADE
);
CREATE INDEX incident_index_open ON incident_index (is_open, due_ms);
CREATE INDEX incident_index_key ON incident_index (key_name);

CREATE TABLE assignment (
    person TEXT PRIMARY KEY,
    incident TEXT NOT NULL
);

CREATE TABLE inbox (
    hash TEXT PRIMARY KEY,
    at_ms BIGINT NOT NULL
);
CREATE INDEX inbox_at ON inbox (at_ms);

-- The body goes as soon as the message has met its fate.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    urgency INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('due', 'claimed', 'sent', 'failed', 'withdrawn')),
    at_ms BIGINT NOT NULL,
    key_name TEXT NOT NULL REFERENCES data_key (name) ON DELETE CASCADE,
    sealed BLOB
);
CREATE INDEX outbox_waiting ON outbox (urgency, seq) WHERE state IN ('due', 'claimed');
CREATE INDEX outbox_settled ON outbox (at_ms) WHERE state IN ('sent', 'failed', 'withdrawn');
CREATE INDEX outbox_key ON outbox (key_name);

CREATE TABLE delivery (
    message TEXT NOT NULL,
    channel TEXT NOT NULL,
    person TEXT NOT NULL,
    fate TEXT NOT NULL CHECK (fate IN ('sent', 'failed')),
    at_ms BIGINT NOT NULL,
    key_name TEXT NOT NULL REFERENCES data_key (name) ON DELETE CASCADE,
    ref_sealed BLOB NOT NULL,
    PRIMARY KEY (message, channel)
);
CREATE INDEX delivery_at ON delivery (at_ms);
CREATE INDEX delivery_key ON delivery (key_name);
