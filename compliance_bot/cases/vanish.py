"""Who is missing after a walk that counted: gone, lost with its whole integration, or imported anew.

One finding is gone when two such walks missed it and Studio answers 404 to its detail. Where most of
an integration vanishes at once nobody is closed: the operator is told, its new findings wait, and the
next walk decides whether it came back or was imported under new ids.
"""

from __future__ import annotations

from dataclasses import dataclass

from compliance_bot.audit import chain
from compliance_bot.cases import episode, observe
from compliance_bot.cases.episode import News
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.observe import SUSPECTS
from compliance_bot.messages import wording
from compliance_bot.model.cases import CaseState
from compliance_bot.model.events import Change
from compliance_bot.outbox.notices import notify_operations
from compliance_bot.store import cases as store
from compliance_bot.store import cursors, objects
from compliance_bot.store.objects import Integration, Standing
from compliance_bot.store.transaction import Transaction

MISSED_TWICE = 2
ENOUGH_TO_TELL = 20
"""Below so many open findings a vanished half may be mere housekeeping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What a walk leaves to do: ids to ask Studio for one by one, and integrations in doubt."""

    ask: tuple[str, ...]
    suspects: tuple[str, ...]


def after_walk(tx: Transaction, moment: Moment, *, walk: int, started_at: float) -> Missing:
    """Draw the conclusions of a full walk that counted."""
    objects.mark_missing(tx, walk=walk, started_at=started_at)
    noted = cursors.read(tx, SUSPECTS) or {"integrations": [], "undecided": [], "since": started_at}
    found = objects.by_integration(tx, since=noted["since"])
    vanished = {one.name: one for one in found if _vanished(one)}
    before = set(noted["integrations"])
    still = {name for name, one in vanished.items() if not _imported_anew(tx, moment, one, name in before)}
    for name in before - set(vanished) | still & set(noted["undecided"]):
        _tell_held(tx, moment, name)
    for name in still - before:
        _suspect(tx, moment, vanished[name], walk)
    noted = {
        "integrations": sorted(still),
        "undecided": sorted(still - before),
        "since": noted["since"] if before else moment.now,
    }
    cursors.move(tx, SUSPECTS, noted, moment.now)
    return Missing(ask=_to_ask(tx, still), suspects=tuple(sorted(still)))


def _vanished(one: Integration) -> bool:
    return one.open >= ENOUGH_TO_TELL and one.missing * 2 > one.open


def _suspect(tx: Transaction, moment: Moment, one: Integration, walk: int) -> None:
    words = wording.notice_vanished(one.name, one.missing, one.open)
    notify_operations(tx, key=f"vanished:{one.name}:{walk}", text=words, now=moment.now)
    facts = {"integration": one.name, "missing": one.missing, "open": one.open}
    chain.append(tx, "walk.integration_vanished", facts, now=moment.now)


def _tell_held(tx: Transaction, moment: Moment, integration: str) -> None:
    """The old ones are there again, or two walks found nothing in their place: what waited is told."""
    for object_id, finding in objects.of_standing(tx, Standing.HELD, integration):
        observe.tell(tx, moment, object_id, finding, Change.NEW)


def _imported_anew(tx: Transaction, moment: Moment, one: Integration, suspected_before: bool) -> bool:
    """Two walks agree and new ids stand in the old ones' place: a baseline for that integration."""
    if not suspected_before or one.new * 2 < one.missing:
        return False
    closed = 0
    for object_id, _, _ in objects.missing(tx, walks=MISSED_TWICE, grouping=one.name):
        closed += _close_gone(tx, moment, object_id, quietly=True)
    held = objects.of_standing(tx, Standing.HELD, one.name)
    for object_id, _ in held:
        objects.set_standing(tx, object_id, Standing.BASELINE)
    words = wording.notice_reimported(one.name, closed, len(held))
    notify_operations(tx, key=f"reimported:{one.name}:{moment.now}", text=words, now=moment.now)
    facts = {"integration": one.name, "closed": closed, "baseline": len(held)}
    chain.append(tx, "walk.integration_imported_anew", facts, now=moment.now)
    return True


def _to_ask(tx: Transaction, suspects: set[str]) -> tuple[str, ...]:
    ask = []
    for object_id, studio_id, integration in objects.missing(tx, walks=MISSED_TWICE):
        if integration in suspects:
            continue
        case = store.find_by_object(tx, object_id)
        if case is None or case.state is CaseState.CLOSED:
            objects.set_standing(tx, object_id, Standing.GONE)
        else:
            ask.append(studio_id)
    return tuple(ask)


def gone(tx: Transaction, moment: Moment, studio_id: str, *, sent_at: float) -> None:
    """Studio answered 404 (as JSON) for a finding that two walks missed: its case is closed, said.

    ``sent_at``: when it was asked, our clock; a page asked for before that is stale.
    """
    known = objects.find(tx, studio_id)
    if known is not None and known.missing_walks >= MISSED_TWICE:
        objects.set_gone(tx, known.id, at=sent_at)
        _close_gone(tx, moment, known.id, quietly=False)


def _close_gone(tx: Transaction, moment: Moment, object_id: int, *, quietly: bool) -> int:
    """Close what is gone; ``quietly``: one notice speaks for all, so no line in each thread."""
    objects.set_gone(tx, object_id, at=0.0)
    case = store.find_by_object(tx, object_id)
    if case is None or case.state is CaseState.CLOSED:
        return 0
    finding = episode.known_finding(tx, case)
    event_id = episode.record(tx, moment, object_id, episode.an_event(moment, finding, Change.GONE))
    news = News(finding=finding, event_id=event_id)
    episode.closed_in_studio(tx, moment, case, news, gone=True, quietly=quietly)
    return 1
