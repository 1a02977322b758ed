"""What waits through quiet hours: how many where, and what each message is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from compliance_bot.approvals.present import content_of as approval_content
from compliance_bot.cases import announcements
from compliance_bot.cases.destinations import UNRESOLVED
from compliance_bot.cases.episode import content_of
from compliance_bot.cases.moment import Moment
from compliance_bot.clock import iso
from compliance_bot.messages import held_words
from compliance_bot.messages.held import HeldLine, HeldView
from compliance_bot.model.delivery import Effect, EffectKind
from compliance_bot.model.slack import Directory
from compliance_bot.rules.sensitivity import SensitivityClass, may_show
from compliance_bot.store import approvals, cases, digests, events, objects
from compliance_bot.store import held as store
from compliance_bot.store.transaction import Transaction

MOST_LISTED = 20
_PERSON = ("U", "W", "D")
"""How Slack's ids of people, and of conversations with one of them, begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldThere:
    """How many messages wait for one channel, as operators read it. ``until``: Unix seconds."""

    channel: str
    count: int
    until: float

    def as_json(self) -> dict[str, object]:
        """What ``status --json`` tells of it."""
        return {"channel": self.channel, "count": self.count, "until": iso(self.until)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """What an effect is about: its reference, its words, and how sensitive those are."""

    ref: str
    title: str
    content: SensitivityClass


def counted(tx: Transaction, directory: Directory) -> tuple[HeldThere, ...]:
    """How many wait for each channel, most first."""
    return tuple(
        HeldThere(channel=_name(directory, one.pace_key), count=one.count, until=one.until)
        for one in store.counted(tx)
    )


def waiting(tx: Transaction) -> tuple[int, float] | None:
    """How many wait in all, and when the first may go (Unix seconds); None where none does."""
    places = store.counted(tx)
    return (sum(one.count for one in places), min(one.until for one in places)) if places else None


def _name(directory: Directory, place: str) -> str:
    if place.startswith(_PERSON):
        return held_words.direct_messages()
    channel = directory.channels_by_id.get(place)
    return f"#{place.removeprefix(UNRESOLVED) if channel is None else channel.name}"


def listed(tx: Transaction, moment: Moment, *, asked_in: str | None) -> HeldView:
    """What waits, as somebody may see it who asks in the channel ``asked_in`` and may ask at all.

    Of what waits for another channel only that is told which any member may see: no title above
    internal, no private channel's name.
    """
    places: Counter[str | None] = Counter()
    for there in store.counted(tx):
        places[_shown_name(moment, there.pace_key, asked_in)] += there.count
    return HeldView(
        places=tuple(places.most_common()),
        lines=tuple(_line(tx, moment, one, asked_in) for one in store.listed(tx, limit=MOST_LISTED)),
    )


def _shown_name(moment: Moment, place: str, asked_in: str | None) -> str | None:
    channel = moment.directory.channels_by_id.get(place)
    alone = place.startswith(_PERSON)
    hidden = alone or (channel is not None and channel.private and place != asked_in)
    return None if hidden else _name(moment.directory, place)


def _line(tx: Transaction, moment: Moment, effect: Effect, asked_in: str | None) -> HeldLine:
    about = _ABOUT[effect.kind](tx, moment, effect)
    if effect.pace_key == asked_in:
        shown = may_show(moment.audience(asked_in), about.content)
    else:
        shown = about.content.rank <= moment.rulebook.sensitivity.internal.rank
    return HeldLine(
        ref=about.ref,
        title=about.title if shown else None,
        channel=_shown_name(moment, effect.pace_key, asked_in),
        until=effect.not_before,
    )


def _of_post(tx: Transaction, moment: Moment, effect: Effect) -> _About:
    case = cases.find(tx, cases.find_post(tx, effect.intent["post"]).case_id)
    finding = objects.find_by_row(tx, case.object_id).finding
    return _About(ref=case.ref, title=finding.title, content=content_of(moment, finding))


def _of_digest(tx: Transaction, moment: Moment, effect: Effect) -> _About:
    digest = digests.find(tx, effect.intent["digest"])
    by_severity, _ = digests.counts(tx, digest.id)
    members = sum(by_severity.values()) + len(digests.events(tx, digest.id))
    return _About(
        ref=digest.ref, title=held_words.digest_of(members), content=moment.rulebook.sensitivity.internal
    )


def _of_announcement(tx: Transaction, moment: Moment, effect: Effect) -> _About:
    event_id = effect.intent["event"]
    return _About(
        ref=f"event {event_id}",
        title=announcements.line(tx, event_id).title,
        content=moment.rulebook.class_of(events.find(tx, event_id).event),
    )


def _of_approval(tx: Transaction, moment: Moment, effect: Effect) -> _About:
    approval = approvals.find(tx, approvals.find_post(tx, effect.intent["post"]).approval_id)
    return _About(ref=approval.ref, title=approval.facts.name, content=approval_content(tx, moment, approval))


def _of_welcome(_tx: Transaction, moment: Moment, _effect: Effect) -> _About:
    return _About(ref="welcome", title=held_words.a_welcome(), content=moment.rulebook.sensitivity.internal)


_ABOUT: Mapping[EffectKind, Callable[[Transaction, Moment, Effect], _About]] = {
    EffectKind.POST: _of_post,
    EffectKind.DIGEST: _of_digest,
    EffectKind.ANNOUNCEMENT: _of_announcement,
    EffectKind.WELCOME: _of_welcome,
    EffectKind.APPROVAL: _of_approval,
}
"""What each kind that quiet hours hold is about."""
