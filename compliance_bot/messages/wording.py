"""Every sentence a person reads. Each function returns mrkdwn in which data is inert.

A refusal says three things: the cause, the mend, and a reference that is also in the log. Times
are Unix seconds and become date tokens, so that each reader sees their own zone. ``comment`` and
its like, which go to Studio, are plain text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from compliance_bot.messages.mrkdwn import clean, unlinked
from compliance_bot.messages.values import Moment
from compliance_bot.model.events import Change
from compliance_bot.model.findings import FindingStatus, Severity

_SLACK_PERSON = re.compile(r"[UW][A-Z0-9]{5,20}")
_LONGEST_DATUM = 300
"""Characters of one name, title or reason inside a sentence."""


class Refusal(StrEnum):
    """Why a person may not do something."""

    GUEST = "guest"
    STRANGER = "stranger"
    BOT = "bot"
    DEACTIVATED = "deactivated"
    NOT_LISTED = "not_listed"
    NO_MANAGER = "no_manager"
    """It is for managers, and rules.yaml names none yet."""
    STUDIO_SILENT = "studio_silent"
    """They would have it by Studio's list of auditors, which was read too long ago to count."""
    UNKNOWN = "unknown"


def datum(value: str) -> str:
    """Data inside a sentence: one line, inert, at most 300 characters, never empty."""
    text = " ".join(clean(value[:2_000]).split())
    cut = text if len(text) <= _LONGEST_DATUM else text[: _LONGEST_DATUM - 1].rstrip() + "…"
    return unlinked(cut) or "?"


def when_said(at: float) -> str:
    """A time inside a sentence, as a date token."""
    return Moment(at).markup


def _listed(names: Sequence[str], joint: str = "or") -> str:
    said = [datum(name) for name in names[:20]]
    left = len(names) - len(said)
    if left > 0:
        said.append(f"{left} more")
    return f" {joint} ".join(filter(None, (", ".join(said[:-1]), *said[-1:])))


def _reference(reference: str) -> str:
    return f"(reference {datum(reference)})"


def person(slack_id: str | None, name: str | None) -> str:
    """A mention where the Slack id is known, else the name. Only for edits and ephemerals: it pings."""
    if slack_id and _SLACK_PERSON.fullmatch(slack_id):
        return f"<@{slack_id}>"
    return datum(name or slack_id or "somebody")


# ---------------------------------------------------------------- words for values


def category_words(category: str) -> str:
    """``data_leak`` → ``Data leak``. Plain text."""
    words = " ".join(clean(category).replace("_", " ").split())
    return words[:1].upper() + words[1:]


def severity_words(severity: Severity) -> str:
    """``Critical``. Plain text."""
    return severity.value.capitalize()


def status_words(status: FindingStatus | str) -> str:
    """``in_progress`` → ``in progress``. Plain text."""
    return clean(str(status)).replace("_", " ")


def change_words(change: Change) -> str:
    """What happened, for ``update_type``. Plain text."""
    return {
        Change.NEW: "New finding",
        Change.STATUS: "Status changed",
        Change.SEVERITY_RAISED: "Severity raised",
        Change.REOPENED: "Re-opened",
        Change.ASSIGNED: "Assigned",
        Change.GONE: "Gone from Studio",
        Change.SCORE: "Score changed",
        Change.STALLED: "Stalled",
        Change.APPROVED: "Approved",
        Change.COMPLETED: "Completed",
        Change.REQUESTED: "Approval requested",
    }[change]


# ---------------------------------------------------------------- notes in a case's message


def mentions_unresolved_note(names: Sequence[str], *, no_groups: bool = False) -> str:
    """Handles of the rules that Slack does not know. ``no_groups``: the plan has no user groups."""
    said = _listed(names, "and")
    if no_groups and any("@" not in name[1:] for name in names):
        return f"{said} can't be called: user groups need a paid Slack plan. Please name people in rules.yaml"
    return f"Slack knows nobody called {said}: please mend the mention in rules.yaml"


def channel_unresolved_note(names: Sequence[str]) -> str:
    """Channels of the rules that do not exist, told where the message went instead."""
    return f"Meant for {_listed(names, 'and')}, which can't be found: please mend the channel in rules.yaml"


def named_elsewhere_note(names: Sequence[str]) -> str:
    """Handles that are pinged in another channel of the same event, as text."""
    return f"For {_listed(names, 'and')}, pinged in another channel"


