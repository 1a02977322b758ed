"""Events: each difference once, with what rules were in force and why it went where."""

from __future__ import annotations

import json
from collections.abc import Sequence

from compliance_bot.model.events import Event
from compliance_bot.store.transaction import Transaction


def add(
    tx: Transaction,
    event: Event,
    *,
    object_id: int,
    before: str | None,
    after: str | None,
    now: float,
    rules_hash: str,
    trace: Sequence[str] = (),
) -> int:
    """Write an event and return its id."""
    return tx.insert(
        "event",
        object_id=object_id,
        type=event.type,
        change=event.change.value,
        before=before,
        after=after,
        cause=event.cause.value,
        observed_at=now,
        attributes=json.dumps(dict(event.attributes), ensure_ascii=False),
        trace=json.dumps(list(trace), ensure_ascii=False),
        rules_hash=rules_hash,
    )


def count(tx: Transaction) -> int:
    """How many events there ever were."""
    return int((tx.one("SELECT coalesce(max(id), 0) FROM event") or (0,))[0])
