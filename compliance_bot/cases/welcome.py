"""Each channel's welcome: once, what was recorded before us, what will land there, who is called.

It is planned once the baseline is complete, for every channel that the rules name and Slack knows. What is
said once of a channel is said for ever: a new name, new rules or a restart greet nobody again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from compliance_bot.cases import baseline
from compliance_bot.cases.moment import Moment
from compliance_bot.logs import logger
from compliance_bot.messages import landing_words
from compliance_bot.messages.welcome import (
    WelcomeView,
    show_welcome,
    show_welcome_plainly,
    show_welcome_withheld,
)
from compliance_bot.model.delivery import (
    Effect,
    EffectKind,
    Lane,
    Later,
    Outcome,
    PlannedEffect,
    Presentation,
    Skip,
)
from compliance_bot.model.slack import Channel
from compliance_bot.outbox import effects
from compliance_bot.rules.landing import Landing, landings
from compliance_bot.rules.sensitivity import clear
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)

IN_SHADOW = "shadow"
"""Why a welcome waits for the end of shadow mode."""
_ASK_AGAIN = 3600.0
"""Seconds until a welcome asks again whether shadow mode is over."""


@dataclass(slots=True)
class _Place:
    """A channel, what lands in it, and who is called there."""

    channel: Channel
    lands: list[str] = field(default_factory=list)
    pings: list[str] = field(default_factory=list)


def plan_welcomes(tx: Transaction, moment: Moment) -> int:
    """Plan a welcome for every channel that has had none; how many. None before the baseline is whole."""
    if not moment.rulebook.rules.delivery.welcome or not baseline.is_complete(tx):
        return 0
    planned = [_plan(tx, moment, channel_id) for channel_id in _places(moment)]
    count = sum(planned)
    if count:
        _log.info("welcome.planned", channels=count)
    return count


def _plan(tx: Transaction, moment: Moment, channel_id: str) -> bool:
    key = f"welcome:{channel_id}"
    planned = PlannedEffect(
        kind=EffectKind.WELCOME,
        key=key,
        lane=Lane.LOW,
        order_key=key,
        pace_key=channel_id,
        intent={"channel": channel_id},
    )
    return effects.plan(tx, planned, moment.now) is not None


# ---------------------------------------------------------------- what lands where


def _places(moment: Moment) -> Mapping[str, _Place]:
    """What lands in each channel that is to be welcomed, by its id; in shadow mode there is but one."""
    shadow = moment.rulebook.rules.delivery.shadow
    if shadow is not None:
        return _in_shadow(moment, shadow)
    places: dict[str, _Place] = {}
    for landing in landings(moment.rulebook.router):
        _note(places, moment, landing.channel, _words(landing), landing.mentions)
    operations = moment.rulebook.operations_channel
    _note(places, moment, operations, landing_words.landing_operations(), ())
    return places


def _in_shadow(moment: Moment, shadow: str) -> Mapping[str, _Place]:
    places: dict[str, _Place] = {}
    meant: dict[str, list[str]] = {}
    for landing in landings(moment.rulebook.router):
        channels = meant.setdefault(_words(landing), [])
        if landing.channel not in channels:
            channels.append(landing.channel)
    for words, channels in meant.items():
        _note(places, moment, shadow, landing_words.landing_meant_for(words, channels), ())
    return places


def _note(
    places: dict[str, _Place], moment: Moment, name: str, words: str, mentions: tuple[str, ...]
) -> None:
    """Add a reason to the channel of that name, where Slack has one that can be greeted."""
    channel = moment.directory.channel(name)
    if channel is None or channel.archived:
        return
    place = places.setdefault(channel.id, _Place(channel))
    if words not in place.lands:
        place.lands.append(words)
    place.pings += [mention for mention in mentions if mention not in place.pings]


def _words(landing: Landing) -> str:
    if landing.kind == "type":
        return landing_words.landing_type(landing.name, landing.condition)
    if landing.kind == "rule":
        return landing_words.landing_rule(landing.name, landing.condition)
    return landing_words.landing_default()


# ---------------------------------------------------------------- how it leaves


def present(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """The welcome as rules and counts are now; nothing where the rules send nothing there any more."""
    channel_id = str(effect.intent["channel"])
    place = _places(moment).get(channel_id)
    if place is None and moment.rulebook.rules.delivery.shadow is not None:
        return Later(reason=IN_SHADOW, after=_ASK_AGAIN)
    if place is None:
        return Skip(reason="welcome.channel_not_named")
    view = _view(tx, moment, place)
    message = show_welcome_plainly(view) if effect.degraded else show_welcome(moment.rulebook.templates, view)
    return clear(
        "chat.postMessage",
        moment.audience(channel_id),
        message.body(),
        content=moment.rulebook.sensitivity.internal,
        instead=show_welcome_withheld(view).body(),
    )


def _view(tx: Transaction, moment: Moment, place: _Place) -> WelcomeView:
    counts = baseline.recorded(tx)
    quiet = moment.rulebook.rules.quiet_hours
    hours = [landing_words.landing_quiet(quiet.from_, quiet.to, quiet.timezone)] if quiet else []
    return WelcomeView(
        channel_name=place.channel.name,
        counts=counts,
        total=sum(counts.values()),
        lands=(*place.lands, *hours),
        pings=tuple(place.pings),
        since=baseline.began(tx) or moment.now,
        shadow=moment.rulebook.rules.delivery.shadow is not None,
    )


def settle(_tx: Transaction, _effect: Effect, _outcome: Outcome | Skip, _moment: Moment) -> None:
    """A welcome has no consequences."""
