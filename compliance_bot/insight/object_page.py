"""A finding without a case, or a project: what was seen of it, in order."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from compliance_bot.insight.proof_parts import Reading
from compliance_bot.messages.case_page import CasePage, Step
from compliance_bot.messages.proof import BOT, Subject, Who
from compliance_bot.messages.wording import change_words, status_words
from compliance_bot.model.events import Change
from compliance_bot.store import trail

STUDIO = Who(name="Studio")

_STANDINGS: Mapping[str, str] = {
    "told": "told",
    "baseline": "it stood in Studio before the first complete reading: recorded, not told",
    "held": "its integration's findings vanished: told once that is settled",
    "silent": "recorded, not told",
    "gone": "gone from Studio",
}


def object_page(reading: Reading, studio_id: str, row: sqlite3.Row) -> CasePage:
    """What is known of it: nobody has decided anything on it as a case."""
    state: Mapping[str, Any] = json.loads(row["state"])
    seen = [_step(event) for event in trail.events_of(reading.tx, row["id"])]
    asked = [_asked(approval) for approval in trail.approvals_of(reading.tx, row["id"])]
    return CasePage(
        subject=Subject(
            ref=studio_id,
            kind=row["kind"],
            studio_id=studio_id,
            title=str(state.get("title") or state.get("name") or "?"),
            severity=row["severity"],
            stands=status_words(row["status"]),
        ),
        facts=(("case", f"none: {_STANDINGS[row['standing']]}"),) if row["kind"] == "finding" else (),
        steps=(
            Step(at=row["first_seen"], who=BOT, words="saw it in Studio for the first time"),
            *_in_order(seen, asked),
        ),
        shown=(),
        links=(),
        missing=(),
        checked_at=reading.now,
    )


def _in_order(seen: list[Step], asked: list[Step]) -> list[Step]:
    return sorted([*seen, *asked], key=lambda step: step.at)


def _asked(row: sqlite3.Row) -> Step:
    ended = f", {row['state']}" if row["outcome"] is None else f", {row['state']}: {row['outcome']}"
    return Step(at=row["asked_at"], who=BOT, words=f"asked for a decision: approval {row['ref']}{ended}")


def _step(event: sqlite3.Row) -> Step:
    moved = (
        f": {status_words(event['before'])} → {status_words(event['after'] or '?')}"
        if event["before"]
        else ""
    )
    words = change_words(Change(event["change"]))
    return Step(at=event["observed_at"], who=STUDIO, words=f"{words}{moved}")
