-- What one transaction claimed and settled, as one sealed row: while many messages leave, nothing
-- else is written. Each row is soon filed, in the rows of the messages themselves, and deleted.

CREATE TABLE slip (
    number INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL
);