def shadow_note(channels: Sequence[str], names: Sequence[str]) -> str:
    """Where a message would have gone, and whom it would have pinged, were this no trial."""
    pings = f" and ping {_listed(names, 'and')}" if names else " and ping nobody"
    return f"Shadow mode: this would go to {_listed(channels, 'and')}{pings}"


# ---------------------------------------------------------------- what a channel may not be shown


def withheld(reference: str) -> str:
    """A case in a channel whose readers may not see what it is about."""
    return f"{datum(reference)}: what this is about may not be shown in this channel. Please look in Studio."


def withheld_line(reference: str) -> str:
    """Something happened to a case whose thread stands in such a channel."""
    return f"{datum(reference)} has moved on. Please look in Studio."


def notice_withheld() -> str:
    """A notice in an operations channel that people from outside read."""
    return (
        "Something needs an operator's look, but this channel has readers from outside: please see "
        "`compliance-bot status`, and name an inner operations_channel in rules.yaml."
    )


def answer_withheld() -> str:
    """Figures asked for by a mention in a channel that people from outside read."""
    return "This channel has readers from outside, so I can't answer here: please ask me in a direct message."


# ---------------------------------------------------------------- answers to a press


def acknowledged_on_data_of(reference: str, at: float) -> str:
    """To whoever won on an older look at Studio, at once."""
    return (
        f"You acknowledged {datum(reference)} {on_data_of(at)}: Studio did not answer at once. "
        "It is told as soon as it does."
    )


def already_acknowledged(slack_id: str | None, name: str | None, at: float | None, reference: str) -> str:
    """To whoever pressed second: who was first, and when."""
    who = "Someone in Studio" if slack_id is None and name is None else person(slack_id, name)
    when = "" if at is None else f", {when_said(at)}"
    return (
        f"{who} was first: {datum(reference)} is acknowledged already{when}. Nothing is left for you to do."
    )


def already_closed(reason: str | None, at: float | None, reference: str) -> str:
    """To whoever pressed on something that is over."""
    how = datum(status_words(reason or "closed"))
    when = "" if at is None else f" since {when_said(at)}"
    return f"{datum(reference)} is closed in Studio ({how}){when}, so there is nothing to acknowledge."


def not_recorded() -> str:
    """The database could not commit in time; nothing was written."""
    return "I couldn't record that, please press again."


def not_recorded_command() -> str:
    """The same for what was typed."""
    return "I couldn't record that, so nothing was changed: please say it again."


def unknown_button(reference: str) -> str:
    """The button belongs to a message this bot does not know any more."""
    return (
        "This button belongs to a message I don't know any more. Please open the finding in Studio, or use "
        f"its newest message here {_reference(reference)}."
    )


def on_data_of(at: float) -> str:
    """Added to an answer that rests on an older look at Studio."""
    return f"on data of {when_said(at)}"


# ---------------------------------------------------------------- lines in a case's thread


def thread_acknowledged(name: str, at: float) -> str:
    """Who took it, for everyone who follows the thread. A name, not a mention: nobody is pinged."""
    return f"{datum(name)} acknowledged this, {when_said(at)}."


def thread_taken_up(status: FindingStatus, at: float) -> str:
    """Somebody moved it in Studio."""
    return f"Taken up by someone in Studio ({datum(status_words(status))}), seen {when_said(at)}."


def thread_closed(status: FindingStatus | str, at: float) -> str:
    """It was closed in Studio, and how."""
    return f"Closed in Studio: {datum(status_words(status))}, seen {when_said(at)}."


def thread_gone(at: float) -> str:
    """It cannot be found in Studio any more."""
    return f"Gone from Studio, seen {when_said(at)}: the finding was deleted there, so this is closed."


def thread_unsteady(at: float) -> str:
    """It goes to and fro, so that nobody is told of each turn any more."""
    return (
        f"This keeps changing in Studio, seen {when_said(at)}: from here on only the message above follows."
    )


def thread_reopened(at: float) -> str:
    """It is open in Studio again."""
    return f"Open again in Studio, seen {when_said(at)}: it needs somebody to acknowledge it."


def thread_severity_raised(before: Severity, after: Severity, at: float) -> str:
    """It became more urgent."""
    return f"Severity raised from {before.value} to {after.value}, seen {when_said(at)}."


def thread_assigned(name: str, at: float) -> str:
    """Somebody has it in Studio."""
    return f"Assigned to {datum(name)} in Studio, seen {when_said(at)}."


# ---------------------------------------------------------------- notices to the operations channel


