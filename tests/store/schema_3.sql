CREATE INDEX approval_living ON approval (id) WHERE state IN ('waiting', 'deciding');
CREATE INDEX approval_post_by_message ON approval_post (place, ts);
CREATE INDEX audit_by_approval ON audit (
    CASE WHEN instr(body, '"approval":"') THEN substr(
        body,
        instr(body, '"approval":"') + 12,
        instr(substr(body, instr(body, '"approval":"') + 12), '"') - 1
    ) END
);
CREATE INDEX audit_by_case ON audit (
    CASE WHEN instr(body, '"case":"') THEN substr(
        body,
        instr(body, '"case":"') + 8,
        instr(substr(body, instr(body, '"case":"') + 8), '"') - 1
    ) END
);
CREATE INDEX away_now ON away (person, until) WHERE ended_at IS NULL;
CREATE INDEX case_awaiting_studio ON "case" (sync_since) WHERE sync = 'pending';
CREATE INDEX case_by_fix ON "case" (fix_by) WHERE fix_by IS NOT NULL AND state = 'acknowledged';
CREATE INDEX case_by_owner ON "case" (owner) WHERE owner IS NOT NULL;
CREATE INDEX case_by_reminder ON "case" (remind_at) WHERE remind_at IS NOT NULL AND state = 'acknowledged';
CREATE INDEX case_by_risk ON "case" (risk_until) WHERE risk_until IS NOT NULL AND state = 'closed';
CREATE INDEX case_by_step ON "case" (next_step_at) WHERE next_step_at IS NOT NULL AND state = 'open';
CREATE INDEX case_by_wake ON "case" (wake_at) WHERE wake_at IS NOT NULL AND state = 'snoozed';
CREATE INDEX case_living ON "case" (id) WHERE state <> 'closed';
CREATE INDEX decision_by_case ON decision (case_id, id);
CREATE INDEX digest_by_message ON digest (channel_id, ts);
CREATE INDEX digest_by_window ON digest (channel_id, takes_until);
CREATE INDEX digest_waiting ON digest (channel_id) WHERE state = 'wanted';
CREATE INDEX effect_asleep ON effect (not_before) WHERE state = 'pending' AND ready = 2;
CREATE INDEX effect_asleep_by_place ON effect (pace_key, id) WHERE state = 'pending' AND ready = 2;
CREATE INDEX effect_by_start ON effect (pace_key, started_at) WHERE started_at IS NOT NULL;
CREATE INDEX effect_dead ON effect (id) WHERE state = 'dead';
CREATE INDEX effect_expires ON effect (expires_at) WHERE state = 'pending' AND expires_at IS NOT NULL;
CREATE INDEX effect_ready ON effect (pace_key, lane, id) WHERE state = 'pending' AND ready = 1;
CREATE INDEX effect_sending ON effect (id) WHERE state = 'sending';
CREATE INDEX effect_unfinished ON effect (order_key, id) WHERE state IN ('pending', 'sending', 'unknown');
CREATE INDEX effect_unknown ON effect (pace_key, not_before) WHERE state = 'unknown';
CREATE INDEX event_by_object ON event (object_id, id);
CREATE INDEX inbox_unfinished ON inbox (id) WHERE state IN ('received', 'decided');
CREATE INDEX object_by_grouping ON object (grouping) WHERE status IN ('open', 'investigating', 'in_progress');
CREATE INDEX object_by_walk ON object (source, kind, seen_walk);
CREATE INDEX post_by_digest ON post (digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX post_by_message ON post (channel_id, ts);
CREATE INDEX proposal_waiting ON proposal (case_id) WHERE state = 'waiting';
CREATE INDEX quota_call_by_time ON quota_call (at, purpose);
CREATE INDEX studio_user_by_email ON studio_user (email);
CREATE INDEX vote_by_approval ON vote (approval_id, id);
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
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    prev TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
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
CREATE TABLE "case" (
    id INTEGER PRIMARY KEY,
    ref TEXT NOT NULL UNIQUE,
    object_id INTEGER NOT NULL UNIQUE REFERENCES object (id),
    episode INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'snoozed', 'closed')),
    severity TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    opened_at REAL NOT NULL,
    owner TEXT,
    acknowledged_by TEXT,
    acknowledged_name TEXT,
    acknowledged_at REAL,
    closed_at REAL,
    closed_reason TEXT,
    sync TEXT NOT NULL DEFAULT 'none' CHECK (sync IN ('none', 'pending', 'late', 'confirmed', 'refused')),
    sync_since REAL,
    sync_note TEXT
