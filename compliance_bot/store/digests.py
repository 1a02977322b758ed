"""Digests: one message a channel for many cases, and what stands in each as a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from compliance_bot.model.cases import CaseState, Digest, DigestState
from compliance_bot.model.delivery import Effect, Lane
from compliance_bot.model.findings import Severity
from compliance_bot.store.effects import ASLEEP, READY, read
from compliance_bot.store.transaction import Transaction

_DIGEST = (
    "id, channel_id, channel_name, urgent, opened_at, takes_until, state, generation, ts, want_version, "
    "shown_version, edited_at, emoji, mentions, note"
)
_KINDS = "kind IN ('post', 'digest', 'announcement')"
_RANK = " ".join(f"WHEN '{one.value}' THEN {one.rank}" for one in Severity)


def add(tx: Transaction, **values: Any) -> int:
    """Write down that a digest is to be shown; its id."""
    return tx.insert("digest", **values)


def find(tx: Transaction, digest_id: int) -> Digest:
    """The digest with that id; it must exist."""
    row = tx.one(f"SELECT {_DIGEST} FROM digest WHERE id = ?", (digest_id,))
    if row is None:
        raise LookupError(f"no digest {digest_id}")
    return _digest(row)


def taking(tx: Transaction, channel_id: str, *, urgent: bool, now: float) -> list[Digest]:
    """The digests of a channel that still take members, newest first: the window is open, or it waits."""
    rows = tx.all(
        f"SELECT {_DIGEST} FROM digest WHERE channel_id = ? AND takes_until > ? AND state = 'shown' "
        f"AND urgent = ? UNION ALL SELECT {_DIGEST} FROM digest WHERE channel_id = ? AND state = 'wanted' "
        "AND urgent = ? ORDER BY id DESC",
        (channel_id, now, int(urgent), channel_id, int(urgent)),
    )
    return [_digest(row) for row in rows]


def at(tx: Transaction, channel_id: str, ts: str) -> Digest | None:
    """The digest that stands at that place in Slack."""
    row = tx.one(f"SELECT {_DIGEST} FROM digest WHERE channel_id = ? AND ts = ?", (channel_id, ts))
    return None if row is None else _digest(row)


def change(tx: Transaction, digest_id: int, **values: Any) -> None:
    """Change columns of a digest."""
    plain = {name: one.value if isinstance(one, DigestState) else one for name, one in values.items()}
    tx.update("digest", digest_id, **plain)


def move(tx: Transaction, digest: Digest, channel_id: str) -> None:
    """Put a digest, and what is listed in it, into another channel; what stands there already leaves it."""
    tx.update("digest", digest.id, channel_id=channel_id)
    tx.execute("UPDATE OR IGNORE post SET channel_id = ? WHERE digest_id = ?", (channel_id, digest.id))
    tx.execute(
        "UPDATE post SET state = 'dead', digest_id = NULL WHERE digest_id = ? AND channel_id <> ?",
        (digest.id, channel_id),
    )


def _digest(row: Any) -> Digest:
    values = dict(row)
    values["state"] = DigestState(values["state"])
    values["urgent"] = bool(values["urgent"])
    values["mentions"] = tuple(json.loads(values["mentions"]))
    return Digest(**values)


def standing_in(tx: Transaction, channel_id: str, limit: int) -> list[int]:
    """The newest digests that stand in a channel, or may be on their way."""
    rows = tx.all(
        "SELECT id FROM digest WHERE channel_id = ? AND state <> 'dead' ORDER BY id DESC LIMIT ?",
        (channel_id, limit),
    )
    return [row["id"] for row in rows]


# ---------------------------------------------------------------- what a channel was told, and will be


def sent_since(tx: Transaction, channel_id: str, *, urgent: bool, since: float) -> int:
    """How many messages of that kind left for a channel since then."""
    row = tx.one(
        f"SELECT count(*) FROM effect WHERE pace_key = ? AND started_at > ? AND {_KINDS} "
        "AND state <> 'pending' AND (lane = 0) = ?",
        (channel_id, since, int(urgent)),
    )
    return 0 if row is None else int(row[0])


def waiting(tx: Transaction, channel_id: str, *, urgent: bool, limit: int) -> list[Effect]:
    """The messages that wait to be sent there and may be listed instead, oldest first.

    What was posted before, or is a digest already, stays what it is.
    """
    lanes = f"lane = {Lane.URGENT.value}" if urgent else f"lane > {Lane.URGENT.value}"
    wanted = f"{lanes} AND kind IN ('post', 'announcement') AND coalesce(intent ->> 'generation', 1) = 1"
    rows = [
        row
        for ready in (READY, ASLEEP)
        for row in tx.all(
            f"SELECT * FROM effect WHERE state = 'pending' AND ready = {ready} AND pace_key = ? AND {wanted} "
            "LIMIT ?",
            (channel_id, limit),
        )
    ]
    return sorted(map(read, rows), key=lambda effect: effect.id)


# ---------------------------------------------------------------- what stands in it


def add_event(tx: Transaction, digest_id: int, event_id: int) -> None:
    """List an event that has no case."""
    tx.execute("INSERT OR IGNORE INTO digest_event VALUES (?, ?)", (digest_id, event_id))


def counts(tx: Transaction, digest_id: int) -> tuple[dict[Severity, int], int]:
    """How many cases stand in it by severity, and how many of all are no longer open."""
    rows = tx.all(
        "SELECT c.severity, count(*) AS n, count(*) FILTER (WHERE c.state <> ? OR c.episode <> p.episode) "
        'AS handled FROM post p JOIN "case" c ON c.id = p.case_id WHERE p.digest_id = ? GROUP BY c.severity',
        (CaseState.OPEN.value, digest_id),
    )
    return {Severity(row["severity"]): row["n"] for row in rows}, sum(row["handled"] for row in rows)


def listed(tx: Transaction, digest_id: int, limit: int) -> list[int]:
    """The posts that have a line, the most severe first, then in the order they came.

    What is still open goes before what is handled where there is not room for all.
    """
    rows = tx.all(
        "SELECT id FROM (SELECT p.id, c.state = ? AND c.episode = p.episode AS open, "
        f'CASE c.severity {_RANK} END AS rank FROM post p JOIN "case" c ON c.id = p.case_id '
        "WHERE p.digest_id = ? ORDER BY open DESC, rank, p.id LIMIT ?) ORDER BY rank, id",
        (CaseState.OPEN.value, digest_id, limit),
    )
    return [row["id"] for row in rows]


def lists(tx: Transaction, digest_id: int, case_id: int) -> bool:
    """Whether a case has, or had, a line in that digest."""
    asked = "SELECT 1 FROM post WHERE digest_id = ? AND case_id = ?"
    return tx.one(asked, (digest_id, case_id)) is not None


def members(tx: Transaction, digest_id: int) -> Sequence[int]:
    """Every post that has no message but its line in this digest."""
    rows = tx.all("SELECT id FROM post WHERE digest_id = ? AND state = 'listed' ORDER BY id", (digest_id,))
    return [row["id"] for row in rows]


def events(tx: Transaction, digest_id: int) -> list[int]:
    """The events listed that have no case, oldest first."""
    rows = tx.all("SELECT event_id FROM digest_event WHERE digest_id = ? ORDER BY event_id", (digest_id,))
    return [row["event_id"] for row in rows]
