"""Channel names become ids here: one entry a channel, whatever named it and however often."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from compliance_bot.model.events import Attribute
from compliance_bot.model.slack import Channel, Directory
from compliance_bot.rules.trace import Reason, Step

_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Target:
    """A channel as a type or a rule names it, with the mentions it brings, and who named it."""

    channel: str
    mentions: tuple[str, ...]
    because: Step


@dataclass(slots=True)
class Resolved:
    """One channel with all that named it. ``channel_id`` is empty while Slack knows no such name."""

    channel_id: str
    channel_name: str
    mentions: tuple[str, ...] = ()
    steps: list[Step] = field(default_factory=list)


def placeholders(channel: str) -> tuple[str, ...]:
    """The attributes that a channel's name reads: ``#team-{{ project }}`` → ``project``."""
    return tuple(_PLACEHOLDER.findall(channel))


def fill_channel(channel: str, attributes: Mapping[str, Attribute]) -> str | None:
    """The channel's name with its placeholders filled as Slack spells names; None where a value lacks."""
    names = placeholders(channel)
    if any(not _spelled(attributes.get(name)) for name in names):
        return None
    return _PLACEHOLDER.sub(lambda found: _spelled(attributes.get(found[1])), channel)


def resolve_targets(
    targets: Iterable[Target], attributes: Mapping[str, Attribute], directory: Directory, default_channel: str
) -> tuple[Resolved, ...]:
    """One entry a channel in the order first named; what cannot be resolved goes to the default channel."""
    entries: dict[str, Resolved] = {}
    for target in targets:
        channel, steps = _resolve(target, attributes, directory, default_channel)
        key = channel.id if channel else ""
        name = channel.name if channel else default_channel
        entry = entries.setdefault(key, Resolved(key, name.removeprefix("#")))
        entry.mentions += target.mentions
        entry.steps.extend(step for step in steps if step not in entry.steps)
    return tuple(entries.values())


def _resolve(
    target: Target, attributes: Mapping[str, Attribute], directory: Directory, default_channel: str
) -> tuple[Channel | None, list[Step]]:
    steps = [target.because]
    name = fill_channel(target.channel, attributes)
    if name is None:
        steps.append(Step(Reason.CHANNEL_TEMPLATE_EMPTY, target.channel))
    else:
        channel, doubt = _living(name, directory)
        if channel is not None:
            return channel, steps
        if name != default_channel:
            steps.append(Step(doubt, name))
    channel, _ = _living(default_channel, directory)
    if channel is None:
        steps.append(Step(Reason.DEFAULT_UNKNOWN, default_channel))
    return channel, steps


def _living(name: str, directory: Directory) -> tuple[Channel | None, Reason]:
    channel = directory.channel(name)
    if channel is None:
        return None, Reason.CHANNEL_UNKNOWN
    return (None, Reason.CHANNEL_ARCHIVED) if channel.archived else (channel, Reason.CHANNEL_UNKNOWN)


def _spelled(value: Attribute | None) -> str:
    words = ", ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
    return re.sub(r"[^\w]+", "-", words.lower()).strip("-")[:60]
