"""Each channel and each mention that rules.yaml names, and who may do what."""

from __future__ import annotations

from dataclasses import replace

from compliance_bot.cli.checkup.lines import Line, Verdict, doubt, fault, good
from compliance_bot.config.schema import Rules
from compliance_bot.messages.why_words import people_words, reason_words
from compliance_bot.model.slack import Channel, Directory
from compliance_bot.people.access import waits_for_managers
from compliance_bot.people.identity import slack_person_of
from compliance_bot.rulebook import Rulebook
from compliance_bot.rules.named import named_channels, named_mentions
from compliance_bot.rules.sensitivity import Sensitivity, may_show
from compliance_bot.rules.trace import Reason
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.failures import SlackCallFailed

_OWN = "name a channel of your own in place of {name} in rules.yaml, or raise it in sensitivity.channels"
_ONLY_WEBHOOK = "invite the bot to {name}; or, if you know who reads it, raise it in sensitivity.channels"
_MENDS = {
    Reason.CEILING_GUESTS: "take the guests out of {name}, or raise it in sensitivity.channels",
    Reason.CEILING_UNDESCRIBED: "see that the scopes above are granted, and invite the bot to {name}",
}


def channels(rulebook: Rulebook, directory: Directory, *, may_post_outside: bool) -> list[Line]:
    """How each named channel is: the guarantee it has, and how much may be shown to who reads it."""
    lines = []
    for name, places in named_channels(rulebook.rules).items():
        channel = directory.channel(name)
        webhook = None if channel is None else directory.webhook_of(channel.id)
        if channel is not None and webhook is not None and not (channel.member or channel.archived):
            line = _by_webhook(name, channel, f"SLACK_WEBHOOK_{webhook}")
        else:
            line = _channel(name, places, channel, may_post_outside=may_post_outside)
        told = channel is not None and line.verdict is not Verdict.FAULT
        lines.append(_with_ceiling(line, name, channel, rulebook.sensitivity) if channel and told else line)
    return lines


def mentions(rules: Rules, directory: Directory) -> list[Line]:
    """Whether each named mention would ping someone, and how many where it is a group."""
    named = named_mentions(rules).items()
    return [_mention(name, places[0], directory) for name, places in named]


def _mention(name: str, place: str, directory: Directory) -> Line:
    group = directory.groups_by_handle.get(name.removeprefix("@").lower())
    if group is not None and group.size == 0:
        words = f"{name} ({place}) pings nobody: that user group is empty"
        return doubt("mentions", words, f"put people into {name} in Slack, or write another in rules.yaml")
    if group is not None and group.size is not None:
        return good("mentions", f"{name} pings {people_words(group.size)}")
    if directory.mention(name):
        return good("mentions", f"{name} pings")
    if directory.groups_lacking is not None and "@" not in name[1:]:
        words = f"{name} ({place}) pings nobody: user groups need a paid Slack plan"
        return fault("mentions", words, "name people by handle or e-mail in rules.yaml, or @here")
    words = f"{name} ({place}) is no user group and nobody's handle, name or e-mail"
    return fault("mentions", words, "create that user group in Slack, or write another in rules.yaml")


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
    if waits_for_managers("approve", rules):
        words = "nobody may approve: managers are known from rules.yaml only, and it lists none"
        lines.append(doubt("access", words, "list their e-mails under people.roles.manager"))
    else:
        lines.append(good("access", f"approve: {', '.join(rules.access['approve'])}"))
    return [*lines, *_strangers(rules, directory)]


def _strangers(rules: Rules, directory: Directory) -> list[Line]:
    """People of the rules whom Slack does not know by their address, so that they have no right by it."""
    roles = (("manager", rules.people.roles.manager), ("auditor", rules.people.roles.auditor))
    return [
        doubt(
            "access",
            f"people.roles.{role} names {email}, whom Slack knows by no such address: nobody has it",
            "correct the address, or say under people.aliases by which one Slack knows them",
        )
        for role, listed in roles
        for email in listed
        if slack_person_of(directory, rules, email) is None
    ]


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
        if channel is None or channel.archived:
            continue
        if not channel.member and directory.webhook_of(channel.id) is not None:
            lines.append(good("live", f"{name}: not tried, since what goes by a webhook can't be deleted"))
        else:
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
    return good("channels", f"{name}: the bot is inside; each message stands there exactly once")


def _by_webhook(name: str, channel: Channel, setting: str) -> Line:
    """A channel that the bot is not in, and that has an incoming webhook."""
    if channel.webhook:
        words = f"{name} is not shown to the bot and is reached by {setting} alone: at least once, no buttons"
        return good("channels", words)
    words = f"{name}: the bot is not inside; what Slack refuses there goes by {setting}, at least once"
    return doubt("channels", words, f"in Slack, type /invite in {name}, for exactly once and buttons")


def _with_ceiling(line: Line, name: str, channel: Channel, sensitivity: Sensitivity) -> Line:
    """The line, and how much may be shown there and why; a doubt where findings are but references."""
    audience = sensitivity.audience(channel.id, channel)
    if audience.ceiling is None:
        words = f"{line.words}; Slack could not say who reads it"
        return doubt("channels", words, line.mend or "run check again: until it can, nothing is said there")
    because = reason_words(audience.because, "")
    shown = f"{line.words}; it may show what is {audience.ceiling.name}: {because}"
    if may_show(audience, sensitivity.internal):
        return replace(line, words=shown)
    words = f"{shown}, so findings stand there as a reference without their title"
    mend = _ONLY_WEBHOOK if channel.webhook else _MENDS.get(audience.because, _OWN)
    return doubt("channels", words, line.mend or mend.format(name=name))
