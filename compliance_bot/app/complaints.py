"""What the health page complains of: each a sentence with its cause and its mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compliance_bot.clock import iso
from compliance_bot.config.guide_sections import SlackConfig
from compliance_bot.config.schema import Rules
from compliance_bot.messages.refusal_words import action_words
from compliance_bot.model.slack import Directory
from compliance_bot.people.access import waits_for_managers

INTERVALS = 3
"""Polls that may fail to come before it is complained of."""
NAMED = 5
"""Channels that one sentence names; of more it says how many."""
LEAST = 30.0
"""Seconds below which a poll is never called old, however short the interval: one with all its tries."""


def is_old(last_complete: float | None, *, began: float, interval: float, now: float) -> bool:
    """Whether the last complete poll (or, without one, our start) lies too far back."""
    since = began if last_complete is None else max(last_complete, began)
    return now - since > max(INTERVALS * interval, LEAST)


def old_poll(
    last_complete: float | None, *, interval: float, now: float, spent_until: float | None, quota: int
) -> str:
    """Studio was not read for long, and why."""
    when = (
        "There was no complete poll of Studio yet"
        if last_complete is None
        else f"The last complete poll of Studio is {now - last_complete:.0f} s old"
    )
    if spent_until is not None and spent_until > now:
        return f"{when}: {quota_spent(spent_until, quota)}"
    return f"{when} (one each {interval:g} s is meant): `compliance-bot check` names what Studio answers."


def quota_spent(until: float, quota: int) -> str:
    """The hour's calls are spent."""
    return (
        f"this hour's calls to Studio (studio.quota_per_hour: {quota}) are spent until {iso(until)}; raise "
        "that number, or poll less often (studio.poll_interval)."
    )


def refused(name: str, reason: str, *, by_login: bool) -> str:
    """Studio refuses one of our identities: a role, or ``single``; reading, or only writing."""
    name, _, _ = name.partition(" ")
    role = name.upper()
    if name == "single":
        return f"Studio refuses STUDIO_TOKEN: {reason} Renew it."
    if by_login:
        return (
            f"Studio refuses the {name}'s service account: {reason} Look at STUDIO_LOGIN_{role} and "
            f"STUDIO_PASSWORD_{role}; its role must be {name}."
        )
    return f"Studio refuses STUDIO_TOKEN_{role}: {reason} Renew it; its role must be {name}."


def lost_channels(named: SlackConfig, directory: Directory) -> Sequence[str]:
    """The channels that catch everything else, where Slack has them not, or closed."""
    meant: Mapping[str, str] = {
        named.operations_channel: "slack_config.operations_channel",
        named.default_channel: "slack_config.default_channel",
    }
    return [
        f"{name} ({setting}) can't be found in Slack or is archived, so what belongs there waits: make that "
        "channel and invite the bot, or name another in rules.yaml."
        for name, setting in meant.items()
        if (channel := directory.channel(name)) is None or channel.archived
    ]


def undescribed_channels(directory: Directory) -> Sequence[str]:
    """The channels of which Slack does not say who reads them; nothing but references is sent there.

    Whoever reaches the health page may read this, so that private channels are only counted.
    """
    undescribed = [one for one in directory.channels_by_id.values() if one.undescribed and not one.archived]
    if not undescribed:
        return ()
    names = sorted(f"#{one.name}" for one in undescribed if not one.private)
    hidden = len(undescribed) - len(names)
    private = [f"{hidden} private channel{'s' if hidden > 1 else ''}"] if hidden else []
    more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    *first, last = [*names[:NAMED], *more, *private]
    which = f"{', '.join(first)} and {last}" if first else last
    said = f"Slack does not say who reads {which}, so messages there are references"
    return (f"{said} without a title: `compliance-bot check` names the mend.",)


def nobody_manages(rules: Rules) -> list[str]:
    """What nobody may because the rules name no manager; no fault, but nobody should be surprised by it."""
    waiting = [action_words(action) for action in rules.access if waits_for_managers(action, rules)]
    if not waiting:
        return []
    what = ", nor ".join(waiting)
    return [f"Nobody can {what}: that is for managers, and people.roles.manager in rules.yaml lists none."]
