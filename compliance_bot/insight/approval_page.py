"""An approval's life, and one vote on it, put together from their rows, what left for them, and the chain."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from compliance_bot.audit.proof import body_of
from compliance_bot.cases.press import words_hash
from compliance_bot.insight.decision_page import decided, details_of, said_of
from compliance_bot.insight.proof_parts import (
    Reading,
    actor_of,
    differences,
    envelope_differences,
    link_of,
    refusals_in,
    seconds_of,
    shown_since,
    who_decided,
    written,
)
from compliance_bot.messages.case_page import CasePage, Step
from compliance_bot.messages.decision_page import Changed, DecisionPage
from compliance_bot.messages.life_words import APPROVAL_IN_STUDIO, entry_words, sent_words
from compliance_bot.messages.proof import BOT, Link, Shown, Subject, Who, Written
from compliance_bot.store import trail
from compliance_bot.store.audit_entries import Entry

STUDIO = Who(name="somebody in Studio")
_KINDS: Mapping[str, str] = {
    "project": "audit project",
    "review": "review of a report",
    "request": "request for evidence",
}


def approval_page(reading: Reading, row: sqlite3.Row) -> CasePage:
    """Everything that happened to an approval, in order, and whether its proof stands."""
    entries = trail.entries_of_approval(reading.tx, row["ref"])
    votes = {vote["id"]: vote for vote in trail.votes_on(reading.tx, row["id"])}
    steps = [
        *(_step(reading, entry, votes) for entry in entries),
        *_posted(reading, row),
        *(step for vote in votes.values() for step in _in_studio(reading, vote)),
    ]
    proved = {body_of(entry).get("facts", {}).get("vote") for entry in entries}
    return CasePage(
        subject=subject_of(row),
        facts=tuple(_facts(reading, row, votes)),
        steps=tuple(sorted(steps, key=lambda step: (round(step.at, 3), step.seq is None, step.seq or 0))),
        shown=tuple(_shown(reading, row, 0.0, 1)),
        links=tuple(_link(reading, row, entry, votes) for entry in entries),
        missing=tuple(f"no entry of the chain is about vote {one}" for one in votes if one not in proved),
        checked_at=reading.now,
    )


def vote_page(reading: Reading, row: sqlite3.Row, vote: sqlite3.Row) -> DecisionPage:
    """What one person said of an approval, and whether the chain says the same."""
    entries = trail.entries_of_approval(reading.tx, row["ref"])
    own = [entry for entry in entries if body_of(entry).get("facts", {}).get("vote") == vote["id"]]
    return DecisionPage(
        decided=decided(reading, vote, f"{row['ref']}-{vote['id']}"),
        subject=subject_of(row),
        changed=tuple(_changes(row, vote)),
        undoes=None,
        undone_by=None,
        second=None,
        sent=tuple(_sent(reading, vote)),
        shown=tuple(_shown(reading, row, vote["at"], (vote["version_shown"] or 0) + 1)),
        told=tuple(_told(reading, row, vote)),
        refusals=refusals_in(reading, entries),
        links=tuple(_link(reading, row, entry, {vote["id"]: vote}) for entry in own),
        missing=() if own else (f"no entry of the chain is about vote {vote['id']}",),
        checked_at=reading.now,
    )


def subject_of(row: sqlite3.Row) -> Subject:
    """The approval, and what is approved, as it was known last."""
    facts: Mapping[str, Any] = json.loads(row["facts"])
    episode = f", episode {row['episode']}" if row["episode"] > 1 else ""
    ended = f", {row['outcome']} in Studio" if row["outcome"] else ""
    return Subject(
        ref=row["ref"],
        kind=_KINDS.get(row["kind"], row["kind"]),
        studio_id=row["studio_id"],
        title=str(facts.get("name") or "?"),
        stands=f"approval {row['ref']}{episode}, {row['state']}{ended}",
    )


_FACTS = ("framework", "requester_name", "requester_email", "starts", "ends", "due", "scope", "staff")


def _facts(reading: Reading, row: sqlite3.Row, votes: Mapping[int, sqlite3.Row]) -> Iterator[tuple[str, str]]:
    """What is approved, and how many different people it takes."""
    stated: Mapping[str, Any] = json.loads(row["facts"])
    for name in _FACTS:
        if stated.get(name):
            yield name.removesuffix("_name").replace("_", " "), said_of(reading, name, stated[name])
    counted = [one for one in votes.values() if (one["verdict"], one["outcome"]) == ("approve", "counted")]
    people = "1 person" if row["needed"] == 1 else f"{row['needed']} different people"
    yield "needed", f"{people}; {len(counted)} approved"
    if row["sync_note"]:
        yield "Studio", row["sync_note"]


def _changes(row: sqlite3.Row, vote: sqlite3.Row) -> Iterator[Changed]:
    if vote["outcome"] == "void":
        yield Changed(what="the vote", before="given", after="void: it counts no more")
    elif row["vote_id"] == vote["id"]:
        yield Changed(what="the approval", before="waiting", after=row["state"])


def _sent(reading: Reading, vote: sqlite3.Row) -> Iterator[Written]:
    for effect in trail.effects_called(reading.tx, f"verdict:{vote['id']}"):
        yield written(effect, f"verdict {vote['verdict']}")


def _shown(reading: Reading, row: sqlite3.Row, after: float, version: int) -> Iterator[Shown]:
    for post in trail.approval_posts(reading.tx, row["id"]):
        starts = (f"approval:{post['id']}:", f"approval_edit:{post['id']}:")
        since = shown_since(reading, starts, version, after=after)
        state = {"dead": "could not be posted", "gone": "Slack has that message no more"}
        yield Shown(
            channel=reading.channel(post["channel_id"], post["channel_name"]),
            state=state.get(post["state"], "not shown there yet"),
            since_at=since,
        )


def _told(reading: Reading, row: sqlite3.Row, vote: sqlite3.Row) -> Iterator[Written]:
    for key in (f"vote:{vote['id']}", f"void:{vote['id']}"):
        for effect in trail.effects_called(reading.tx, f"approval_line:{row['id']}:{key}"):
            yield written(effect, f"a line in the thread in {reading.channel(effect['pace_key'])}")
    for key in (f"vote:{vote['id']}", f"void:{vote['id']}", f"approval:{row['id']}:{vote['id']}"):
        for effect in trail.direct_messages(reading.tx, key):
            yield written(effect, f"a direct message to {reading.person(effect['pace_key'])}")


# ---------------------------------------------------------------- its life


def _step(reading: Reading, entry: Entry, votes: Mapping[int, sqlite3.Row]) -> Step:
    body = body_of(entry)
    kind, facts = str(body.get("kind", "?")), body.get("facts", {})
    vote = votes.get(facts.get("vote", 0)) if kind.startswith("decision.") else None
    details = None if vote is None else details_of(reading, vote)
    words = entry_words(kind, facts, reason=None if vote is None else vote["reason"], details=details)
    who = STUDIO if kind in APPROVAL_IN_STUDIO else actor_of(reading, body)
    if vote is not None and who.slack_id == vote["person"]:
        who = who_decided(vote)
    return Step(at=seconds_of(body), who=who, words=words, seq=entry.seq)


def _posted(reading: Reading, row: sqlite3.Row) -> Iterator[Step]:
    for post in trail.approval_posts(reading.tx, row["id"]):
        for effect in trail.effects_keyed(reading.tx, f"approval:{post['id']}:"):
            if effect["state"] == "done":
                place = reading.channel(post["channel_id"], post["channel_name"])
                yield Step(at=effect["finished_at"], who=BOT, words=f"asked in {place}")


def _in_studio(reading: Reading, vote: sqlite3.Row) -> Iterator[Step]:
    for one in _sent(reading, vote):
        if one.at is not None:
            yield Step(at=one.at, who=BOT, words=sent_words(one))


# ---------------------------------------------------------------- its proof


def _link(reading: Reading, row: sqlite3.Row, entry: Entry, votes: Mapping[int, sqlite3.Row]) -> Link:
    body = body_of(entry)
    facts: Mapping[str, Any] = body.get("facts", {})
    faults: Sequence[str] = ()
    if str(body.get("kind", "")).startswith("decision."):
        vote = votes.get(facts.get("vote", 0))
        lost = [f"the record has no vote {facts.get('vote')}"]
        faults = lost if vote is None else _unlike_record(reading, row, vote, body)
    return link_of(reading, entry, faults)


def _unlike_record(
    reading: Reading, row: sqlite3.Row, vote: sqlite3.Row, body: Mapping[str, Any]
) -> list[str]:
    """Where a vote's entry and its row disagree; that a vote became void later is no disagreement."""
    record = {
        "approval": row["ref"],
        "reference": f"{row['ref']}-{vote['id']}",
        "right": vote["right"],
        "facts": vote["facts_hash"],
        "words": words_hash(vote["reason"], vote["details"]),
        "rules": vote["rules_hash"],
        "version_shown": vote["version_shown"],
    }
    kind, person = f"decision.{vote['verdict']}", vote["person"]
    envelope = envelope_differences(reading, body, kind=kind, person=person, at=vote["at"])
    return [*envelope, *differences(body.get("facts", {}), record)]
