"""Events that are told and over: one message in every channel that the rules name, and no case.

The event, where it goes and the messages to be sent are one transaction, with whatever made the event. A
message is presented from the event as it was recorded, for the readers and the names of its moment.
"""

from __future__ import annotations

from collections.abc import Callable

from compliance_bot.cases import digests, episode
from compliance_bot.cases.destinations import UNRESOLVED, Coming, coming, mentions_of, words_of
from compliance_bot.cases.moment import Moment
from compliance_bot.messages import wording
from compliance_bot.messages.announcement import (
    AnnouncementView,
    show_announcement,
    show_announcement_plainly,
    show_announcement_withheld,
    title_of,
)
from compliance_bot.messages.announcement_words import what_happened
from compliance_bot.messages.digest import DigestLine
from compliance_bot.messages.message import Message
from compliance_bot.model.delivery import (
    CHANNEL_UNRESOLVED,
    Effect,
    EffectKind,
    Later,
    Never,
    Outcome,
    PlannedEffect,
    Presentation,
    Skip,
)
from compliance_bot.model.events import Event
from compliance_bot.model.slack import WEBHOOK
from compliance_bot.outbox import effects
from compliance_bot.rules.sensitivity import clear
from compliance_bot.store import announcements as store
from compliance_bot.store import events
from compliance_bot.store.transaction import Transaction

_SHOWN_THERE = "announcement.shown_there_already"


def announce(
    tx: Transaction,
    moment: Moment,
    event: Event,
    *,
    object_id: int,
    was: tuple[str | None, str | None] = (None, None),
) -> int:
    """Record an event and have it told wherever the rules say; the event's id.

    ``was``: what it was before, and what it is. A kind that the rules don't tell is only recorded.
    """
    routing = moment.rulebook.route(event, moment.directory)
    event_id = episode.record(tx, moment, object_id, event, was=was, routing=routing)
    for destination in routing.destinations:
        _place(tx, moment, coming(routing, destination), event_id, routing.template)
    return event_id


def _place(tx: Transaction, moment: Moment, wanted: Coming, event_id: int, template: str) -> None:
    """Give an event its message, or its line where its channel has too many."""
    if not digests.take_event(tx, moment, wanted, event_id):
        _plan(tx, moment, wanted, event_id, template)


def _plan(tx: Transaction, moment: Moment, wanted: Coming, event_id: int, template: str) -> None:
    key = store.key_of(event_id, wanted.channel_id)
    planned = PlannedEffect(
        kind=EffectKind.ANNOUNCEMENT,
        key=key,
        lane=wanted.lane,
        order_key=key,
        pace_key=wanted.channel_id,
        intent={
            "event": event_id,
            "channel_name": wanted.channel_name,
            "template": template,
            "emoji": wanted.emoji,
            "mentions": list(wanted.mentions),
            "note": wanted.note,
        },
    )
    effects.plan(tx, planned, moment.now)


def line(tx: Transaction, event_id: int) -> DigestLine:
    """How an event reads inside a digest; it is no case, so it is neither open nor handled."""
    stored = events.find(tx, event_id)
    url = stored.event.attributes.get("url")
    return DigestLine(
        ref="",
        severity=None,
        title=title_of(stored.event),
        state=what_happened(stored.event.change, stored.before, stored.after),
        open=False,
        url=str(url) if url else None,
        moved_to=None,
        withheld=False,
    )


# ---------------------------------------------------------------- how it leaves


def present(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """The event's message for the readers of its channel, who are known by now or it waits."""
    place = _place_now(effect, moment)
    if place is None:
        return Later(reason=CHANNEL_UNRESOLVED)
    if place != effect.pace_key and place in store.places(tx, effect.intent["event"], but=effect.id):
        return Skip(reason=_SHOWN_THERE)
    view = _view(tx, effect, moment)
    show = show_announcement_plainly if effect.degraded else _shown_by(moment)
    return clear(
        "chat.postMessage",
        moment.audience(place),
        show(view).body(),
        content=moment.rulebook.class_of(view.event),
        instead=show_announcement_withheld(view).body(),
    )


def _place_now(effect: Effect, moment: Moment) -> str | None:
    """Its channel by now; None while nobody knows it.

    Another one than planned where that was unknown, or only its webhook was, or where all goes to the
    shadow channel since.
    """
    planned, shadow = effect.pace_key, moment.rulebook.rules.delivery.shadow
    if shadow is None and not planned.startswith((UNRESOLVED, WEBHOOK)):
        return planned
    channel = moment.directory.channel(shadow or effect.intent["channel_name"])
    if channel is not None:
        return channel.id
    return planned if shadow is None and planned.startswith(WEBHOOK) else None


def _shown_by(moment: Moment) -> Callable[[AnnouncementView], Message]:
    return lambda view: show_announcement(moment.rulebook.templates, view)


def _view(tx: Transaction, effect: Effect, moment: Moment) -> AnnouncementView:
    intent = effect.intent
    stored = events.find(tx, intent["event"])
    mentions, unknown = mentions_of(intent["mentions"], moment)
    return AnnouncementView(
        event=stored.event,
        before=stored.before,
        after=stored.after,
        template=intent["template"],
        emoji=intent["emoji"],
        mentions=mentions,
        note="\n".join(filter(None, (intent["note"], unknown))) or None,
        reference=f"event {stored.id}",
    )


def settle(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """Refused for good in its channel: told in the default channel instead, unless it stands there."""
    if isinstance(outcome, Never):
        intent = effect.intent
        fall_back(tx, moment, intent["event"], lost=(effect.pace_key, intent["channel_name"]), but=effect.id)


def fall_back(
    tx: Transaction, moment: Moment, event_id: int, *, lost: tuple[str, str], but: int | None = None
) -> None:
    """Tell an event in the default channel, unless it stands there. ``lost``: id and name of its channel.

    ``but``: the effect that carried it there.
    """
    channel = moment.directory.channel(moment.rulebook.default_channel)
    if channel is None or channel.id == lost[0] or channel.id in store.places(tx, event_id, but=but or 0):
        return
    routing = moment.rulebook.route(events.find(tx, event_id).event, moment.directory)
    instead = Coming(
        channel_id=channel.id,
        channel_name=channel.name,
        lane=routing.lane,
        emoji=routing.emoji,
        mentions=tuple(dict.fromkeys(word for one in routing.destinations for word in words_of(one))),
        note=wording.channel_unresolved_note([f"#{lost[1]}"]),
    )
    _place(tx, moment, instead, event_id, routing.template)
