"""What an event would become under a text of rules, as the page draws it."""

from __future__ import annotations

from typing import Any

from compliance_bot.cli.event_file import read_subjects
from compliance_bot.errors import UserMistake
from compliance_bot.insight.explanation import explain
from compliance_bot.messages.explanation import UNTOLD, WAITS, Explanation
from compliance_bot.messages.why_words import reason_words
from compliance_bot.model.slack import Directory
from compliance_bot.rulebook import Rulebook

EVENT = "The event"


def explained(
    rulebook: Rulebook, directory: Directory, event: str, now: float, *, saved: Rulebook
) -> dict[str, Any]:
    """The explanation as ``explain --json`` gives it, each named reason with its words.

    Args:
        rulebook: What is being tried.
        directory: Slack's names.
        event: JSON of one event, as ``explain`` takes it.
        now: The world's time, Unix seconds.
        saved: The rules as saved; ``before`` names where the event goes by them.

    Raises:
        UserMistake: for a text that is no event.

    """
    shown = _shown(_explain(rulebook, directory, event, now))
    before = _explain(saved, directory, event, now)
    return {**shown, "before": [place.channel for place in before.places]}


def _explain(rulebook: Rulebook, directory: Directory, event: str, now: float) -> Explanation:
    subjects = read_subjects(event, EVENT, categories=rulebook.rules.categories, now=now)
    if len(subjects) > 1:
        raise UserMistake("One event at a time, please.")
    return explain(rulebook, directory, subjects[0], now)


def _shown(told: Explanation) -> dict[str, Any]:
    shown = told.to_dict()
    for why in [*shown["trace"], *(why for place in shown["destinations"] for why in place["because"])]:
        why["words"] = reason_words(why["reason"], why["detail"])
    for place, known in zip(shown["destinations"], told.places, strict=True):
        place["readers"] = reason_words(known.ceiling_because, "")
        place["waits_words"] = known.waits and WAITS.get(known.waits, known.waits)
        place["held_at"] = known.held_until
    shown["untold_words"] = told.untold and UNTOLD.get(told.untold, told.untold)
    return shown
