"""Being away: begun, ended, told to who stands in, and in the audit chain; rights are never handed on."""

from __future__ import annotations

from compliance_bot.audit import chain
from compliance_bot.cases import direct
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Reply
from compliance_bot.clock import iso
from compliance_bot.store import away, people
from compliance_bot.store.away import Deputy
from compliance_bot.store.transaction import Transaction


def begin(
    tx: Transaction,
    moment: Moment,
    *,
    person: str,
    name: str,
    until: float,
    day: str,
    deputy: Deputy | None,
    approves: bool,
) -> Reply:
    """Somebody is away until a time; refused where they would stand in for themselves in the end.

    ``day``: the end in words; ``approves``: whether approvals may wait for the person.
    """
    now = moment.now
    if deputy is not None and away.would_circle(tx, person, deputy.person, now):
        return {"say": "away_circle", "name": deputy.name}
    former = away.standing(tx, person, now)
    number = away.begin(tx, person=person, person_name=name, until=until, deputy=deputy, now=now)
    people.pseudonym(tx, person, now, name)
    chain.append(
        tx,
        "away.begun",
        {
            "away": number,
            "until": iso(until),
            "deputy": "" if deputy is None else people.pseudonym(tx, deputy.person, now, deputy.name),
            "rules": moment.rulebook.hash,
        },
        now=now,
        person=person,
    )
    if former is not None and former.deputy not in (None, deputy and deputy.person):
        _release(tx, moment, former.deputy or "", name, number)
    if deputy is not None:
        words = {"name": name, "until": until}
        direct.tell(
            tx,
            moment,
            person=deputy.person,
            sentence="stands_in",
            words=words,
            key=f"away:{number}",
            expires_at=until,
        )
    return {
        "say": "away_began",
        "day": day,
        "deputy": None if deputy is None else deputy.name,
        "approves": approves,
    }


def end(tx: Transaction, moment: Moment, *, person: str, name: str) -> Reply:
    """Somebody is back before their time."""
    standing = away.standing(tx, person, moment.now)
    if standing is None or not away.end(tx, person, moment.now):
        return {"say": "away_not"}
    facts = {"away": standing.id, "rules": moment.rulebook.hash}
    chain.append(tx, "away.ended", facts, now=moment.now, person=person)
    if standing.deputy is not None:
        _release(tx, moment, standing.deputy, name, standing.id)
    return {"say": "away_ended"}


def _release(tx: Transaction, moment: Moment, deputy: str, name: str, number: int) -> None:
    key = f"away:{number}:ended"
    direct.tell(tx, moment, person=deputy, sentence="stands_in_no_more", words={"name": name}, key=key)
