"""The whole life of a case, from the chain, and beside it what was posted and what became of it in Studio."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from compliance_bot.audit.proof import body_of
from compliance_bot.insight.decision_page import (
    details_of,
    is_of_decision,
    sent_for,
    subject_of,
    unlike_proposal,
    unlike_record,
)
from compliance_bot.insight.proof_parts import (
    Reading,
    actor_of,
    link_of,
    seconds_of,
    shown_of_post,
    studio_step,
    who_decided,
    written,
)
from compliance_bot.messages.case_page import CasePage, Step
from compliance_bot.messages.life_words import IN_STUDIO, entry_words, sent_words
from compliance_bot.messages.proof import BOT, Link, Who, Written
from compliance_bot.model.cases import Case
from compliance_bot.store import trail
from compliance_bot.store.audit_entries import Entry

STUDIO = Who(name="somebody in Studio")


def case_page(reading: Reading, case: Case) -> CasePage:
    """Everything that happened to a case, in order, and whether its proof stands."""
    own = trail.entries_of_case(reading.tx, case.ref)
    decisions = {row["id"]: row for row in trail.decisions_of(reading.tx, case.id)}
    posts = trail.posts_of_case(reading.tx, case.id, until=reading.now)
    entries = [*own, *_with_others(reading, case, own, posts)]
    steps = [
        *(_step(reading, entry, decisions) for entry in entries),
        *_posted(reading, posts),
        *(step for row in decisions.values() for step in _in_studio(sent_for(reading, row))),
        *_in_studio(_opened_in_studio(reading, case)),
    ]
    return CasePage(
        subject=subject_of(reading, case),
        facts=tuple(_facts(reading, case)),
        steps=tuple(sorted(steps, key=lambda step: (round(step.at, 3), step.seq is None, step.seq or 0))),
        shown=tuple(shown_of_post(reading, post, 1) for post in posts),
        links=tuple(_link(reading, case, entry, decisions) for entry in entries),
        missing=tuple(_unproved(entries, decisions)),
        checked_at=reading.now,
    )


def _facts(reading: Reading, case: Case) -> Iterator[tuple[str, str]]:
    if case.owner:
        yield "owner", reading.person(case.owner)
    if case.closed_reason:
        yield "closed", case.closed_reason.replace("_", " ")
    if case.snooze_reason:
        yield "snoozed", case.snooze_reason
    if case.sync_note:
        yield "Studio", f"refused: {case.sync_note}"


def _step(reading: Reading, entry: Entry, decisions: Mapping[int, sqlite3.Row]) -> Step:
    body = body_of(entry)
    kind, facts = str(body.get("kind", "?")), body.get("facts", {})
    row = _row_of(reading, kind, facts, decisions)
    words = entry_words(
        kind,
        facts,
        reason=None if row is None else row["reason"],
        details=None if row is None else details_of(reading, row),
    )
    who = STUDIO if kind in IN_STUDIO else actor_of(reading, body)
    if row is not None and who.slack_id == row["person"]:
        who = who_decided(row)
    return Step(at=seconds_of(body), who=who, words=words, seq=entry.seq)


def _row_of(
    reading: Reading, kind: str, facts: Mapping[str, Any], decisions: Mapping[int, sqlite3.Row]
) -> sqlite3.Row | None:
    """The row that holds the words of an entry's decision or proposal."""
    if kind.startswith("decision.") and "rules" in facts:
        return decisions.get(facts.get("decision", 0))
    if kind.startswith("proposal.") and isinstance(facts.get("proposal"), int):
        return trail.proposal(reading.tx, facts["proposal"])
    return None


def _posted(reading: Reading, posts: list[sqlite3.Row]) -> Iterator[Step]:
    """Where it was told, by the posts' own effects: a fresh message after a lost one too."""
    for post in posts:
        for effect in trail.effects_keyed(reading.tx, f"post:{post['id']}:"):
            if effect["state"] == "done":
                place = reading.channel(post["channel_id"], post["channel_name"])
                yield Step(at=effect["finished_at"], who=BOT, words=f"told it in {place}")


def _with_others(reading: Reading, case: Case, own: list[Entry], posts: list[sqlite3.Row]) -> list[Entry]:
    """Entries that tell of several cases of one digest, this one among them."""
    if not own or all(post["digest_id"] is None for post in posts):
        return []
    return trail.entries_listing(reading.tx, case.ref, own[0].seq)


def _opened_in_studio(reading: Reading, case: Case) -> Iterator[Written]:
    """What time had written into Studio: nobody decided it."""
    for effect in trail.effects_keyed(reading.tx, f"case:{case.id}:"):
        yield written(effect, studio_step(effect))


def _in_studio(sent: Iterable[Written]) -> Iterator[Step]:
    for one in sent:
        if one.at is not None:
            yield Step(at=one.at, who=BOT, words=sent_words(one))


# ---------------------------------------------------------------- its proof


def _link(reading: Reading, case: Case, entry: Entry, decisions: Mapping[int, sqlite3.Row]) -> Link:
    body = body_of(entry)
    kind, facts = str(body.get("kind", "?")), body.get("facts", {})
    faults: list[str] = []
    if kind.startswith("decision.") and "rules" in facts:
        row = decisions.get(facts.get("decision", 0))
        lost = [f"the record has no decision {facts.get('decision')}"]
        faults = lost if row is None else unlike_record(reading, case, row, body)
    elif kind.startswith("proposal.") and isinstance(facts.get("proposal"), int):
        faults = unlike_proposal(reading, body, facts["proposal"])
    return link_of(reading, entry, faults)


def _unproved(entries: list[Entry], decisions: Mapping[int, sqlite3.Row]) -> Iterator[str]:
    """Decisions of the record that no entry is about."""
    bodies = [body for body in map(body_of, entries) if is_of_decision(body)]
    proved = {body["facts"].get("decision") for body in bodies}
    for number in decisions:
        if number not in proved:
            yield f"no entry of the chain is about decision {number}"
