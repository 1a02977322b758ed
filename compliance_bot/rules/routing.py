"""One notification type for an event, its destinations by resolved channel, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from compliance_bot.model.delivery import Lane
from compliance_bot.model.events import Attribute
from compliance_bot.model.slack import Directory
from compliance_bot.rules.channels import Resolved, Target, resolve_targets
from compliance_bot.rules.conditions import Condition
from compliance_bot.rules.trace import Reason, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One message: a channel, who is pinged there, and why.

    ``channel_id`` is empty while not even the default channel can be found: the message waits.
    ``mentions`` are Slack markup; ``unresolved`` the mentions that Slack does not know, as written;
    ``named`` those that are said as text only, since they ping elsewhere or nowhere. ``meant_for``: in
    shadow mode, the channels that it would go to.
    """

    channel_id: str
    channel_name: str
    mentions: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    meant_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Where one event goes. Not ``enabled``: recorded, not told, and without destinations.

    The first destination is the primary. ``trace`` holds every step, also of rules that did not match.
    """

    notification: str
    template: str
    emoji: str
    lane: Lane
    threading: bool
    enabled: bool
    destinations: tuple[Destination, ...]
    trace: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationType:
    """A notification type as compiled: ``alert_configuration`` is merged in."""

    name: str
    template: str
    lane: Lane
    channels: tuple[str, ...]
    channels_because: Reason = Reason.TYPE_CHANNEL
    mentions: tuple[str, ...] = ()
    emoji: str = ""
    threading: bool = True
    enabled: bool = True
    match: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRule:
    """A routing rule as compiled. ``channels`` may hold ``{{ attribute }}``."""

    name: str
    condition: Condition
    channels: tuple[str, ...]
    mentions: tuple[str, ...] = ()
    stop: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """All that routing needs, compiled. ``types`` in the order of the file."""

    types: Mapping[str, NotificationType]
    rules: tuple[RoutingRule, ...]
    default_channel: str
    names_read: frozenset[str] = field(default_factory=frozenset)
    """Every attribute that a condition of routing or a channel's name reads."""
    ping_once: bool = False
    """A handle pings in the first channel that names it, and is text in the others."""
    shadow: str | None = None
    """The one channel that everything goes to, where the rules are only tried out."""


TYPE_TABLE: Mapping[str, str] = {
    "approval": "approval_requests",
    "deadline": "deadline_reminders",
    "report": "report_notifications",
    "scan": "scan_failures",
    "evidence": "evidence_receipts",
    "update": "compliance_updates",
}
"""Notification type by event type, where no ``match`` took the event; findings go by severity."""


def route(router: Router, attributes: Mapping[str, Attribute], directory: Directory) -> Routing:
    """Where an event with these attributes goes, as Slack's names resolve in ``directory``.

    Every channel stands in the answer once, with the mentions of whatever named it.
    """
    kind, chosen = _choose_type(router, attributes)
    trace = [chosen]
    if not kind.enabled:
        trace.append(Step(Reason.TYPE_DISABLED, kind.name))
        return _routing(kind, (), trace)
    targets = _targets(router, kind, attributes, trace)
    return _routing(kind, destinations_of(router, targets, attributes, directory, trace), trace)


def destinations_of(
    router: Router,
    targets: Iterable[Target],
    attributes: Mapping[str, Attribute],
    directory: Directory,
    trace: list[Step],
    *,
    pinged_before: Iterable[str] = (),
) -> tuple[Destination, ...]:
    """One message a channel for what names it; in shadow mode the one that says where all would go.

    ``trace`` is added to. ``pinged_before``: who is pinged elsewhere already, where each is pinged once only.
    """
    found = resolve_targets(targets, attributes, directory, router.default_channel)
    pinged = set(pinged_before) if router.ping_once else None
    destinations = tuple(_destination(one, directory, pinged, trace) for one in found)
    if router.shadow is not None:
        return (_shadow(router.shadow, found, directory, trace),)
    return destinations


