"""What was filled in to approve, reject or delegate: mistakes are said at their field, at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from compliance_bot.handlers.approval_forms import read_approval, read_delegation, read_rejection
from compliance_bot.handlers.form_spec import Mistakes, Submission, Taken

NOW = datetime(2026, 11, 24, 23, 30, tzinfo=UTC).timestamp()
STARTS = datetime(2026, 12, 1, tzinfo=UTC).timestamp()


def sent(values: dict[str, Any], *, zone: str = "UTC", **remembered: Any) -> Submission:
    return Submission(
        ref="AP-0001",
        person="UANNANNA",
        zone=zone,
        now=NOW,
        values=values,
        remembered={"facts": "seen", **remembered},
    )


def approving(**changes: Any) -> dict[str, Any]:
    given = {"approve_auditor": "ada", "approve_reviewer": "bert", "approve_due": "2026-12-24"}
    return {**given, **changes}


def mistakes(read: Taken | Mistakes) -> list[str]:
    return sorted(read.by_field) if isinstance(read, Mistakes) else []


def test_what_was_chosen_is_bound_to_what_was_seen() -> None:
    taken = read_approval(sent(approving(), starts=STARTS))
    assert isinstance(taken, Taken)
    due = datetime(2026, 12, 24, tzinfo=UTC).timestamp()
    assert taken.form == {"facts": "seen", "auditor": "ada", "reviewer": "bert", "due": due}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"approve_reviewer": "ada"}, ["approve_reviewer"]),
        ({"approve_auditor": None, "approve_reviewer": None}, ["approve_auditor", "approve_reviewer"]),
        ({"approve_due": None}, ["approve_due"]),
        ({"approve_due": "next year"}, ["approve_due"]),
        ({"approve_due": "2026-11-23"}, ["approve_due"]),
        ({"approve_due": "2026-11-30"}, ["approve_due"]),
        ({"approve_reviewer": "ada", "approve_due": "2020-01-01"}, ["approve_due", "approve_reviewer"]),
    ],
)
def test_each_mistake_is_said_where_it_was_made(changes: dict[str, Any], wrong: list[str]) -> None:
    assert mistakes(read_approval(sent(approving(**changes), starts=STARTS))) == wrong


def test_today_is_the_persons_own_today() -> None:
    today = approving(approve_due="2026-11-24")
    assert mistakes(read_approval(sent(today))) == []
    assert mistakes(read_approval(sent(today, zone="Europe/Berlin"))) == ["approve_due"]
    assert mistakes(read_approval(sent(today, zone="Nowhere/Land"))) == []


@pytest.mark.parametrize("reason", [None, "", "  \n", "x" * 3001])
def test_a_rejection_needs_a_reason_that_studio_takes(reason: str | None) -> None:
    assert mistakes(read_rejection(sent({"reject_reason": reason}))) == ["reject_reason"]


def test_a_reason_is_taken_without_its_margins() -> None:
    taken = read_rejection(sent({"reject_reason": "  Scope is unclear \n"}))
    assert isinstance(taken, Taken)
    assert taken.form == {"facts": "seen", "reason": "Scope is unclear"}


def test_it_is_handed_to_somebody() -> None:
    assert mistakes(read_delegation(sent({"delegate_to": None}))) == ["delegate_to"]
    taken = read_delegation(sent({"delegate_to": "UBENBENB"}))
    assert isinstance(taken, Taken)
    assert taken.form["to"] == "UBENBENB"
