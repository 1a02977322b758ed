"""What every page of a proof is put together from: people, rules, steps, messages, entries of the chain."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from compliance_bot.audit.proof import body_of, faults_of
from compliance_bot.clock import iso
from compliance_bot.messages.proof import BOT, Link, Refusal, RulesUsed, Shown, Who, Written
from compliance_bot.messages.wording import status_words
from compliance_bot.model.delivery import EffectState
from compliance_bot.model.slack import Directory
from compliance_bot.store import rules_used, trail
from compliance_bot.store.audit_entries import Entry
from compliance_bot.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a page is read with. ``now``: when, Unix seconds; ``directory``: what Slack's ids are called."""

    tx: Transaction
    directory: Directory
    now: float

    def channel(self, channel_id: str, name: str = "") -> str:
        """A channel as people know it; a direct message is named by its person."""
        known = self.directory.channels_by_id.get(channel_id)
        if known is not None:
            return f"#{known.name}"
        if channel_id.startswith(("U", "W")):
            return f"a direct message to {self.person(channel_id)}"
        if channel_id.startswith("D"):
            return "a direct message"
        return f"#{name.removeprefix('#')}" if name else channel_id

    def person(self, slack_id: str) -> str:
        """A person's name, as Slack says it now, else as it was known last, else the id."""
        known = self.directory.people_by_id.get(slack_id)
        return known.name if known is not None else trail.name_of(self.tx, slack_id) or slack_id


def who_decided(row: sqlite3.Row) -> Who:
    """Who a decision's, a proposal's or a vote's row names."""
    known = row.keys()
    studio = row["studio_user"] if "studio_user" in known else None
    return Who(name=row["person_name"], slack_id=row["person"], email=row["person_email"], studio_user=studio)


def actor_of(reading: Reading, body: Mapping[str, Any]) -> Who:
    """Who an entry names by pseudonym; one that nobody stands behind any more stays as it is."""
    word = str(body.get("actor", "?"))
    if word == "bot":
        return BOT
    found = trail.person_behind(reading.tx, word)
    if found is None:
        return Who(name=word)
    return Who(name=found[1] or reading.person(found[0]), slack_id=found[0])


def rules_of(reading: Reading, rules_hash: str) -> RulesUsed:
    """The rules of that hash: since when, whether still, whether their text can be read."""
    known = trail.rules_first_used(reading.tx, rules_hash)
    now = rules_used.in_force(reading.tx)
    return RulesUsed(
        hash=rules_hash,
        first_used_at=None if known is None else known[0],
        stored=known is not None and known[1],
        in_force=now is not None and now.hash == rules_hash,
    )


# ---------------------------------------------------------------- what left

_REASONS: Mapping[str, str] = {
    "decision.overtaken": "the case had moved on",
    "decision.undone": "it was taken back before it left",
    "delivery.shadow": "in shadow mode nothing is written",
    "predecessor.failed": "the step before it failed",
    "deleted": "it was deleted there",
}


def written(row: sqlite3.Row, what: str) -> Written:
    """How an effect stands."""
    result: Mapping[str, Any] = json.loads(row["result"]) if row["result"] else {}
    state, note = _state_of(EffectState(row["state"]), result), row["error"] or ""
    if state == "not_needed":
        note = f"Studio said {status_words(str(result.get('status', '?')))} by then"
    return Written(
        what=what,
        state=state,
        planned_at=row["created_at"],
        at=row["finished_at"],
        note=_REASONS.get(note, note),
    )


def _state_of(state: EffectState, result: Mapping[str, Any]) -> str:
    if state is EffectState.DONE:
        return "not_needed" if result.get("written") is False else "done"
    return {
        EffectState.DEAD: "refused",
        EffectState.SKIPPED: "left_out",
        EffectState.UNKNOWN: "in_doubt",
    }.get(state, "waiting")


