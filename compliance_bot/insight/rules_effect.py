"""What other rules would have done with the newest events: the same routing, asked twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from compliance_bot.messages.reload_words import RulesEffect
from compliance_bot.model.events import Attribute, Event
from compliance_bot.model.slack import Directory
from compliance_bot.rulebook import Rulebook, attributes_of
from compliance_bot.rules.attributes import category_group
from compliance_bot.rules.routing import Routing, route

MOST_EVENTS = 200
"""How far back the effect is judged."""


def rules_effect(
    events: Sequence[Event], before: Rulebook, after: Rulebook, directory: Directory
) -> RulesEffect:
    """How ``after`` would have routed these events otherwise than ``before``, by Slack's names of now.

    Pure, and without the rulebooks' memory of routes, so that any thread may ask.
    """
    pairs = [(_routed(event, before, directory), _routed(event, after, directory)) for event in events]
    channels: Counter[str] = Counter()
    for was, now in pairs:
        channels.update(_channels(now))
        channels.subtract(_channels(was))
    return RulesEffect(
        events=len(pairs),
        elsewhere=sum(_channels(was) != _channels(now) for was, now in pairs),
        channels={name: number for name, number in channels.items() if number},
        pings=(sum(_pings(was) for was, _ in pairs), sum(_pings(now) for _, now in pairs)),
        silenced=sum(was.enabled and not now.enabled for was, now in pairs),
        voiced=sum(now.enabled and not was.enabled for was, now in pairs),
        priority=sum(was.lane is not now.lane for was, now in pairs),
    )


def _routed(event: Event, rulebook: Rulebook, directory: Directory) -> Routing:
    return route(rulebook.router, _attributes(event, rulebook.rules.categories), directory)


def _attributes(event: Event, categories: Mapping[str, str]) -> Mapping[str, Attribute]:
    """As stored, but for the group of its category, which is the rules' own word."""
    attributes = attributes_of(event)
    category = attributes.get("finding_category")
    if not isinstance(category, str):
        return attributes
    return {**attributes, "category": category_group(category, categories)}


def _channels(routing: Routing) -> frozenset[str]:
    return frozenset(one.channel_name for one in routing.destinations)


def _pings(routing: Routing) -> int:
    return sum(len(one.mentions) for one in routing.destinations)
