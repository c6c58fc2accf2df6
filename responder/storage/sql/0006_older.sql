-- Which steps of `responder/storage/older.py` are still to be done: those that no kind of row tells of,
-- since records of today look the same. A new database has nothing that is older.

CREATE TABLE older (
    step TEXT PRIMARY KEY
);
INSERT INTO older (step)
SELECT 'blocked-coordinators' WHERE EXISTS (SELECT 1 FROM drawer WHERE kind = 'person');
