"""Rungs that are due: said in the thread, with pings that ring, and told in the channel they name.

What a digest lists climbs together: one line under it, however many of its members are still open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from compliance_bot.audit import chain
from compliance_bot.cases import calls, escalation, posts
from compliance_bot.cases.destinations import note_of, place_of
from compliance_bot.cases.episode import an_event
from compliance_bot.cases.escalation import Climb
from compliance_bot.cases.moment import Moment
from compliance_bot.clock import iso
from compliance_bot.messages import clock_words
from compliance_bot.model.cases import Case, Digest, Post, PostState
from compliance_bot.model.delivery import Lane
from compliance_bot.model.events import Change
from compliance_bot.rulebook import attributes_of
from compliance_bot.rules.channels import Target
from compliance_bot.rules.routing import Destination, Routing, destinations_of
from compliance_bot.rules.trace import Reason, Step
from compliance_bot.store import cases as store
from compliance_bot.store import digests as stored_digests
from compliance_bot.store import due as stored_due
from compliance_bot.store import objects
from compliance_bot.store.transaction import Transaction

_EARLY = 0.1
"""The part of a rung's time by which a digest's member may be ahead of it, to climb with the others."""
_NAMED = 20
"""References that one entry of the audit chain holds."""


@dataclass(frozen=True, slots=True)
class _Climber:
    """A case, what it climbs now, and where its lines stand."""

    case: Case
    climb: Climb
    place: Post | Digest | None


def climb(tx: Transaction, moment: Moment, case: Case) -> None:
    """Say the rung of a case that is due; with it climb the others of its digest."""
    if case.next_step_at is None or case.next_step_at > moment.now:
        return  # it climbed with the others of its digest
    one = _climber(tx, case, moment.now)
    if one is None:
        store.set_ladder(tx, case.id, **escalation.paused())
    elif isinstance(one.place, Digest):
        _together(tx, moment, one.place, one)
    else:
        _alone(tx, moment, one)


def _climber(tx: Transaction, case: Case, now: float) -> _Climber | None:
    climb = escalation.climb(case, now)
    return None if climb is None else _Climber(case, climb, calls.place_of(tx, case))


def _alone(tx: Transaction, moment: Moment, one: _Climber) -> None:
    case, climb = one.case, one.climb
    store.set_ladder(tx, case.id, **climb.columns)
    notes = _tell_elsewhere(tx, moment, one, [])
    _say(tx, moment, one, one.place, notes)
    _audit(tx, moment, [one])


def _say(
    tx: Transaction, moment: Moment, one: _Climber, beside: Post | Digest | None, notes: Iterable[str]
) -> None:
    """Plan the line under one message; it names the rung once for that place."""
    case, climb = one.case, one.climb
    where = "" if beside is None else f"{type(beside).__name__.lower()}{beside.id}"
    calls.call(
        tx,
        moment,
        case,
        "escalated",
        {
            "number": climb.number,
            "of": climb.total,
            "missed": len(climb.rungs),
            "due": climb.due,
            "at": moment.now,
            "note": "\n".join(notes) or None,
        },
        key=f"rung:{case.episode}:{climb.number}:{climb.due:.3f}:{where}",
        whom=climb.mentions,
        beside=beside,
    )


def _audit(tx: Transaction, moment: Moment, climbers: Sequence[_Climber]) -> None:
    first = climbers[0]
    facts = {
        "case": first.case.ref,
        "episode": first.case.episode,
        "step": first.climb.number,
        "of": first.climb.total,
        "due": iso(first.climb.due),
        "merged": len(first.climb.rungs),
        "called": list(first.climb.mentions),
        "channels": list(first.climb.channels),
        "rules": moment.rulebook.hash,
    }
    if len(climbers) > 1:
        refs = [one.case.ref for one in climbers]
        facts |= {"cases": refs[:_NAMED], "count": len(refs)}
    chain.append(tx, "case.escalated", facts, now=moment.now)


# ---------------------------------------------------------------- the members of a digest


def _together(tx: Transaction, moment: Moment, digest: Digest, first: _Climber) -> None:
    """Let every open member climb whose rung is due, or nearly so; one line says it for all."""
    ahead = min(moment.rulebook.rules.grouping.window, first.climb.rungs[0].after * _EARLY)
    climbers = [first, *_members(tx, moment, digest, first, moment.now + ahead)]
    notes: list[str] = []
    for one in climbers:
        store.set_ladder(tx, one.case.id, **one.climb.columns)
        notes = _tell_elsewhere(tx, moment, one, notes)
    _say(tx, moment, first, digest, notes)
    _audit(tx, moment, climbers)


def _members(
    tx: Transaction, moment: Moment, digest: Digest, first: _Climber, until: float
) -> Iterator[_Climber]:
    """The digest's other members that climb the same rungs by then."""
    for case_id in stored_due.members(tx, digest.id, until):
        case = store.find(tx, case_id)
        one = None if case.id == first.case.id else _climber(tx, case, moment.now)
        same = one is not None and isinstance(one.place, Digest) and one.place.id == digest.id
        if one is not None and same and one.climb.rungs == first.climb.rungs:
            yield one


