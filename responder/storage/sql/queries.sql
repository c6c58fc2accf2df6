-- Every query of the store. A line "-- name: x" begins the query x. What is marked with a star is
-- repeated, once for each row that the query is given: one statement for many rows.

-- name: key
SELECT wrapped FROM wrapped_key WHERE name = :name

-- name: free_slot
SELECT min(slot) FROM free_slot

-- name: use_slot
DELETE FROM free_slot WHERE slot = :slot

-- name: fill_slot
UPDATE key_slot SET wrapped = :wrapped WHERE slot = :slot

-- name: add_slot
INSERT INTO key_slot (wrapped) VALUES (:wrapped) RETURNING slot

-- name: add_key
INSERT INTO data_key (name, slot) VALUES (:name, :slot)

-- name: slot
SELECT slot FROM data_key WHERE name = :name

-- name: destroy_key
DELETE FROM data_key WHERE name = :name

-- name: leave_slot
INSERT INTO free_slot (slot) VALUES (:slot)

-- name: take_in
INSERT INTO inbox (hash, at_ms) VALUES (:hash, :at_ms)

-- name: seen
SELECT 1 FROM inbox WHERE hash = :hash

-- name: release
DELETE FROM assignment WHERE person = :person AND incident = :incident

-- name: assign
INSERT INTO assignment (person, incident) VALUES (:person, :incident)

-- name: assignments
SELECT person, incident FROM assignment ORDER BY person

-- name: put_record
INSERT INTO drawer (kind, id, key_name, sealed) VALUES (?, ?, ?, ?)*
ON CONFLICT (kind, id) DO UPDATE SET key_name = excluded.key_name, sealed = excluded.sealed

-- name: delete_record
DELETE FROM drawer WHERE kind = :kind AND id = :id

-- name: delete_kind
DELETE FROM drawer WHERE kind = :kind

-- name: records
SELECT d.seq, d.id, d.key_name, d.sealed, k.wrapped
FROM drawer d JOIN wrapped_key k ON k.name = d.key_name
WHERE d.kind = :kind

-- name: every_record
-- By one walk through the whole table: most of it is asked for, and to find each row and its key
-- by an index takes five times as long.
SELECT kind, id, key_name, sealed
FROM drawer
WHERE +kind IN (SELECT value FROM json_each( :kinds ))
ORDER BY seq

-- name: every_key
SELECT name, wrapped FROM wrapped_key

-- name: records_under
SELECT d.seq, d.id, d.key_name, d.sealed, k.wrapped
FROM drawer d JOIN wrapped_key k ON k.name = d.key_name
WHERE d.kind = :kind AND d.key_name = :key_name

-- name: record
SELECT d.seq, d.id, d.key_name, d.sealed, k.wrapped
FROM drawer d JOIN wrapped_key k ON k.name = d.key_name
WHERE d.kind = :kind AND d.id = :id

-- name: open_incidents
SELECT d.seq, d.id, d.key_name, d.sealed, k.wrapped
FROM incident_index i
JOIN drawer d ON d.kind = :kind AND d.id = i.id
JOIN wrapped_key k ON k.name = d.key_name
WHERE i.is_open = 1

-- name: put_index
INSERT INTO incident_index (id, is_open, due_ms, key_name)
VALUES (:id, :is_open, :due_ms, :key_name)
ON CONFLICT (id) DO UPDATE
SET is_open = excluded.is_open, due_ms = excluded.due_ms, key_name = excluded.key_name

-- name: delete_index
DELETE FROM incident_index WHERE id = :id

-- name: drop_addresses
DELETE FROM address WHERE person = :person

-- name: put_address
INSERT INTO address (hash, person, key_name) VALUES (:hash, :person, :key_name)
ON CONFLICT (hash) DO UPDATE SET person = excluded.person, key_name = excluded.key_name

-- name: person_at
SELECT person FROM address WHERE hash = :hash

-- name: add_messages
INSERT INTO outbox (id, person, urgency, state, at_ms, key_name, sealed)
VALUES (?, ?, ?, 'due', ?, ?, ?)*

-- name: withdraw
UPDATE outbox SET state = 'withdrawn', sealed = NULL
WHERE id = :id AND state IN ('due', 'claimed')

-- name: claim
UPDATE outbox SET state = 'claimed' WHERE id IN (?*) AND state IN ('due', 'claimed')
RETURNING id

-- name: waiting_of
SELECT id FROM outbox WHERE id IN (?*) AND state IN ('due', 'claimed')

-- name: owners
SELECT id, person, key_name FROM outbox WHERE id IN (?*)

-- name: settle
UPDATE outbox SET state = :state, at_ms = :at_ms, sealed = NULL
WHERE id = :id AND state IN ('due', 'claimed')

