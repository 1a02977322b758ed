"""One decision on a case, put together from its row, what left for it, and the chain."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from compliance_bot.audit.proof import body_of
from compliance_bot.cases.press import reference_of, words_hash
from compliance_bot.insight.proof_parts import (
    Reading,
    differences,
    envelope_differences,
    link_of,
    refusals_in,
    rules_of,
    shown_of_post,
    studio_step,
    who_decided,
    written,
)
from compliance_bot.messages.decision_page import Changed, Decided, DecisionPage, Second
from compliance_bot.messages.proof import Link, Shown, Subject, Who, Written
from compliance_bot.messages.wording import status_words
from compliance_bot.model.cases import Case
from compliance_bot.store import objects, trail
from compliance_bot.store.audit_entries import Entry


def decision_page(reading: Reading, case: Case, row: sqlite3.Row) -> DecisionPage:
    """Everything that is known of the decision, and whether the chain says the same."""
    entries = trail.entries_of_case(reading.tx, case.ref)
    own = own_entry(entries, row)
    links = tuple(_links(reading, case, row, entries))
    return DecisionPage(
        decided=decided(reading, row, reference_of(case, row["id"])),
        subject=subject_of(reading, case),
        changed=tuple(_changes(row)),
        undoes=_reference(case, row["undoes"]),
        undone_by=_reference(case, row["undone_by"]),
        second=_second(reading, row),
        sent=tuple(sent_for(reading, row)),
        shown=tuple(_shown(reading, case, row)),
        told=tuple(_told(reading, case, row)),
        refusals=refusals_in(reading, entries),
        links=links,
        missing=() if own is not None else (f"no entry of the chain is about decision {row['id']}",),
        checked_at=reading.now,
    )


def subject_of(reading: Reading, case: Case) -> Subject:
    """The case, and the finding it is about as it was known last."""
    finding = objects.find_by_row(reading.tx, case.object_id).finding
    return Subject(
        ref=case.ref,
        kind="finding",
        studio_id=finding.id,
        title=finding.title,
        severity=case.severity,
        stands=f"case {case.ref}, episode {case.episode}, {case.state}",
    )


def decided(reading: Reading, row: sqlite3.Row, ref: str) -> Decided:
    """What a decision's or a vote's row says of itself."""
    known = row.keys()
    came = trail.pressed(reading.tx, row["inbox_id"])
    place = None if came is None or not came["channel"] else reading.channel(came["channel"])
    return Decided(
        ref=ref,
        action=row["action"] if "action" in known else row["verdict"],
        who=who_decided(row),
        decided_at=row["at"],
        right=row["right"],
        rules=rules_of(reading, row["rules_hash"]),
        version_shown=row["version_shown"],
        observed_at=row["observed_at"] if "observed_at" in known else None,
        received_at=None if came is None else came["received_at"],
        pressed_in=place,
        reason=row["reason"],
        details=details_of(reading, row),
    )


def details_of(reading: Reading, row: sqlite3.Row) -> dict[str, str]:
    """What else was chosen, by name, as people say it."""
    chosen: Mapping[str, Any] = json.loads(row["details"] or "{}")
    return {
        name: said_of(reading, name, value)
        for name, value in chosen.items()
        if value not in (None, "", [], {})
    }


_PEOPLE = ("slack_user", "to", "proposed_by", "delegated_from")
_A_LONG_TIME = 1e8
"""Unix seconds after which a number is a time: 1973."""


def said_of(reading: Reading, name: str, value: object) -> str:
    """One thing that was chosen, as people say it: times in UTC, people by name."""
    if isinstance(value, float | int) and not isinstance(value, bool) and value > _A_LONG_TIME:
        return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M} UTC"
    if name in _PEOPLE and isinstance(value, str) and reading.person(value) != value:
        return f"{reading.person(value)} ({value})"
    if isinstance(value, Mapping):
        return ", ".join(
            f"{key} {said_of(reading, str(key), one)}" for key, one in value.items() if one is not None
        )
    if isinstance(value, list):
        return ", ".join(said_of(reading, name, one) for one in value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _changes(row: sqlite3.Row) -> Iterator[Changed]:
    found: Mapping[str, Any] = json.loads(row["before"]) if row["before"] else {}
    before = found.get("state")
    if before is not None and before != row["outcome"]:
        yield Changed(what="the case", before=before, after=row["outcome"])
    if row["wants"]:
        said = found.get("studio_said") or "open"
        yield Changed(what="Studio", before=status_words(said), after=f"to be {status_words(row['wants'])}")


def _reference(case: Case, decision_id: int | None) -> str | None:
    return None if decision_id is None else reference_of(case, decision_id)


def _second(reading: Reading, row: sqlite3.Row) -> Second | None:
    proposed = None if row["proposal_id"] is None else trail.proposal(reading.tx, row["proposal_id"])
    if proposed is None:
        return None
    second = None
    if proposed["state"] == "confirmed":
        second = Who(name=proposed["ended_name"] or proposed["ended_by"], slack_id=proposed["ended_by"])
    return Second(
        proposed_by=who_decided(proposed),
        proposed_at=proposed["proposed_at"],
        right=proposed["right"],
        state=proposed["state"],
        confirmed_by=second,
        confirmed_at=proposed["ended_at"],
    )


# ---------------------------------------------------------------- what left for it


def sent_for(reading: Reading, row: sqlite3.Row) -> Iterator[Written]:
    """Each step towards Studio, in the order it was planned."""
    for effect in trail.effects_keyed(reading.tx, f"decision:{row['id']}:"):
        yield written(effect, studio_step(effect))


def _shown(reading: Reading, case: Case, row: sqlite3.Row) -> Iterator[Shown]:
    for post in trail.posts_of_case(reading.tx, case.id, until=row["at"]):
        yield shown_of_post(reading, post, row["left_version"])


def _told(reading: Reading, case: Case, row: sqlite3.Row) -> Iterator[Written]:
    key = f"decision:{row['id']}"
    for effect in trail.effects_called(reading.tx, f"thread:{case.id}:{key}"):
        yield written(effect, f"a line in the thread in {reading.channel(effect['pace_key'])}")
    for effect in trail.direct_messages(reading.tx, key):
        yield written(effect, f"a direct message to {reading.person(effect['pace_key'])}")


# ---------------------------------------------------------------- its proof


def own_entry(entries: list[Entry], row: sqlite3.Row) -> Entry | None:
    """The entry that the decision's own transaction wrote."""
    return next((entry for entry in entries if _is_own(body_of(entry), row)), None)


