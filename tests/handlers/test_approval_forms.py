"""The forms to approve, reject or delegate: whom they open for, with what, and what is said of mistakes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.approvals import votes
from compliance_bot.errors import SlackError
from compliance_bot.handlers.approval_forms import (
    ApprovalForms,
    read_approval,
    read_delegation,
    read_rejection,
)
from compliance_bot.handlers.form_spec import Mistakes, Opening, Submission, Taken
from compliance_bot.messages.modal import Modal
from compliance_bot.model.slack import Person
from tests.approvals.stage import ANN, BEN, DANA, MANAGERS, Desk, a_desk, a_project
from tests.cases.stage import DAY, START, rules_saying

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


# ---------------------------------------------------------------- whom they open for, and with what


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with a project that waits; of Studio's auditors Carl has the least to do, then Bert."""
    desk = await a_desk(tmp_path)
    await desk.begin()
    await desk.asked()
    await desk.staffed("carl", "bert", "ada")
    yield desk
    await desk.database.close()


async def opened(
    room: Desk, kind: str, person: str, *, ref: str = "AP-0001", silent: bool = False
) -> Modal | str:
    """What a person sees who opens the form."""

    async def who_may() -> list[Person]:
        if silent:
            raise SlackError("Slack is away.")
        return [room.directory.people_by_id[one] for one in (ANN, BEN, DANA)]

    forms = ApprovalForms(database=room.database, moment=room.moment, who_may=who_may)
    (spec,) = [one for one in forms.specs() if one.kind == kind]
    return await spec.fill(
        Opening(
            ref=ref,
            person=room.directory.people_by_id[person],
            rights={"approve": "studio:manager"},
            channel=None,
            ts=None,
            thread=None,
            now=room.now,
        )
    )


def field(form: Modal | str, name: str) -> dict[str, Any]:
    """The element of one field."""
    assert isinstance(form, Modal), form
    (block,) = [one for one in form.blocks if one.get("block_id") == name]
    element: dict[str, Any] = block["element"]
    return element


def chosen(form: Modal | str) -> list[str]:
    return [field(form, name)["initial_option"]["value"] for name in ("approve_auditor", "approve_reviewer")]


async def test_the_two_with_the_least_to_do_are_proposed_each_with_their_load(room: Desk) -> None:
    form = await opened(room, "approve", ANN)
    assert chosen(form) == ["a-carl", "a-bert"]
    offered = [one["text"]["text"] for one in field(form, "approve_reviewer")["options"]]
    assert offered == ["Carl (no project)", "Bert (1 project)", "Ada (2 projects)"]
    assert isinstance(form, Modal)
    assert form.remembers["facts"] == (await room.approval()).facts.hash


async def test_the_second_of_two_finds_what_the_first_chose(room: Desk) -> None:
    room.rulebook = rules_saying(f"{MANAGERS}\napprovals: {{needed: 2}}")
    await room.asked(a_project("p-2"))
    await room.staffed("carl", "bert", "ada")
    seen = (await room.approval("AP-0002")).facts.hash
    form = {"auditor": "a-ada", "reviewer": "a-bert", "due": START + 30 * DAY, "facts": seen}
    await room.says(votes.approve, ANN, form, "AP-0002")
    assert chosen(await opened(room, "approve", BEN, ref="AP-0002")) == ["a-ada", "a-bert"]


async def test_with_fewer_than_two_auditors_nothing_is_to_be_filled_in(room: Desk) -> None:
    await room.staffed("carl")
    said = await opened(room, "approve", ANN)
    assert "Studio lists only one person" in str(said)


@pytest.mark.parametrize("kind", ["approve", "reject", "delegate"])
async def test_who_asked_for_it_is_refused_at_the_form_and_that_is_on_record(room: Desk, kind: str) -> None:
    said = await opened(room, kind, DANA)
    assert isinstance(said, str)
    assert said.startswith("You asked for AP-0001 yourself")
    assert (await room.audited())[-1] == f"refusal.{kind}"


@pytest.mark.parametrize("kind", ["approve", "reject", "delegate"])
async def test_what_is_decided_already_opens_no_form_and_says_by_whom(room: Desk, kind: str) -> None:
    await room.rejects(BEN)
    said = await opened(room, kind, ANN)
    assert isinstance(said, str)
    assert "Ben" in said


async def test_it_can_be_handed_to_who_may_but_not_to_oneself_or_who_asked(room: Desk) -> None:
    form = await opened(room, "delegate", ANN)
    assert [one["value"] for one in field(form, "delegate_to")["options"]] == [BEN]
    assert "Slack can't tell right now" in str(await opened(room, "delegate", ANN, silent=True))
