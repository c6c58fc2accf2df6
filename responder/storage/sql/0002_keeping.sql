-- The audit: one sealed line each, chained by a keyed hash; and how often the network key was
-- replaced, plain, so that the key file that fits is found without opening either.

CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL,
    mac BLOB NOT NULL
);

-- Where the chain begins and ends: `base` is the last line that was forgotten on time.
CREATE TABLE audit_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    base INTEGER NOT NULL,
    base_mac BLOB NOT NULL,
    last INTEGER NOT NULL,
    last_mac BLOB NOT NULL,
    mac BLOB NOT NULL
);

CREATE TABLE key_generation (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    generation INTEGER NOT NULL
);
INSERT INTO key_generation (one, generation) VALUES (1, 0);