def notice_dead_letter(what: str, target: str, reason: str, reference: str) -> str:
    """Something promised could not be sent and will not be tried again by itself."""
    return (
        f"Not delivered: {datum(what)} to {datum(target)}, because {datum(reason)}. Mend the cause, then "
        f"`compliance-bot deadletters retry` {_reference(reference)}."
    )


def notice_outcome_unknown(what: str, target: str, reason: str, reference: str) -> str:
    """Something may or may not stand in Slack, and Slack will not say."""
    return (
        f"I can't tell whether {datum(what)} reached {datum(target)}: {datum(reason)}. It was not sent "
        f"again; please look there, and let me read that channel's history {_reference(reference)}."
    )


def notice_studio_degraded(reason: str, since: float) -> str:
    """Studio refuses or is away; the bot keeps running."""
    return (
        f"Studio can't be read since {when_said(since)}: {datum(reason)}. Findings will be told late; "
        "acknowledgements are kept and sent once it answers. `compliance-bot check` names the mend."
    )


def notice_studio_account_refused(reason: str) -> str:
    """One of the bot's accounts in Studio is refused while the others work."""
    return f"{datum(reason)} Findings are told as usual; what needs that account waits until then."


def notice_quota_spent(reason: str) -> str:
    """Studio is not read for long because the calls of the hour are spent."""
    return f"{datum(reason)} Findings will be told late; decisions still reach Studio."


def notice_studio_recovered(since: float, at: float) -> str:
    """Studio answers again."""
    return f"Studio answers again, {when_said(at)}; it was away since {when_said(since)}. Nothing was lost."


def notice_vanished(source: str, missing: int, known: int) -> str:
    """So many findings vanished at once that nobody is closed for it."""
    return (
        f"{missing} of {known} open findings of {datum(source)} are missing in Studio's list. None was "
        "closed; please see whether that integration was disconnected. I look again with the next complete "
        "reading."
    )


def trouble_vanished(integrations: Sequence[str]) -> str:
    """Why ``/readyz`` is red while integrations are in doubt. Plain text."""
    return f"Most findings of {clean(', '.join(integrations))} are missing in Studio's list; none was closed."


def notice_walk_incomplete(reason: str) -> str:
    """A complete reading of Studio could not be had, so nothing is concluded from it."""
    return (
        f"Studio's findings could not be read completely: {datum(reason)}. Nothing was closed for it; new "
        "findings are told as usual, and I read again with the next walk."
    )


def notice_reimported(source: str, closed: int, baseline: int) -> str:
    """An integration was imported anew under new ids."""
    return (
        f"{datum(source)} was imported into Studio anew: {closed} old cases are closed, {baseline} findings "
        "under new ids are recorded without alerts."
    )


def notice_token_lost(reason: str) -> str:
    """Slack refuses the bot's token while running."""
    return (
        f"Slack refuses the bot's token ({datum(reason)}). Nothing is sent until it is replaced; Studio is "
        "still read and recorded. Please install the app again and renew SLACK_BOT_TOKEN."
    )


# ---------------------------------------------------------------- answers to commands


def unknown_framework(asked: str, near: str | None, valid: Sequence[str], also: Sequence[str] = ()) -> str:
    """The framework is not one of Studio's; the near miss and the list. ``also``: the sub-commands."""
    guess = f" Did you mean {datum(near)}?" if near else ""
    others = f" You can also ask for {_listed(also)}." if also else ""
    if not valid:
        said = f"I know no framework called {datum(asked)}: Studio names none yet."
        return f"{said}{guess} Ask without one.{others}"
    return f"I know no framework called {datum(asked)}.{guess} There are: {_listed(valid, 'and')}.{others}"


def not_there_yet(command: str) -> str:
    """The guide names this command; this version does not answer it yet."""
    return f"{datum(command)} isn't there yet: it comes with a later version of this bot."


def internal_error(reference: str) -> str:
    """Our fault; the reference is in the log."""
    return (
        f"Something went wrong on my side, and it is in the log {_reference(reference)}. Please try again; "
        "if it happens twice, give that reference to whoever runs this bot."
    )


# ---------------------------------------------------------------- written into Studio (plain text)


def studio_comment(name: str, email: str | None, reference: str) -> str:
    """The comment that names who acknowledged; ``reference`` (``CB-…-n``) is looked for later."""
    who = " ".join(clean(name).split())[:_LONGEST_DATUM] or "somebody"
    address = f" ({clean(email)[:_LONGEST_DATUM]})" if email else ""
    return f"Acknowledged from Slack by {who}{address} — ref {clean(reference)}"
