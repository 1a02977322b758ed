"""Why a message goes where it goes: named reasons that log, metric, ``explain`` and ``why`` share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Every reason that routing and sensitivity can give."""

    TYPE_MATCHED = "type.matched"
    TYPE_BY_TABLE = "type.by_table"
    TYPE_DISABLED = "type.disabled"
    TYPE_CHANNEL = "channel.of_type"
    ALERT_CHANNEL = "channel.of_alert_configuration"
    RULE_MATCHED = "rule.matched"
    RULE_NOT_MATCHED = "rule.not_matched"
    RULE_STOPPED = "rule.stopped"
    RULE_REPLACED = "rule.replaced"
    RULE_CHANNEL = "channel.of_rule"
    RUNG_CHANNEL = "channel.of_rung"
    DEFAULT_CHANNEL = "channel.default"
    CHANNEL_UNKNOWN = "channel.unknown"
    CHANNEL_ARCHIVED = "channel.archived"
    CHANNEL_TEMPLATE_EMPTY = "channel.template_empty"
    DEFAULT_UNKNOWN = "channel.default_unknown"
    MENTION_UNKNOWN = "mention.unknown"
    MENTION_ELSEWHERE = "mention.pinged_elsewhere"
    SHADOW = "channel.shadow"
    CEILING_NAMED = "ceiling.of_channel"
    CEILING_OF_PERSON = "ceiling.of_person"
    CEILING_SHARED = "ceiling.shared_outside"
    CEILING_GUESTS = "ceiling.guests"
    CEILING_UNDESCRIBED = "ceiling.undescribed"
    CEILING_UNREAD = "ceiling.unread"
    CEILING_PUBLIC = "ceiling.public_channel"
    CEILING_PRIVATE = "ceiling.private_channel"


@dataclass(frozen=True, slots=True)
class Step:
    """One reason with what it speaks of: a rule's name, a channel, a mention."""

    reason: Reason
    detail: str = ""

    def __str__(self) -> str:
        """``rule.matched security_incidents``."""
        return f"{self.reason} {self.detail}".rstrip()
