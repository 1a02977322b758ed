"""Each incoming webhook of the settings: which channel of rules.yaml it serves, and what it can't do."""

from __future__ import annotations

import re
from collections.abc import Iterable

from compliance_bot.cli.checkup.lines import Line, doubt, good
from compliance_bot.config.schema import Rules
from compliance_bot.model.slack import Directory, webhook_name
from compliance_bot.rules.named import named_channels, templated_channels

_STEP = "webhooks"
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}")


def webhooks(rules: Rules, directory: Directory, names: Iterable[str]) -> list[Line]:
    """One line or more for each webhook. No address is shown, and nothing is sent there."""
    served: dict[str, dict[str, str]] = {}
    for channel in named_channels(rules):
        known = directory.channel(channel)
        place = channel if known is None else known.id
        served.setdefault(directory.webhook_of(place) or webhook_name(channel), {})[place] = channel
    patterns = [_pattern(channel) for channel in templated_channels(rules)]
    return [_line(name, list(served.get(name, {}).values()), patterns) for name in sorted(names)]


def _line(name: str, channels: list[str], patterns: list[re.Pattern[str]]) -> Line:
    setting = f"SLACK_WEBHOOK_{name}"
    if len(channels) > 1:
        words = f"{setting} serves {' and '.join(channels)} alike: a webhook leads to one channel only"
        return doubt(_STEP, words, "rename one of them, or write one of them by its id in rules.yaml")
    if channels:
        return good(_STEP, f"{setting} is for {channels[0]}, where the bot is refused")
    if any(pattern.fullmatch(name) for pattern in patterns):
        return good(_STEP, f"{setting} is for a channel whose name rules.yaml fills in")
    words = f"{setting} is for no channel that rules.yaml names, so nothing ever goes there"
    return doubt(_STEP, words, "correct its name (#a-b: SLACK_WEBHOOK_A_B), or unset it")


def _pattern(channel: str) -> re.Pattern[str]:
    """The names that a channel's template may come to, as the settings spell them."""
    fixed = [re.escape(webhook_name(part)) for part in _PLACEHOLDER.split(channel.removeprefix("#"))]
    return re.compile(".+".join(fixed))