def _destination(
    found: Resolved, directory: Directory, pinged: set[str] | None, trace: list[Step]
) -> Destination:
    """One channel's message. ``pinged``: who is pinged already, where each is pinged once only."""
    words = tuple(dict.fromkeys(found.mentions))
    named = () if pinged is None else tuple(word for word in words if word in pinged)
    if pinged is not None:
        pinged.update(words)
    markup, unresolved = _mentions(tuple(word for word in words if word not in named), directory)
    trace.extend(found.steps)
    trace.extend(Step(Reason.MENTION_UNKNOWN, word) for word in unresolved)
    trace.extend(Step(Reason.MENTION_ELSEWHERE, word) for word in named)
    return Destination(
        channel_id=found.channel_id,
        channel_name=found.channel_name,
        mentions=markup,
        unresolved=unresolved,
        reasons=tuple(str(step) for step in found.steps),
        named=named,
    )


def _shadow(name: str, found: tuple[Resolved, ...], directory: Directory, trace: list[Step]) -> Destination:
    """The shadow channel's one message, that says where it would go and whom it would ping."""
    step = Step(Reason.SHADOW, name)
    trace.append(step)
    channel = directory.channel(name)
    return Destination(
        channel_id="" if channel is None else channel.id,
        channel_name=name.removeprefix("#") if channel is None else channel.name,
        reasons=(str(step),),
        named=tuple(dict.fromkeys(word for one in found for word in one.mentions)),
        meant_for=tuple(f"#{one.channel_name}" for one in found),
    )


def _choose_type(router: Router, attributes: Mapping[str, Attribute]) -> tuple[NotificationType, Step]:
    for kind in router.types.values():
        if kind.match is not None and kind.match.holds(attributes):
            return kind, Step(Reason.TYPE_MATCHED, kind.name)
    event_type = str(attributes.get("type", ""))
    if event_type == "finding" and attributes.get("severity") == "critical":
        name = "critical_alerts"
    else:
        name = TYPE_TABLE.get(event_type, "compliance_updates")
    return router.types[name], Step(Reason.TYPE_BY_TABLE, name)


def _targets(
    router: Router, kind: NotificationType, attributes: Mapping[str, Attribute], trace: list[Step]
) -> list[Target]:
    """The channels as named, in order, before any name is resolved."""
    because = Step(kind.channels_because, kind.name)
    targets = [Target(channel, kind.mentions, because) for channel in kind.channels]
    for rule in router.rules:
        if not rule.condition.holds(attributes):
            trace.append(Step(Reason.RULE_NOT_MATCHED, rule.name))
            continue
        trace.append(Step(Reason.RULE_MATCHED, rule.name))
        if rule.replace:
            trace.append(Step(Reason.RULE_REPLACED, rule.name))
            targets.clear()
        because = Step(Reason.RULE_CHANNEL, rule.name)
        targets.extend(Target(channel, rule.mentions, because) for channel in rule.channels)
        if rule.stop:
            trace.append(Step(Reason.RULE_STOPPED, rule.name))
            break
    if not targets:
        targets.append(
            Target(router.default_channel, (), Step(Reason.DEFAULT_CHANNEL, router.default_channel))
        )
    return targets


def _mentions(words: tuple[str, ...], directory: Directory) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Markup of those that Slack knows, each once; and those it does not know, as written."""
    pairs = [(word, directory.mention(word)) for word in words]
    markup = dict.fromkeys(found for _, found in pairs if found is not None)
    unresolved = dict.fromkeys(word for word, found in pairs if found is None)
    return tuple(markup), tuple(unresolved)


def _routing(kind: NotificationType, destinations: tuple[Destination, ...], trace: list[Step]) -> Routing:
    return Routing(
        notification=kind.name,
        template=kind.template,
        emoji=kind.emoji,
        lane=kind.lane,
        threading=kind.threading,
        enabled=kind.enabled,
        destinations=destinations,
        trace=tuple(trace),
    )
