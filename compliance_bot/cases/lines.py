"""The lines of a case's thread: stored as what is to be said, put into words when they leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from compliance_bot.messages import case_words, clock_words, decision_words, direct_words, wording
from compliance_bot.model.cases import CaseState
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
    line = decision_words.refused_by_studio(
        words["name"],
        words.get("action", "acknowledge"),
        words["reason"],
        words.get("state", CaseState.OPEN),
    )
    return f"{wording.person(words['who'], words['name'])}: {line}"


def _severity_raised(words: Words) -> str:
    return wording.thread_severity_raised(Severity(words["before"]), Severity(words["after"]), words["at"])


def _escalated(words: Words) -> str:
    if "open" in words:
        return clock_words.escalated_digest(words["digest"], words["open"], words["total"])
    return clock_words.escalated(
        words["number"], words["of"], missed=words["missed"], due=words["due"], at=words["at"]
    )


LINES: Mapping[str, Callable[[Words], str]] = {
    "acknowledged": _acknowledged,
    "refused_by_studio": _refused,
    "taken_up_in_studio": lambda words: wording.thread_taken_up(FindingStatus(words["status"]), words["at"]),
    "closed_in_studio": _closed,
    "opened_again": lambda words: wording.thread_reopened(words["at"]),
    "severity_raised": _severity_raised,
    "escalated": _escalated,
    "snooze_ended": lambda words: clock_words.snooze_ended(words["name"], words["at"]),
    "fix_by_near": lambda words: clock_words.fix_by_near(words["name"], words["until"]),
    "fix_by_passed": lambda words: clock_words.fix_by_passed(words["until"]),
    "studio_stays_closed": lambda words: clock_words.studio_stays_closed(words["reason"]),
    "risk_ended": lambda words: clock_words.risk_ended(words["name"], words["until"]),
    "unsteady": lambda words: wording.thread_unsteady(words["at"]),
    "closed_here": lambda w: decision_words.closed_here(
        FindingStatus(w["status"]),
        w["name"],
        w.get("second"),
        w.get("until"),
        w["reason"],
        shadow=w["shadow"],
    ),
    "proposed": lambda w: decision_words.proposed(w["name"], w["action"], w.get("until"), w["reason"]),
    "proposal_ended": lambda w: decision_words.proposal_ended(w["name"], w["first"], w["how"]),
    "undone": lambda w: decision_words.undone(w["name"], w["action"], w.get("stays")),
    "snoozed": lambda w: decision_words.snoozed(w["name"], w["until"], w["reason"]),
    "woken": lambda w: decision_words.woken(w["name"]),
    "assigned_here": lambda w: decision_words.assigned_here(w["by"], w["name"], here_only=w["here_only"]),
    "commented": lambda w: decision_words.commented(w["name"], w["words"], shadow=w["shadow"]),
    "sent_to_studio": lambda w: decision_words.sent_to_studio(w["name"], w["author"], shadow=w["shadow"]),
    "fix_by_set": lambda w: decision_words.fix_by_set(w["name"], w["until"]),
    "assigned": lambda words: wording.thread_assigned(words["name"], words["at"]),
    "not_told": lambda words: direct_words.not_told(words["name"], words["reason"]),
}
"""Every line, by the name under which a decision plans it."""


def words_of(line: str, words: Words) -> str:
    """The line as it is to be posted (mrkdwn)."""
    text = LINES[line](words)
    return clock_words.called(words["pings"], text, words["notes"]) if "pings" in words else text