# ---------------------------------------------------------------- the channel of a rung


def _tell_elsewhere(tx: Transaction, moment: Moment, one: _Climber, notes: list[str]) -> list[str]:
    """Show the case in the channels of its rungs; where it stands there already, say the rung under it.

    The notes with what is to be known of a channel that can't be had.
    """
    for routing, destination in _destinations(tx, moment, one):
        standing = {post.channel_id: post for post in store.posts_of(tx, one.case)}
        known = standing.get(place_of(destination))
        if known is None:
            change = clock_words.escalated_change()
            posts.show_in(tx, moment, one.case, routing, change=change, quiet=False)
            _note_why(tx, one, place_of(destination))
        else:
            note = None if moment.shadow else note_of(destination)
            notes = [*notes, note] if note and note not in notes else notes
            _say_there(tx, moment, one, known, [note] if note else [])
    return notes


def _note_why(tx: Transaction, one: _Climber, channel_id: str) -> None:
    """Have the new message say what brought it there."""
    for post in store.posts_of(tx, one.case):
        if post.channel_id == channel_id:
            why = clock_words.escalated_note(one.climb.number, one.climb.total)
            store.change_post(tx, post.id, note="\n".join(filter(None, (why, post.note))))


def _say_there(tx: Transaction, moment: Moment, one: _Climber, post: Post, notes: Sequence[str]) -> None:
    """Repeat the rung where the case stands already; not where its own thread, or its digest, is."""
    carries = isinstance(one.place, Post) and one.place.id == post.id
    if post.stands_alone and not carries:
        _say(tx, moment, one, post, notes)
    elif post.state is PostState.LISTED and post.digest_id is not None:
        digest = stored_digests.find(tx, post.digest_id)
        done = f"rung:{digest.id}:{one.climb.number}"
        if not (isinstance(one.place, Digest) and one.place.id == digest.id) and done not in tx.touched:
            tx.touch(done)
            _say(tx, moment, one, digest, notes)


def _destinations(tx: Transaction, moment: Moment, one: _Climber) -> Iterator[tuple[Routing, Destination]]:
    """Each channel of the rungs, with a routing that leads to it alone."""
    router = moment.rulebook.router
    finding = objects.find_by_row(tx, one.case.object_id).finding
    attributes = attributes_of(an_event(moment, finding, Change.STATUS))
    looks = next(iter(store.posts_of(tx, one.case)), None)
    trace: list[Step] = []
    targets = [
        Target(rung.channel, rung.mentions, Step(Reason.RUNG_CHANNEL, str(rung.step)))
        for rung in one.climb.rungs
        if rung.channel is not None
    ]
    if not targets or looks is None:
        return
    found = destinations_of(
        router, targets, attributes, moment.directory, trace, pinged_before=one.climb.mentions
    )
    for destination in found:
        yield (
            Routing(
                notification="escalation",
                template=looks.template,
                emoji=looks.emoji,
                lane=Lane.URGENT,
                threading=looks.threading,
                enabled=True,
                destinations=(destination,),
                trace=tuple(trace),
            ),
            destination,
        )
