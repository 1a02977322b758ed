"""Each channel and each mention that rules.yaml names, and who may do what."""

from __future__ import annotations

from compliance_bot.cli.checkup.lines import Line, doubt, fault, good
from compliance_bot.config.schema import Rules
from compliance_bot.model.slack import Channel, Directory
from compliance_bot.rules.named import named_channels, named_mentions
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.failures import SlackCallFailed


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