def _is_own(body: Mapping[str, Any], row: sqlite3.Row) -> bool:
    facts: Mapping[str, Any] = body.get("facts", {})
    return is_of_decision(body) and facts.get("decision") == row["id"]


def is_of_decision(body: Mapping[str, Any]) -> bool:
    """Whether an entry is a decision's own: what became of it names the decision too."""
    return str(body.get("kind", "")).startswith("decision.") and "rules" in body.get("facts", {})


def _links(reading: Reading, case: Case, row: sqlite3.Row, entries: list[Entry]) -> Iterator[Link]:
    for entry in entries:
        body = body_of(entry)
        facts: Mapping[str, Any] = body.get("facts", {})
        if _is_own(body, row):
            yield link_of(reading, entry, unlike_record(reading, case, row, body))
        elif facts.get("decision") == row["id"]:
            yield link_of(reading, entry)
        elif row["proposal_id"] is not None and facts.get("proposal") == row["proposal_id"]:
            yield link_of(reading, entry, unlike_proposal(reading, body, row["proposal_id"]))


def unlike_record(reading: Reading, case: Case, row: sqlite3.Row, body: Mapping[str, Any]) -> list[str]:
    """Where the decision's own entry and its row disagree: words, right, rules, person, time."""
    before: Mapping[str, Any] = json.loads(row["before"]) if row["before"] else {}
    record = {
        "case": case.ref,
        "episode": row["episode"],
        "reference": reference_of(case, row["id"]),
        "right": row["right"],
        "to": row["outcome"],
        "words": words_hash(row["reason"], row["details"]),
        "rules": row["rules_hash"],
        "version_shown": row["version_shown"],
        **({"from": before["state"]} if "state" in before else {}),
    }
    kind, person = f"decision.{row['action']}", row["person"]
    envelope = envelope_differences(reading, body, kind=kind, person=person, at=row["at"])
    return [*envelope, *differences(body.get("facts", {}), record)]


def unlike_proposal(reading: Reading, body: Mapping[str, Any], proposal_id: int) -> list[str]:
    """Where the entry of a proposal and its row disagree; how it ended has no words of its own."""
    row = trail.proposal(reading.tx, proposal_id)
    if row is None:
        return [f"the record has no proposal {proposal_id}"]
    if body.get("kind") != f"proposal.{row['action']}":
        return []
    record = {
        "right": row["right"],
        "rules": row["rules_hash"],
        "words": words_hash(row["reason"], row["details"]),
    }
    kind, person = f"proposal.{row['action']}", row["person"]
    envelope = envelope_differences(reading, body, kind=kind, person=person, at=row["proposed_at"])
    return [*envelope, *differences(body.get("facts", {}), record)]