, decision_id INTEGER REFERENCES decision (id), closed_by TEXT, closed_name TEXT, risk_until REAL, wake_at REAL, snoozed_by TEXT, snoozed_name TEXT, snooze_reason TEXT, fix_by REAL, remind_at REAL, ladder TEXT NOT NULL DEFAULT '[]', ladder_step INTEGER NOT NULL DEFAULT 0, next_step_at REAL) STRICT;
CREATE TABLE cursor (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    moved_at REAL NOT NULL
) STRICT;
CREATE TABLE "decision" (
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
    at REAL NOT NULL, reason TEXT, details TEXT NOT NULL DEFAULT '{}', before TEXT, left_version INTEGER, wants TEXT, undoes INTEGER REFERENCES decision (id), undone_by INTEGER REFERENCES decision (id), proposal_id INTEGER REFERENCES proposal (id), studio_user TEXT,
    UNIQUE (inbox_id, case_id)
) STRICT;
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
CREATE TABLE digest_event (
    digest_id INTEGER NOT NULL REFERENCES digest (id),
    event_id INTEGER NOT NULL REFERENCES event (id),
    UNIQUE (digest_id, event_id)
) STRICT;
CREATE TABLE effect (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    lane INTEGER NOT NULL,
    order_key TEXT NOT NULL,
    pace_key TEXT NOT NULL,
    intent TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'unknown', 'done', 'skipped', 'dead')),
    attempt INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL,
    not_before REAL NOT NULL,
    expires_at REAL,
    started_at REAL,
    finished_at REAL,
    payload BLOB,
    payload_hash TEXT,
    rules_hash TEXT,
    version INTEGER,
    degraded INTEGER NOT NULL DEFAULT 0,
    looked INTEGER NOT NULL DEFAULT 0,
    ready INTEGER NOT NULL DEFAULT 1 CHECK (ready IN (0, 1, 2)),  -- behind another, ready, asleep
    result TEXT,
    error TEXT
) STRICT;
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    object_id INTEGER NOT NULL REFERENCES object (id),
    type TEXT NOT NULL,
    change TEXT NOT NULL,
    before TEXT,
    after TEXT,
    cause TEXT NOT NULL CHECK (cause IN ('studio', 'decision', 'clock')),
    observed_at REAL NOT NULL,
    attributes TEXT NOT NULL,
    trace TEXT NOT NULL DEFAULT '[]',
    rules_hash TEXT NOT NULL
) STRICT;
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    person TEXT,
    channel TEXT,
    body TEXT NOT NULL,
    received_at REAL NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received', 'decided', 'done', 'failed')),
    attempt INTEGER NOT NULL DEFAULT 0,
    not_before REAL NOT NULL DEFAULT 0,
    reply TEXT,
    decided_at REAL
) STRICT;
CREATE TABLE object (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    studio_id TEXT NOT NULL,
    grouping TEXT,                       -- the integration: a re-import is seen by it
    state TEXT NOT NULL,                 -- what we last knew, as JSON of the fields we keep
    fingerprint TEXT NOT NULL,
    status TEXT NOT NULL,
    severity TEXT NOT NULL,
    first_seen REAL NOT NULL,
    last_seen REAL NOT NULL,
    accepted_at REAL NOT NULL,           -- when the last accepted observation was asked for
    seen_walk INTEGER NOT NULL DEFAULT 0,
    missing_walks INTEGER NOT NULL DEFAULT 0,
    standing TEXT NOT NULL CHECK (standing IN ('told', 'baseline', 'held', 'silent', 'gone')),
    UNIQUE (source, kind, studio_id)
) STRICT;
CREATE TABLE pace (
    pace_key TEXT PRIMARY KEY,
    parked_until REAL NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE TABLE person (
    slack_id TEXT PRIMARY KEY,
    pseudonym TEXT NOT NULL UNIQUE,      -- how the audit chain names this person
    name TEXT,
    first_met REAL NOT NULL
) STRICT;
CREATE TABLE "post" (
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
CREATE TABLE quota_call (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    purpose TEXT NOT NULL
) STRICT;
CREATE TABLE rules (
    hash TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    first_used REAL NOT NULL
) STRICT;
CREATE TABLE sqlite_sequence(name,seq);
CREATE TABLE studio_user (
    studio_id TEXT PRIMARY KEY,
    email TEXT,
    name TEXT NOT NULL,
    auditor INTEGER NOT NULL DEFAULT 0,  -- stood in Studio's list of auditors when it was read last
    load INTEGER NOT NULL DEFAULT 0,
    read_at REAL NOT NULL
) STRICT;
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
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'an audit entry is never changed'); END;
CREATE TRIGGER audit_is_never_removed BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'an audit entry is never removed'); END;
