"""rules.yaml's sections, compiled; a condition that can't be meant is a located complaint."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from compliance_bot.config.guide_sections import ALERT_NAMES
from compliance_bot.config.near_miss import did_you_mean_or_list
from compliance_bot.config.schema import Rules
from compliance_bot.model.delivery import Lane
from compliance_bot.rules.attributes import ATTRIBUTES
from compliance_bot.rules.channels import placeholders
from compliance_bot.rules.conditions import Condition, ConditionRefused, compile_condition
from compliance_bot.rules.ladder import Ladder, LadderStep
from compliance_bot.rules.routing import NotificationType, Router, RoutingRule
from compliance_bot.rules.second_person import SecondPerson
from compliance_bot.rules.sensitivity import Sensitivity
from compliance_bot.rules.trace import Reason

_LANES = {"urgent": Lane.URGENT, "normal": Lane.NORMAL, "low": Lane.LOW}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltinType:
    """What a notification type is where rules.yaml does not describe it."""

    template: str
    lane: Lane = Lane.NORMAL
    falls_to: str = "general"
    emoji: str = ""


BUILTIN_TYPES: Mapping[str, BuiltinType] = {
    "critical_alerts": BuiltinType(
        template="critical_alert", lane=Lane.URGENT, falls_to="critical", emoji=":rotating_light:"
    ),
    "compliance_updates": BuiltinType(template="compliance_update", emoji=":white_check_mark:"),
    "report_notifications": BuiltinType(
        template="report_ready", lane=Lane.LOW, falls_to="reports", emoji=":bar_chart:"
    ),
    "approval_requests": BuiltinType(template="approval_request", emoji=":raised_hand:"),
    "deadline_reminders": BuiltinType(template="deadline_reminder", emoji=":clock9:"),
    "scan_failures": BuiltinType(template="scan_failed", falls_to="critical", emoji=":warning:"),
    "evidence_receipts": BuiltinType(template="evidence_receipt", lane=Lane.LOW, emoji=":inbox_tray:"),
}
"""Every notification type that an event can have without ``match``."""

FINDING_TYPES = frozenset({"critical_alerts", "compliance_updates"})
"""Those among them that a finding can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Something wrong (or, with ``warning``, doubtful) at ``path``, whose parts are keys and indexes."""

    path: tuple[str | int, ...]
    message: str
    hint: str = ""
    warning: bool = False


class Conditions:
    """Compiles conditions one by one and keeps every complaint. ``groups``: those that the file adds."""

    def __init__(self, groups: Collection[str] = ()) -> None:
        self._groups = groups
        self.complaints: list[Complaint] = []
        self.names_read: set[str] = set()

    def compile(self, text: str | None, path: tuple[str | int, ...]) -> Condition | None:
        """The condition, or None where there is none or it is refused."""
        if text is None:
            return None
        try:
            condition = compile_condition(text, groups=self._groups)
        except ConditionRefused as refused:
            self.complaints.append(Complaint(path=path, message=str(refused), hint=refused.hint))
            return None
        self.names_read |= condition.names
        self.complaints += [Complaint(path=path, message=doubt, warning=True) for doubt in condition.doubts]
        return condition

    def check_placeholders(self, channel: str, path: tuple[str | int, ...]) -> None:
        """Complain of placeholders in a channel's name that no event can fill."""
        for name in placeholders(channel):
            self.names_read.add(name)
            if name not in ATTRIBUTES:
                message = f"reads {name}, which no event has"
                self.complaints.append(
                    Complaint(path=path, message=message, hint=did_you_mean_or_list(name, ATTRIBUTES))
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What judges events: where they go, and who may see them.

    With a complaint that is no warning it is not to be used. ``names_read``: every attribute that any
    condition, or a channel's name, reads.
    """

    router: Router
    sensitivity: Sensitivity
    second_person: SecondPerson
    ladder: Ladder
    names_read: frozenset[str]
    complaints: tuple[Complaint, ...]


def compile_sections(rules: Rules) -> Compiled:
    """Compile every section that holds conditions, and say all that is wrong in them."""
    conditions = Conditions(set(rules.categories.values()))
    types = _types(rules, conditions)
    routing_rules = tuple(_routing_rules(rules, conditions))
    router = Router(
        types=types,
        rules=routing_rules,
        default_channel=rules.slack_config.default_channel,
        names_read=frozenset(conditions.names_read),
        ping_once=rules.delivery.ping_once,
        shadow=rules.delivery.shadow,
    )
    sensitivity = _sensitivity(rules, conditions)
    second_person = _second_person(rules, conditions)
    ladder = _ladder(rules, conditions)
    return Compiled(
        router=router,
        sensitivity=sensitivity,
        second_person=second_person,
        ladder=ladder,
        names_read=frozenset(conditions.names_read),
        complaints=tuple(conditions.complaints),
    )


def _types(rules: Rules, conditions: Conditions) -> dict[str, NotificationType]:
    """Those of the file first, in its order; then the built-in ones it does not describe."""
    named = {ALERT_NAMES.get(name, name) for name in rules.alert_configuration}
    names = [*rules.notification_types, *BUILTIN_TYPES, *sorted(named)]
    return {name: _type(name, rules, conditions) for name in dict.fromkeys(names)}


def _type(name: str, rules: Rules, conditions: Conditions) -> NotificationType:
    builtin = BUILTIN_TYPES.get(name, BuiltinType(template="compliance_update"))
    described = rules.notification_types.get(name)
    alert = next(
        (a for key, a in rules.alert_configuration.items() if ALERT_NAMES.get(key, key) == name), None
    )
    channels: tuple[str, ...] = (_own_channel(name, rules, builtin),)
    because = Reason.TYPE_CHANNEL
    if alert and alert.channels is not None:
        channels, because = alert.channels, Reason.ALERT_CHANNEL
    mentions = described.mentions if described else ()
    emoji = described.emoji if described and described.emoji else builtin.emoji
    return NotificationType(
        name=name,
        template=(described and described.template) or builtin.template,
        lane=_LANES[described.priority] if described else builtin.lane,
        channels=channels,
        channels_because=because,
        mentions=alert.mentions if alert and alert.mentions is not None else mentions,
        emoji=alert.emoji if alert and alert.emoji is not None else emoji,
        threading=alert.threading if alert else True,
        enabled=alert.enabled if alert else True,
        match=conditions.compile(
            described.match if described else None, ("notification_types", name, "match")
        ),
    )


def _own_channel(name: str, rules: Rules, builtin: BuiltinType) -> str:
    described = rules.notification_types.get(name)
    if described and described.channel:
        return described.channel
    fallback: str | None = getattr(rules.slack_config.notification_channels, builtin.falls_to)
    return fallback or rules.slack_config.default_channel


def _routing_rules(rules: Rules, conditions: Conditions) -> list[RoutingRule]:
    compiled = []
    for name, rule in rules.routing_rules.items():
        condition = conditions.compile(rule.condition, ("routing_rules", name, "condition"))
        for index, channel in enumerate(rule.channels):
            conditions.check_placeholders(channel, ("routing_rules", name, "channels", index))
        if condition is not None:
            compiled.append(
                RoutingRule(
                    name=name,
                    condition=condition,
                    channels=rule.channels,
                    mentions=rule.mentions,
                    stop=rule.stop,
                    replace=rule.replace,
                )
            )
    return compiled


def _sensitivity(rules: Rules, conditions: Conditions) -> Sensitivity:
    section = rules.sensitivity
    compiled = []
    for index, one in enumerate(section.rules):
        condition = conditions.compile(one.condition, ("sensitivity", "rules", index, "condition"))
        if condition is not None:
            compiled.append((condition, one.class_))
    return Sensitivity(
        classes=section.classes,
        rules=tuple(compiled),
        shared=section.ceilings.shared,
        public=section.ceilings.public,
        private=section.ceilings.private,
        channels={name.removeprefix("#").lower(): known for name, known in section.channels.items()},
    )


def _second_person(rules: Rules, conditions: Conditions) -> SecondPerson:
    compiled = []
    for index, one in enumerate(rules.approvals.second_person_for):
        condition = conditions.compile(one.match, ("approvals", "second_person_for", index, "match"))
        if one.match is None or condition is not None:
            compiled.append((one.action, condition))
    return SecondPerson(cases=tuple(compiled))


def _ladder(rules: Rules, conditions: Conditions) -> Ladder:
    compiled = []
    for index, one in enumerate(rules.escalation):
        condition = conditions.compile(one.match, ("escalation", index, "match"))
        if one.match is None or condition is not None:
            compiled.append(
                LadderStep(
                    number=index + 1,
                    after=one.after,
                    mentions=one.mentions,
                    channel=one.channel,
                    repeat=one.repeat,
                    match=condition,
                )
            )
    return Ladder(steps=tuple(compiled))
