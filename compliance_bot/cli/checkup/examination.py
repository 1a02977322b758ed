"""The whole check, from the settings to the audit chain; what cannot be looked at any more is left out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from compliance_bot import control
from compliance_bot.cli import surroundings
from compliance_bot.cli.checkup import channels, clients, slack, studio, templates, webhooks
from compliance_bot.cli.checkup.lines import Line, doubt, fault, good
from compliance_bot.cli.checkup.record import record
from compliance_bot.config.schema import Rules
from compliance_bot.config.settings import Settings
from compliance_bot.errors import BotError, Misconfigured
from compliance_bot.rulebook import Rulebook, RulesRefused, compile_rulebook
from compliance_bot.slack.client import SlackClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What was asked for on the command line, and the state directory to look into."""

    live: bool
    fix: bool
    state: Path


async def examine(wishes: Wishes) -> AsyncIterator[Line]:
    """Every line, as soon as it is known."""
    try:
        settings = surroundings.settings()
        yield good("settings", "every required setting is there")
    except Misconfigured as error:
        yield fault("settings", *_halves(str(error)))
        return
    try:
        rulebook, warnings = compile_rulebook(settings.rules_path, settings.templates_path)
        yield good("rules", f"{settings.rules_path} is good" + (" but for warnings" if warnings else ""))
        if (shadow := rulebook.rules.delivery.shadow) is not None:
            words = f"shadow mode: everything goes to {shadow}, nobody is pinged, Studio is not written"
            yield doubt("rules", words, "delete delivery.shadow in rules.yaml to go live")
    except RulesRefused as refused:
        yield fault("rules", str(refused), "compliance-bot validate lists every problem")
        return
    async for line in _slack(settings, rulebook, wishes):
        yield line
    async for line in _studio(settings, rulebook.rules):
        yield line
    for line in await record(wishes.state):
        yield line


async def _slack(settings: Settings, rulebook: Rulebook, wishes: Wishes) -> AsyncIterator[Line]:
    async with clients.slack(settings) as client:
        identity, line = await slack.bot_token(client)
        yield line
        address, line = await slack.app_token(client)
        yield line
        if identity is not None:
            for line in slack.scopes(client):
                yield line
        if address is not None:
            yield await _socket(client, address, wishes.state)
        if identity is not None:
            async for line in _workspace(client, settings, rulebook, wishes):
                yield line
            yield _clock(settings, "Slack", client.clock_offset)


async def _socket(client: SlackClient, address: str, state: Path) -> Line:
    with contextlib.suppress(BotError):
        if await asyncio.to_thread(control.ask, state, "status") is not None:
            return good("socket", "a daemon runs and holds the sockets; none was opened beside it")
    return await slack.socket(client, address)


async def _workspace(
    client: SlackClient, settings: Settings, rulebook: Rulebook, wishes: Wishes
) -> AsyncIterator[Line]:
    rules = rulebook.rules
    directory, lacking = await clients.directory(client, rules, settings.webhooks)
    for part, code in lacking.items():
        if part != "groups" or directory.groups_lacking is None:
            yield fault("channels", f"Slack would not list its {part}: {code}", "mend the scopes above first")
    if wishes.fix:
        for line in await channels.join(client, rules, directory):
            yield line
        directory, _ = await clients.directory(client, rules, settings.webhooks)
    outside = "chat:write.public" in (client.granted_scopes or ())
    places = channels.channels(rulebook, directory, may_post_outside=outside)
    for line in (*places, *webhooks.webhooks(rules, directory, settings.webhooks)):
        yield line
    if wishes.live:
        for line in await channels.try_posting(client, rules, directory):
            yield line
        for line in await templates.try_templates(client, rulebook.templates):
            yield line
    for line in (*channels.mentions(rules, directory), *channels.rights(rules, directory)):
        yield line


async def _studio(settings: Settings, rules: Rules) -> AsyncIterator[Line]:
    async with clients.studio(settings, rules) as client:
        line = await studio.answers(client)
        yield line
        if line.mend:
            return
        line, offset = await studio.findings(client)
        yield line
        for line in await studio.roles(client):
            yield line
        if offset is not None:
            yield _clock(settings, "Studio", offset)


def _clock(settings: Settings, side: str, offset: float) -> Line:
    if settings.clock_url:
        words = "COMPLIANCE_BOT_CLOCK is set: this bot follows a demo's clock"
        return doubt("clock", words, "unset it anywhere but in a demo")
    return slack.clock(side, offset)


def _halves(sentence: str) -> tuple[str, str]:
    """A sentence of the form "fault: mend" in its two parts; it begins with the setting's name."""
    words, _, mend = sentence.partition(": ")
    name = words.split(" ", 1)[0]
    return words.rstrip("."), mend.rstrip(
        "."
    ) or f"correct {name}: the README's table of settings has its form"
