"""Schema version 2: digests, and posts that are a line in one. Frozen: a later change is a later migration.

``post`` and ``decision`` are made anew, since SQLite changes no constraint in place: a post may be
``listed``, and one press may decide several cases.
"""

SCHEMA_2 = """
CREATE TABLE digest (
    id INTEGER PRIMARY KEY,
    channel_id TEXT NOT NULL,
    channel_name TEXT NOT NULL,
    urgent INTEGER NOT NULL,
    opened_at REAL NOT NULL,
    takes_until REAL NOT NULL,           -- members join until then
    state TEXT NOT NULL DEFAULT 'wanted' CHECK (state IN ('wanted', 'shown', 'dead')),
    generation INTEGER NOT NULL DEFAULT 1,
    ts TEXT,
    want_version INTEGER NOT NULL DEFAULT 1,
    shown_version INTEGER NOT NULL DEFAULT 0,
    edited_at REAL NOT NULL DEFAULT 0,
    emoji TEXT NOT NULL DEFAULT '',
    mentions TEXT NOT NULL DEFAULT '[]',
    note TEXT
) STRICT;
CREATE INDEX digest_by_window ON digest (channel_id, takes_until);
CREATE INDEX digest_waiting ON digest (channel_id) WHERE state = 'wanted';
CREATE INDEX digest_by_message ON digest (channel_id, ts);

CREATE TABLE digest_event (
    digest_id INTEGER NOT NULL REFERENCES digest (id),
    event_id INTEGER NOT NULL REFERENCES event (id),
    UNIQUE (digest_id, event_id)
) STRICT;

CREATE TABLE post_2 (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES "case" (id),
    episode INTEGER NOT NULL,
    channel_id TEXT NOT NULL,
    channel_name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('primary', 'copy')),
    state TEXT NOT NULL CHECK (state IN ('wanted', 'shown', 'listed', 'gone', 'dead')),
    generation INTEGER NOT NULL DEFAULT 1,
    ts TEXT,
    want_version INTEGER NOT NULL,
    shown_version INTEGER NOT NULL DEFAULT 0,
    edited_at REAL NOT NULL DEFAULT 0,
    lane INTEGER NOT NULL,
    template TEXT NOT NULL,
    emoji TEXT NOT NULL DEFAULT '',
    mentions TEXT NOT NULL DEFAULT '[]',
    note TEXT,
    change TEXT NOT NULL DEFAULT '',
    threading INTEGER NOT NULL DEFAULT 1,
    quiet INTEGER NOT NULL DEFAULT 0,
    digest_id INTEGER REFERENCES digest (id),
    UNIQUE (case_id, episode, channel_id)
) STRICT;
INSERT INTO post_2 SELECT id, case_id, episode, channel_id, channel_name, role, state, generation, ts,
    want_version, shown_version, edited_at, lane, template, emoji, mentions, note, change, threading, quiet,
    NULL FROM post;
DROP TABLE post;
ALTER TABLE post_2 RENAME TO post;
CREATE INDEX post_by_message ON post (channel_id, ts);
CREATE INDEX post_by_digest ON post (digest_id) WHERE digest_id IS NOT NULL;

CREATE TABLE decision_2 (
    id INTEGER PRIMARY KEY,
    inbox_id INTEGER NOT NULL REFERENCES inbox (id),
    case_id INTEGER NOT NULL REFERENCES "case" (id),
    episode INTEGER NOT NULL,
    action TEXT NOT NULL,
    person TEXT NOT NULL,
    person_name TEXT NOT NULL,
    person_email TEXT,
    "right" TEXT NOT NULL,
    rules_hash TEXT NOT NULL,
    version_shown INTEGER,
    observed_at REAL,
    outcome TEXT NOT NULL,
    at REAL NOT NULL,
    UNIQUE (inbox_id, case_id)
) STRICT;
INSERT INTO decision_2 SELECT id, inbox_id, case_id, episode, action, person, person_name, person_email,
    "right", rules_hash, version_shown, observed_at, outcome, at FROM decision;
DROP TABLE decision;
ALTER TABLE decision_2 RENAME TO decision;
CREATE INDEX decision_by_case ON decision (case_id, id);

CREATE INDEX effect_asleep_by_place ON effect (pace_key, id) WHERE state = 'pending' AND ready = 2;
"""
