"""The lines of a case's thread: stored as what is to be said, put into words when they leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from compliance_bot.messages import case_words, direct_words, wording
from compliance_bot.model.findings import FindingStatus, Severity

Words = Mapping[str, Any]


def _acknowledged(words: Words) -> str:
    line = wording.thread_acknowledged(words["name"], words["at"])
    old = words.get("data_of")
    line = line if old is None else f"{line} ({wording.on_data_of(old)})"
    return f"{line} {case_words.recorded_here_only()}." if words.get("shadow") else line


def _closed(words: Words) -> str:
    if words["reason"] == "gone":
        return wording.thread_gone(words["at"])
    return wording.thread_closed(words["reason"], words["at"])


def _refused(words: Words) -> str:
    line = wording.thread_studio_refused(words["name"], words["reason"])
    return f"{wording.person(words['who'], words['name'])}: {line}"


def _severity_raised(words: Words) -> str:
    return wording.thread_severity_raised(Severity(words["before"]), Severity(words["after"]), words["at"])


LINES: Mapping[str, Callable[[Words], str]] = {
    "acknowledged": _acknowledged,
    "refused_by_studio": _refused,
    "taken_up_in_studio": lambda words: wording.thread_taken_up(FindingStatus(words["status"]), words["at"]),
    "closed_in_studio": _closed,
    "opened_again": lambda words: wording.thread_reopened(words["at"]),
    "severity_raised": _severity_raised,
    "unsteady": lambda words: wording.thread_unsteady(words["at"]),
    "assigned": lambda words: wording.thread_assigned(words["name"], words["at"]),
    "not_told": lambda words: direct_words.not_told(words["name"], words["reason"]),
}
"""Every line, by the name under which a decision plans it."""


def words_of(line: str, words: Words) -> str:
    """The line as it is to be posted (mrkdwn)."""
    return LINES[line](words)
