"""The daemon's own clients, opened for one check and closed after it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping

from compliance_bot.clock import SystemClock
from compliance_bot.config.schema import Rules
from compliance_bot.config.settings import Settings
from compliance_bot.model.platform import Role
from compliance_bot.model.slack import Directory
from compliance_bot.rules.named import named_channels
from compliance_bot.slack.audience import AudienceReader
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.client import open_session as open_slack_session
from compliance_bot.slack.directory import DirectoryReader
from compliance_bot.studio.opening import StudioSettings, open_studio
from compliance_bot.studio.platform.client import PlatformStudio
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.service_account import LoginDetails
from compliance_bot.studio.transport import open_session as open_studio_session


@contextlib.asynccontextmanager
async def slack(settings: Settings) -> AsyncIterator[SlackClient]:
    """A client with both tokens."""
    async with open_slack_session() as session:
        yield SlackClient(
            session=session,
            base_url=settings.slack_api_url,
            bot_token=_reading(settings, "SLACK_BOT_TOKEN"),
            app_token=_reading(settings, "SLACK_APP_TOKEN"),
            clock=SystemClock(),
            proxy=settings.slack_proxy,
        )


@contextlib.asynccontextmanager
async def studio(settings: Settings, rules: Rules) -> AsyncIterator[PlatformStudio]:
    """A client with every identity. Its handful of calls is not counted in the hour's account."""
    async with open_studio_session(ca_file=_text(settings.studio_ca_file)) as session:
        yield open_studio(
            StudioSettings(
                url=settings.studio_url,
                tokens={role: _reading(settings, _token_name(role)) for role in settings.studio_tokens},
                logins={
                    role: LoginDetails(
                        identifier=login.identifier,
                        password=_reading(settings, f"STUDIO_PASSWORD_{role.upper()}"),
                    )
                    for role, login in settings.studio_logins.items()
                },
                login_url=settings.studio_login_url,
                proxy=settings.studio_proxy,
                timeout=lambda: rules.studio_timeout,
                retry_attempts=lambda: 0,
                api=rules.studio.api,
            ),
            session=session,
            clock=SystemClock(),
            spend=_spend,
        )


async def directory(
    client: SlackClient, rules: Rules, webhooks: Iterable[str]
) -> tuple[Directory, Mapping[str, str]]:
    """Slack's channels, groups and people now; and the parts that it would not tell, with its word.

    Of the channels that rules.yaml names, who reads them too. ``webhooks``: the channels with an incoming
    webhook, as the settings spell them.
    """
    clock, names = SystemClock(), named_channels(rules)
    reader = DirectoryReader(client=client, clock=clock, webhooks=frozenset(webhooks))
    audience = AudienceReader(client=client, clock=clock, directory=reader, named=lambda: names)
    await reader.refresh()
    found = [channel for name in names if (channel := reader.snapshot.channel(name)) is not None]
    await audience.read({channel.id for channel in found if not channel.webhook})
    return reader.snapshot, reader.lacking


async def _spend(purpose: Purpose) -> None:
    del purpose


def _reading(settings: Settings, name: str) -> Callable[[], str]:
    return lambda: settings.fresh(name).reveal()


def _token_name(role: Role | None) -> str:
    return "STUDIO_TOKEN" if role is None else f"STUDIO_TOKEN_{role.upper()}"


def _text(place: object) -> str | None:
    return None if place is None else str(place)
