"""Schema version 3: what people decide. Frozen once released: a later change is a later migration.

A case knows by which decision it stands as it does, and when time will move it; a decision knows what it
found, so that it can be undone. Approvals, the people who are away, and Studio's users have their rows.
"""

SCHEMA_3 = """
ALTER TABLE "case" ADD COLUMN decision_id INTEGER REFERENCES decision (id);
ALTER TABLE "case" ADD COLUMN closed_by TEXT;
ALTER TABLE "case" ADD COLUMN closed_name TEXT;
ALTER TABLE "case" ADD COLUMN risk_until REAL;          -- an accepted risk is open again after it
ALTER TABLE "case" ADD COLUMN wake_at REAL;             -- a snooze ends
ALTER TABLE "case" ADD COLUMN snoozed_by TEXT;
ALTER TABLE "case" ADD COLUMN snoozed_name TEXT;
ALTER TABLE "case" ADD COLUMN snooze_reason TEXT;
ALTER TABLE "case" ADD COLUMN fix_by REAL;
ALTER TABLE "case" ADD COLUMN remind_at REAL;           -- before fix_by, once
ALTER TABLE "case" ADD COLUMN ladder TEXT NOT NULL DEFAULT '[]';  -- its rungs, as chosen at opening
ALTER TABLE "case" ADD COLUMN ladder_step INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "case" ADD COLUMN next_step_at REAL;
CREATE INDEX case_by_wake ON "case" (wake_at) WHERE wake_at IS NOT NULL AND state = 'snoozed';
CREATE INDEX case_by_fix ON "case" (fix_by) WHERE fix_by IS NOT NULL AND state = 'acknowledged';
CREATE INDEX case_by_reminder ON "case" (remind_at) WHERE remind_at IS NOT NULL AND state = 'acknowledged';
CREATE INDEX case_by_risk ON "case" (risk_until) WHERE risk_until IS NOT NULL AND state = 'closed';
CREATE INDEX case_by_owner ON "case" (owner) WHERE owner IS NOT NULL;
CREATE INDEX case_by_step ON "case" (next_step_at) WHERE next_step_at IS NOT NULL AND state = 'open';

ALTER TABLE decision ADD COLUMN reason TEXT;
ALTER TABLE decision ADD COLUMN details TEXT NOT NULL DEFAULT '{}';  -- what else was chosen, as JSON
ALTER TABLE decision ADD COLUMN before TEXT;            -- the case's columns as it found them, as JSON
ALTER TABLE decision ADD COLUMN left_version INTEGER;   -- the case's version as it left it
ALTER TABLE decision ADD COLUMN wants TEXT;             -- the status that Studio is to have by it
ALTER TABLE decision ADD COLUMN undoes INTEGER REFERENCES decision (id);
ALTER TABLE decision ADD COLUMN undone_by INTEGER REFERENCES decision (id);
ALTER TABLE decision ADD COLUMN proposal_id INTEGER REFERENCES proposal (id);
ALTER TABLE decision ADD COLUMN studio_user TEXT;       -- who the person is in Studio, by id or e-mail
UPDATE decision SET wants = 'investigating' WHERE action = 'acknowledge';
UPDATE "case" SET decision_id = (
    SELECT max(d.id) FROM decision d WHERE d.case_id = "case".id AND d.episode = "case".episode
    AND d.action = 'acknowledge' AND d.person = "case".acknowledged_by
) WHERE state = 'acknowledged' AND acknowledged_by IS NOT NULL;

CREATE TABLE proposal (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES "case" (id),
    episode INTEGER NOT NULL,
    severity TEXT NOT NULL,              -- as it was shown: raised since, it has to be asked anew
    inbox_id INTEGER NOT NULL UNIQUE REFERENCES inbox (id),
    action TEXT NOT NULL,
    person TEXT NOT NULL,
    person_name TEXT NOT NULL,
    person_email TEXT,
    "right" TEXT NOT NULL,
    rules_hash TEXT NOT NULL,
    version_shown INTEGER,
    reason TEXT NOT NULL,
    details TEXT NOT NULL DEFAULT '{}',
    proposed_at REAL NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'confirmed', 'declined', 'withdrawn', 'overtaken')),
    ended_by TEXT,
    ended_name TEXT,
    ended_at REAL
) STRICT;
CREATE INDEX proposal_waiting ON proposal (case_id) WHERE state = 'waiting';

CREATE TABLE approval (
    id INTEGER PRIMARY KEY,
    ref TEXT NOT NULL UNIQUE,            -- AP-0001
    object_id INTEGER NOT NULL REFERENCES object (id),
    kind TEXT NOT NULL CHECK (kind IN ('project', 'review', 'request')),
    episode INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'deciding', 'decided', 'elsewhere', 'gone')),
    version INTEGER NOT NULL DEFAULT 1,
    facts TEXT NOT NULL,                 -- what is approved, as it stands in the message, as JSON
    facts_hash TEXT NOT NULL,
    needed INTEGER NOT NULL DEFAULT 1,
    deciders TEXT NOT NULL DEFAULT '[]', -- who was asked, as JSON
    requester_id TEXT,                   -- the requester's Slack id, where they are in Slack
    requested_at REAL,
    asked_at REAL NOT NULL,
    read_at REAL NOT NULL DEFAULT 0,     -- when the newest facts were asked of Studio
    event_id INTEGER REFERENCES event (id),
    outcome TEXT,                        -- Studio's word for how it ended
    outcome_by TEXT,                     -- what Studio tells of who did it
    vote_id INTEGER REFERENCES vote (id),  -- the vote that decided it
    ended_at REAL,
    sync TEXT NOT NULL DEFAULT 'none' CHECK (sync IN ('none', 'pending', 'late', 'confirmed', 'refused')),
    sync_since REAL,
    sync_note TEXT,
    UNIQUE (object_id, kind, episode)
) STRICT;
CREATE INDEX approval_living ON approval (id) WHERE state IN ('waiting', 'deciding');

CREATE TABLE approval_post (
    id INTEGER PRIMARY KEY,
    approval_id INTEGER NOT NULL REFERENCES approval (id),
    channel_id TEXT NOT NULL,            -- a person's Slack id where it is a direct message
    channel_name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('primary', 'copy', 'direct')),
    state TEXT NOT NULL CHECK (state IN ('wanted', 'shown', 'gone', 'dead')),
    generation INTEGER NOT NULL DEFAULT 1,
    ts TEXT,
    place TEXT,                          -- the channel Slack let it stand in: of a direct message, the D…
    want_version INTEGER NOT NULL,
    shown_version INTEGER NOT NULL DEFAULT 0,
    edited_at REAL NOT NULL DEFAULT 0,
    lane INTEGER NOT NULL,
    template TEXT NOT NULL,
    emoji TEXT NOT NULL DEFAULT '',
    mentions TEXT NOT NULL DEFAULT '[]',
    note TEXT,
    UNIQUE (approval_id, channel_id)
) STRICT;
CREATE INDEX approval_post_by_message ON approval_post (place, ts);

CREATE TABLE vote (
    id INTEGER PRIMARY KEY,
    approval_id INTEGER NOT NULL REFERENCES approval (id),
    inbox_id INTEGER NOT NULL UNIQUE REFERENCES inbox (id),
    verdict TEXT NOT NULL CHECK (verdict IN ('approve', 'reject', 'delegate', 'return', 'complete')),
    person TEXT NOT NULL,
    person_name TEXT NOT NULL,
    person_email TEXT,
    studio_user TEXT,
    "right" TEXT NOT NULL,
    rules_hash TEXT NOT NULL,
    version_shown INTEGER,
    facts_hash TEXT NOT NULL,            -- of what stood in the message when it was cast
    reason TEXT,
    details TEXT NOT NULL DEFAULT '{}',  -- auditor, reviewer, due date; to whom it was handed
    delegated_from TEXT,                 -- whose place the person stands in
    outcome TEXT NOT NULL CHECK (outcome IN ('counted', 'void')),  -- void: what was approved has changed
    at REAL NOT NULL
) STRICT;
CREATE INDEX vote_by_approval ON vote (approval_id, id);

CREATE TABLE away (
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    person_name TEXT NOT NULL,
    since REAL NOT NULL,
    until REAL NOT NULL,
    deputy TEXT,
    deputy_name TEXT,
    ended_at REAL
) STRICT;
CREATE INDEX away_now ON away (person, until) WHERE ended_at IS NULL;

CREATE TABLE studio_user (
    studio_id TEXT PRIMARY KEY,
    email TEXT,
    name TEXT NOT NULL,
    auditor INTEGER NOT NULL DEFAULT 0,  -- stood in Studio's list of auditors when it was read last
    load INTEGER NOT NULL DEFAULT 0,
    read_at REAL NOT NULL
) STRICT;
CREATE INDEX studio_user_by_email ON studio_user (email);

-- What an entry is about, by plain text functions: those of JSON may not stand in a schema.
CREATE INDEX audit_by_case ON audit (
    CASE WHEN instr(body, '"case":"') THEN substr(
        body,
        instr(body, '"case":"') + 8,
        instr(substr(body, instr(body, '"case":"') + 8), '"') - 1
    ) END
);
CREATE INDEX audit_by_approval ON audit (
    CASE WHEN instr(body, '"approval":"') THEN substr(
        body,
        instr(body, '"approval":"') + 12,
        instr(substr(body, instr(body, '"approval":"') + 12), '"') - 1
    ) END
);
"""
