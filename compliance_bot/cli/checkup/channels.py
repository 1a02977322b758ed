"""Each channel and each mention that rules.yaml names, and who may do what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from compliance_bot.cli.checkup.lines import Line, doubt, fault, good
from compliance_bot.config.guide_sections import ALERT_NAMES, AlertConfiguration
from compliance_bot.config.schema import Rules
from compliance_bot.model.slack import Channel, Directory
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.failures import SlackCallFailed


def named_channels(rules: Rules) -> dict[str, list[str]]:
    """Channel name → the places in rules.yaml that name it; templates of channel names left out."""
    places: dict[str, list[str]] = {}
    for place, name in _channels(rules):
        if name is not None and "{{" not in name:
            places.setdefault(name, []).append(place)
    return places


def named_mentions(rules: Rules) -> dict[str, list[str]]:
    """Mention → the places in rules.yaml that name it."""
    places: dict[str, list[str]] = {}
    for place, mentions in _mentions(rules):
        for mention in mentions:
            places.setdefault(mention, []).append(place)
    return places


def channels(rules: Rules, directory: Directory, *, may_post_outside: bool) -> list[Line]:
    """How each named channel is, with the guarantee it has."""
    return [
        _channel(name, places, directory.channel(name), may_post_outside=may_post_outside)
        for name, places in named_channels(rules).items()
    ]


def mentions(rules: Rules, directory: Directory) -> list[Line]:
    """Whether each named mention would ping someone."""
    lines = []
    for name, places in named_mentions(rules).items():
        if directory.mention(name):
            lines.append(good("mentions", f"{name} pings"))
        else:
            lines.append(
                fault(
                    "mentions",
                    f"{name} ({places[0]}) is no user group and nobody's handle, name or e-mail",
                    "create that user group in Slack, or write another in rules.yaml",
                )
            )
    return lines


def rights(rules: Rules, directory: Directory) -> list[Line]:
    """Who may approve, and whether each group and person of ``access`` is known to Slack."""
    lines = [
        fault(
            "access",
            f"access.{action} names {principal}, which Slack does not know: they may not",
            f"correct access.{action} in rules.yaml",
        )
        for action, principals in rules.access.items()
        for principal in principals
        if principal.startswith("@") and directory.mention(principal) is None
    ]
    managers = rules.people.roles.manager
    if not managers and "studio:manager" in rules.access["approve"]:
        lines.append(
            doubt(
                "access",
                "nobody may approve: managers are known from rules.yaml only, and it lists none",
                "list their e-mails under people.roles.manager",
            )
        )
    else:
        lines.append(good("access", f"approve: {', '.join(rules.access['approve'])}"))
    return lines


async def join(client: SlackClient, rules: Rules, directory: Directory) -> list[Line]:
    """``--fix``: join the public channels that the bot is not in."""
    lines = []
    for name in named_channels(rules):
        channel = directory.channel(name)
        if channel is None or channel.member or channel.private or channel.archived:
            continue
        try:
            await client.call("conversations.join", {"channel": channel.id})
            lines.append(good("channels", f"{name}: joined"))
        except SlackCallFailed as failure:
            lines.append(fault("channels", f"{name}: {failure}", f"in Slack, type /invite in {name}"))
    return lines


async def try_posting(client: SlackClient, rules: Rules, directory: Directory) -> list[Line]:
    """``--live``: post one message in each channel and delete it."""
    lines = []
    for name in named_channels(rules):
        channel = directory.channel(name)
        if channel is not None and not channel.archived:
            lines.append(await _post_and_delete(client, name, channel))
    return lines


async def _post_and_delete(client: SlackClient, name: str, channel: Channel) -> Line:
    words = {"channel": channel.id, "text": "compliance-bot check: this message is deleted at once."}
    try:
        posted = await client.call("chat.postMessage", words)
        await client.call("chat.delete", {"channel": channel.id, "ts": posted["ts"]})
    except SlackCallFailed as failure:
        return fault("live", f"{name}: {failure}", f"in Slack, invite the bot to {name}")
    return good("live", f"{name}: a message was posted and deleted")


def _channel(name: str, places: list[str], channel: Channel | None, *, may_post_outside: bool) -> Line:
    if channel is None:
        words = f"{name} ({places[0]}) does not exist, or is private and without the bot"
        return fault("channels", words, f"create {name} in Slack, or invite the bot there if it is private")
    if channel.archived:
        return fault("channels", f"{name} is archived", f"unarchive {name}, or name another in rules.yaml")
    if not channel.member:
        mend = f"in Slack, type /invite in {name}, or run check --fix"
        if may_post_outside:
            words = f"{name}: the bot is not inside, so after a crash a message may stand there twice"
            return doubt("channels", words, mend)
        return fault("channels", f"{name}: the bot is not inside and may not post", mend)
    if channel.shared_outside:
        words = f"{name} is shared with another organisation, which reads everything that is sent there"
        return doubt("channels", words, f"name a channel of your own in place of {name} in rules.yaml")
    return good("channels", f"{name}: the bot is inside; each message stands there exactly once")


def _channels(rules: Rules) -> Iterator[tuple[str, str | None]]:
    """Place in rules.yaml and channel of whatever may be written to."""
    slack = rules.slack_config
    yield "slack_config.default_channel", slack.default_channel
    yield "slack_config.operations_channel", slack.operations_channel
    for kind, channel in slack.notification_channels:
        yield f"slack_config.notification_channels.{kind}", channel
    alerts = _alerts(rules)
    for name, notification in rules.notification_types.items():
        alert = alerts.get(name)
        if alert is None or (alert.enabled and alert.channels is None):
            yield f"notification_types.{name}.channel", notification.channel
    for name, alert in rules.alert_configuration.items():
        channels_there = alert.channels if alert.enabled else ()
        yield from ((f"alert_configuration.{name}.channels", channel) for channel in channels_there or ())
    for name, rule in rules.routing_rules.items():
        yield from ((f"routing_rules.{name}.channels", channel) for channel in rule.channels)


def _mentions(rules: Rules) -> Iterator[tuple[str, Iterable[str]]]:
    """Place in rules.yaml and mentions of whatever may ping."""
    alerts = _alerts(rules)
    for name, notification in rules.notification_types.items():
        alert = alerts.get(name)
        if alert is None or (alert.enabled and alert.mentions is None):
            yield f"notification_types.{name}.mentions", notification.mentions
    for name, alert in rules.alert_configuration.items():
        if alert.enabled:
            yield f"alert_configuration.{name}.mentions", alert.mentions or ()
    for name, rule in rules.routing_rules.items():
        yield f"routing_rules.{name}.mentions", rule.mentions


def _alerts(rules: Rules) -> Mapping[str, AlertConfiguration]:
    """The switches by the name of their notification type: what they say replaces the type's own."""
    return {ALERT_NAMES.get(name, name): alert for name, alert in rules.alert_configuration.items()}
