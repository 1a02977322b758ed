"""What is said when rules.yaml is read anew: what changed, what it would have done, or why not.

``notice_…`` are mrkdwn for the operations channel; ``trouble_…`` is plain text for the health page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from compliance_bot.clock import iso
from compliance_bot.messages.wording import datum

MOST_DIFFERENCES = 12
"""Lines of a notice that name a place each; the rest is counted."""
ROOM = 1800
"""Characters for them all: Slack takes 3,000 in a section, and the rest must be read too."""
MOST_CHANNELS = 8
_SHORT_HASH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesEffect:
    """What the newest ``events`` would have come to under other rules.

    ``elsewhere``: those whose set of channels differs. ``channels``: messages more (or fewer) in each
    channel. ``pings``: mentions in all, before and after. ``silenced``, ``voiced``: told before and not
    after, and the other way round. ``priority``: those in another lane.
    """

    events: int
    elsewhere: int = 0
    channels: Mapping[str, int] = field(default_factory=dict)
    pings: tuple[int, int] = (0, 0)
    silenced: int = 0
    voiced: int = 0
    priority: int = 0


def hash_words(rules_hash: str) -> str:
    """A rulebook's hash, short enough to read aloud."""
    return rules_hash[:_SHORT_HASH]


def effect_words(effect: RulesEffect) -> str:
    """What the new rules would have done with the newest events."""
    if not effect.events:
        return "No event was routed yet, so there is nothing to judge the effect by."
    of = f"Of the last {effect.events} events" if effect.events > 1 else "Of the last event"
    channels = f"{of}, {effect.elsewhere or 'none'} would go elsewhere{_channel_words(effect.channels)}."
    before, after = effect.pings
    pings = f" Mentions in them: {after} instead of {before}." if before != after else ""
    rest = [
        f"{number} {what}"
        for number, what in (
            (effect.silenced, "would not be told any more"),
            (effect.voiced, "would now be told"),
            (effect.priority, "would have another priority"),
        )
        if number
    ]
    return f"{channels}{pings}" + (f" {'; '.join(rest)}." if rest else "")


def _channel_words(channels: Mapping[str, int]) -> str:
    if not channels:
        return ""
    largest = sorted(channels.items(), key=lambda one: (-abs(one[1]), one[0]))
    said = [f"{datum(f'#{name}')} {number:+d}" for name, number in largest[:MOST_CHANNELS]]
    left = len(largest) - len(said)
    return ": " + ", ".join([*said, *([f"{left} channels more"] if left else [])])


def notice_reloaded(
    *,
    before: str,
    after: str,
    differences: Sequence[str],
    effect: RulesEffect | None,
    manifest: bool,
    warnings: int,
) -> str:
    """Other rules are in force from now on.

    Args:
        before: Hash of the rules that were in force.
        after: Hash of those that are.
        differences: One line each, as data.
        effect: What they would have done with the newest events; None where that could not be found out.
        manifest: Whether the Slack app must be updated for its commands.
        warnings: How many doubts the new file leaves.

    """
    lines = [f"New rules are in force ({datum(hash_words(after))}, before {datum(hash_words(before))})."]
    lines += _difference_lines(differences)
    if effect is not None:
        lines.append(effect_words(effect))
    lines.append("They count for what happens from now on; what was told stays where it is.")
    if manifest:
        lines.append(
            "The slash commands changed: give the Slack app its new manifest (compliance-bot manifest)."
        )
    if warnings:
        doubts = "is 1 warning" if warnings == 1 else f"are {warnings} warnings"
        lines.append(f"There {doubts}: compliance-bot validate.")
    return "\n".join(lines)


def _difference_lines(differences: Sequence[str]) -> list[str]:
    """As many as a message has room for, and how many more there are."""
    if not differences:
        return ["• Only comments, or other words for the same"]
    lines = [f"• {datum(one)}" for one in differences[:MOST_DIFFERENCES]]
    while len(lines) > 1 and sum(map(len, lines)) > ROOM:
        lines.pop()
    left = len(differences) - len(lines)
    return [
        *lines,
        *([f"• {left} more, named in the log and in the audit entry rules.reloaded"] if left else []),
    ]


def notice_refused(problem: str, more: int) -> str:
    """The new file can't be used; everything stays as it was."""
    return (
        f"The new rules are refused, and the old ones stay in force: {datum(problem)}{_more(more)}. Mend it "
        "and reload again; a restart would fail until then."
    )


def notice_mended() -> str:
    """The file that was refused says again what is in force."""
    return "The rules can be read again; they are those in force, so nothing changed."


def trouble_refused(problem: str, more: int, since: float) -> str:
    """Why the health page is red while a refused file lies there. Plain text."""
    return (
        f"The rules were asked to be read anew and are refused; those of {iso(since)} stay in force: "
        f"{problem}{_more(more)}. Mend them and reload again; a restart would fail until then."
    )


def _more(more: int) -> str:
    return f" (and {more} more: compliance-bot validate)" if more else ""


def unknown_command(name: str, known: Sequence[str]) -> str:
    """A command that Slack still offers, and the rules call otherwise now."""
    names = ", ".join(f"`{datum(one)}`" for one in known) or "no command of mine"
    return (
        f"{datum(name)} is not what this command is called any more: please type {names}. Whoever runs this "
        "bot gives the Slack app its new manifest (compliance-bot manifest)."
    )
