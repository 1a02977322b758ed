"""What the rules send to which channel, read off the rules alone, before anything happens. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compliance_bot.rules.channels import placeholders
from compliance_bot.rules.compile import FINDING_TYPES
from compliance_bot.rules.routing import TYPE_TABLE, Router

MADE_TYPES = FINDING_TYPES | {TYPE_TABLE[event] for event in ("approval", "update", "report")}
"""The built-in notification types that something in this version makes an event of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """One reason why messages come to ``channel``, as the rules spell it.

    ``kind`` is ``type``, ``rule`` or ``default``; ``condition`` what an event must fulfil, where it
    is not the kind of event alone; ``mentions`` who is called there for it.
    """

    channel: str
    kind: str
    name: str = ""
    condition: str | None = None
    mentions: tuple[str, ...] = ()


def landings(router: Router) -> tuple[Landing, ...]:
    """Every channel that types and rules name for good, in their order; last the default channel.

    A channel named after the event (``#team-{{ project }}``) is known only with the event.
    """
    return (
        *_of_types(router),
        *_of_rules(router),
        Landing(channel=router.default_channel, kind="default"),
    )


def _of_types(router: Router) -> Iterator[Landing]:
    for kind in router.types.values():
        if not kind.enabled or (kind.match is None and kind.name not in MADE_TYPES):
            continue
        condition = None if kind.match is None else kind.match.text
        for channel in kind.channels:
            yield Landing(
                channel=channel, kind="type", name=kind.name, condition=condition, mentions=kind.mentions
            )


def _of_rules(router: Router) -> Iterator[Landing]:
    for rule in router.rules:
        for channel in rule.channels:
            if not placeholders(channel):
                yield Landing(
                    channel=channel,
                    kind="rule",
                    name=rule.name,
                    condition=rule.condition.text,
                    mentions=rule.mentions,
                )