def studio_step(row: sqlite3.Row) -> str:
    """What an effect of Studio's was to do there."""
    intent: Mapping[str, Any] = json.loads(row["intent"])
    kind = str(row["kind"]).removeprefix("studio_")
    if kind == "status":
        return f"status {status_words(str(intent.get('status') or 'investigating'))}"
    if kind == "assign":
        return f"assignment to {intent.get('assignee', '?')}"
    return {"comment": "comment"}.get(kind, kind)


def shown_since(
    reading: Reading, starts: Sequence[str], version: int | None, *, after: float = 0.0
) -> float | None:
    """When a message showed that version first, and not before ``after``, by effects whose keys begin so."""
    rows = (row for start in starts for row in trail.effects_keyed(reading.tx, start))
    return min(
        (
            row["finished_at"]
            for row in rows
            if row["state"] == "done" and row["finished_at"] >= after and _shows(row["version"], version)
        ),
        default=None,
    )


def _shows(rendered: int | None, wanted: int | None) -> bool:
    return rendered is not None and wanted is not None and rendered >= wanted


def shown_of_post(reading: Reading, post: sqlite3.Row, version: int | None) -> Shown:
    """One post and since when it has shown a version."""
    state = {
        "listed": f"a line of digest D-{post['digest_id']}",
        "wanted": "not posted yet",
        "gone": "Slack has that message no more",
        "dead": "could not be posted",
    }.get(post["state"], "not shown there yet")
    at = None
    if post["state"] != "listed":
        at = shown_since(reading, [f"post:{post['id']}:", f"edit:{post['id']}:"], version)
    return Shown(channel=reading.channel(post["channel_id"], post["channel_name"]), state=state, since_at=at)


# ---------------------------------------------------------------- the chain


def link_of(reading: Reading, entry: Entry, faults: Iterable[str] = ()) -> Link:
    """An entry looked at now; ``faults``: what beside it does not match."""
    found = (*faults_of(reading.tx, entry), *faults)
    return Link(seq=entry.seq, hash=entry.hash, kind=str(body_of(entry).get("kind", "?")), faults=found)


def differences(facts: Mapping[str, Any], record: Mapping[str, Any]) -> list[str]:
    """Where an entry and the record disagree; what an entry does not name is not compared."""
    return [
        f"{_NAMES.get(name, name)}: the record says {_short(value)}, the chain says {_short(facts[name])}"
        for name, value in record.items()
        if name in facts and facts[name] != value
    ]


_NAMES: Mapping[str, str] = {
    "words": "reason and details (by their hash)",
    "from": "the state before",
    "to": "the state after",
    "rules": "the hash of the rules",
    "actor": "the person",
    "at": "the time",
    "version_shown": "the version shown",
}


def _short(value: object) -> str:
    return "nothing" if value is None else str(value)


def envelope_differences(
    reading: Reading, body: Mapping[str, Any], *, kind: str, person: str, at: float
) -> list[str]:
    """Where an entry and the record disagree on what it is, whose doing, and when."""
    behind = trail.person_behind(reading.tx, str(body.get("actor", "")))
    said = {"kind": body.get("kind"), "actor": behind and behind[0], "at": body.get("at")}
    if behind is None:
        del said["actor"]
    return differences(said, {"kind": kind, "actor": person, "at": iso(at)})


def refusals_in(reading: Reading, entries: Sequence[Entry]) -> tuple[Refusal, ...]:
    """The refusals among entries, in order."""
    found = []
    for entry in entries:
        body = body_of(entry)
        kind, facts = str(body.get("kind", "")), body.get("facts", {})
        if kind.startswith("refusal."):
            found.append(
                Refusal(
                    at=seconds_of(body),
                    who=actor_of(reading, body),
                    action=kind.removeprefix("refusal."),
                    reason=str(facts.get("reason", "?")),
                    reference=str(facts.get("reference", "")),
                    seq=entry.seq,
                )
            )
    return tuple(found)


def seconds_of(body: Mapping[str, Any]) -> float:
    """When an entry was written, Unix seconds; 0 where it does not say."""
    try:
        return datetime.fromisoformat(str(body.get("at"))).timestamp()
    except ValueError:
        return 0.0
