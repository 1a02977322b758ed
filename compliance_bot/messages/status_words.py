"""The sentences of the status card; like ``wording``, mrkdwn in which data is inert."""

from __future__ import annotations

from collections.abc import Sequence

from compliance_bot.messages.mrkdwn import clean
from compliance_bot.messages.wording import datum, when_said

OVERALL_SCORE = "Overall score"
CRITICAL_ISSUES = "Critical issues"
OPEN_TASKS = "Open tasks"


def status_heading(framework: str | None) -> str:
    """The card's heading. Plain text."""
    return f"Compliance status: {clean(framework)[:100]}" if framework else "Compliance status"


def status_text(overall: int | None, criticals: int | None, tasks: int | None, framework: str | None) -> str:
    """The card in one line, for notifications and screen readers."""
    parts = [
        None if overall is None else f"score {overall}/100",
        None if criticals is None else f"{criticals} critical issue{'' if criticals == 1 else 's'}",
        None if tasks is None else f"{tasks} open task{'' if tasks == 1 else 's'}",
    ]
    said = ", ".join(part for part in parts if part) or "Studio gave no figures"
    return f"Compliance status{f' of {datum(framework)}' if framework else ''}: {said}"


def framework_figures(score: int | None, projects: int) -> str:
    """One framework's score and how many projects it stands for. Plain text."""
    said = "no score yet" if score is None else f"{score}/100"
    return f"{said} · {projects} project{'' if projects == 1 else 's'}"


def frameworks_left(left: int) -> str:
    """How many rows the card has no room for. Plain text."""
    return f"and {left} more; name one to see it"


def no_frameworks() -> str:
    """Studio has no project to score."""
    return "Studio has no project with a framework yet, so there is nothing to score."


def status_as_of(at: float) -> str:
    """How old the card's data is."""
    return f"As of {when_said(at)}"


def status_how(clauses: Sequence[str]) -> str:
    """How each figure is computed."""
    return " · ".join(datum(clause) for clause in clauses)


def status_gap(what: str) -> str:
    """Something Studio does not tell this bot."""
    return f"Studio doesn't tell {datum(what)}"