-- name: sent_for_good
UPDATE outbox SET state = 'sent', at_ms = sent.column2, sealed = NULL
FROM (VALUES (?, ?)*) AS sent WHERE id = sent.column1

-- name: put_deliveries
INSERT INTO delivery (message, channel, person, fate, at_ms, key_name, ref_sealed)
VALUES (?, ?, ?, ?, ?, ?, ?)*
ON CONFLICT (message, channel) DO UPDATE
SET fate = excluded.fate, at_ms = excluded.at_ms,
    key_name = excluded.key_name, ref_sealed = excluded.ref_sealed
WHERE delivery.fate <> 'sent' OR excluded.fate = 'sent'

-- name: add_slip
INSERT INTO slip (number, sealed) VALUES (:number, :sealed)

-- name: slips
SELECT number, sealed FROM slip ORDER BY number LIMIT :most

-- name: drop_slips
DELETE FROM slip WHERE number <= :number

-- name: waiting
SELECT o.id, o.state, o.key_name, o.sealed, k.wrapped
FROM outbox o JOIN wrapped_key k ON k.name = o.key_name
WHERE o.state IN ('due', 'claimed') ORDER BY o.urgency, o.seq

-- name: waiting_under
SELECT o.id, o.sealed, k.wrapped
FROM outbox o JOIN wrapped_key k ON k.name = o.key_name
WHERE o.key_name = :key_name AND o.state IN ('due', 'claimed')

-- name: tried
SELECT d.message, d.channel
FROM delivery d JOIN outbox o ON o.id = d.message
WHERE o.state IN ('due', 'claimed') AND d.fate = 'failed' ORDER BY d.at_ms, d.channel

-- name: arrived
SELECT d.message, min(d.at_ms)
FROM delivery d JOIN outbox o ON o.id = d.message
WHERE o.state IN ('due', 'claimed') AND d.fate = 'sent' GROUP BY d.message

-- name: sent
SELECT d.message, d.person, d.channel, d.key_name, d.ref_sealed, k.wrapped
FROM delivery d JOIN wrapped_key k ON k.name = d.key_name
WHERE d.message = :message AND d.fate = 'sent' ORDER BY d.at_ms, d.channel

-- name: add_recall
INSERT INTO recall (message) VALUES (:message) ON CONFLICT (message) DO NOTHING

-- name: recalls
SELECT message FROM recall ORDER BY message

-- name: recall_done
DELETE FROM recall WHERE message = :message

-- name: prune_recall
DELETE FROM recall
WHERE message NOT IN (SELECT message FROM delivery) AND message NOT IN (SELECT id FROM outbox)

-- name: prune_inbox
DELETE FROM inbox WHERE at_ms < :before_ms

-- name: prune_outbox
DELETE FROM outbox WHERE at_ms < :before_ms AND state IN ('sent', 'failed', 'withdrawn')

-- name: old_delivery
SELECT DISTINCT message FROM delivery
WHERE at_ms < :before_ms AND message NOT IN (SELECT id FROM outbox)

-- name: prune_delivery
DELETE FROM delivery WHERE message = :message

-- name: audit_head
SELECT CAST(base AS BIGINT), CAST(base_mac AS BLOB), CAST(last AS BIGINT),
       CAST(last_mac AS BLOB), CAST(mac AS BLOB)
FROM audit_head

-- name: put_audit_head
INSERT INTO audit_head (one, base, base_mac, last, last_mac, mac)
VALUES (1, :base, :base_mac, :last, :last_mac, :mac)
ON CONFLICT (one) DO UPDATE
SET base = excluded.base, base_mac = excluded.base_mac,
    last = excluded.last, last_mac = excluded.last_mac, mac = excluded.mac

-- name: audit_last
SELECT coalesce(max(number), 0) FROM audit WHERE number < 4503599627370496

-- name: audit_lines
SELECT number, CAST(sealed AS BLOB), CAST(mac AS BLOB) FROM audit ORDER BY number

-- name: add_audit
INSERT INTO audit (number, sealed, mac) VALUES (:number, :sealed, :mac)
ON CONFLICT (number) DO UPDATE SET sealed = excluded.sealed, mac = excluded.mac

-- name: prune_audit
DELETE FROM audit WHERE number <= :number

-- name: older_done
DELETE FROM older WHERE step = :step

-- name: generation
SELECT generation FROM key_generation

-- name: set_generation
UPDATE key_generation SET generation = :generation

-- name: wrapped_slots
SELECT k.name, k.slot, s.wrapped
FROM data_key k JOIN key_slot s ON s.slot = k.slot ORDER BY k.slot
