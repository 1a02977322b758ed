"""The outbox's rows: written once, claimed in order, settled. Nothing here decides; it stores.

``ready`` keeps a claim's cost free of the backlog: 1, the first open row of its ``order_key`` and
due; 2, the first but asleep until ``not_before``; 0, behind an earlier open row. Every function that
closes or opens a row keeps that true (``release``). ``failures`` counts presentations that raised
(while pending) or look-ups that could not tell (while unknown) since the row last moved.

Columns and indexes this module lives by (schema version 1)::

    effect: …, ready INTEGER NOT NULL DEFAULT 1, failures INTEGER NOT NULL DEFAULT 0
    pace:   pace_key TEXT PRIMARY KEY, parked_until REAL, reason TEXT, starts TEXT (JSON list of seconds)
    CREATE INDEX effect_ready   ON effect (pace_key, lane, id)  WHERE state = 'pending' AND ready = 1;
    CREATE INDEX effect_asleep  ON effect (not_before)          WHERE state = 'pending' AND ready = 2;
    CREATE INDEX effect_expires ON effect (expires_at)          WHERE state = 'pending' AND expires_at IS NOT NULL;
    CREATE INDEX effect_open    ON effect (order_key, id)       WHERE state IN ('pending', 'sending', 'unknown');
    CREATE INDEX effect_sending ON effect (id)                  WHERE state = 'sending';
    CREATE INDEX effect_unknown ON effect (pace_key, not_before) WHERE state = 'unknown';
    CREATE INDEX effect_dead    ON effect (finished_at)         WHERE state = 'dead';
"""
