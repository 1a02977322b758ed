"""The message and the modals of an approval: whatever Studio writes, nothing in them is alive but ours."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hostile_text import assert_harmless, some_texts
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_bot.messages import approval_forms, modal
from compliance_bot.messages.approval import (
    ApprovalView,
    show_approval,
    show_approval_plainly,
    show_approval_withheld,
)
from compliance_bot.messages.approval_forms import Staff
from compliance_bot.messages.templates import load_templates
from compliance_bot.model.approvals import (
    Approval,
    ApprovalKind,
    ApprovalState,
    Decider,
    Facts,
    Verdict,
    Vote,
    VoteOutcome,
)

SHIPPED, _ = load_templates(Path(__file__).parents[2] / "templates")
OURS = ("<@UANNANNA>",)
AT = 1_764_028_800.0
modest = settings(max_examples=30, deadline=None)


def an_approval(**changes: Any) -> Approval:
    given: dict[str, Any] = {
        "id": 1,
        "ref": "AP-0001",
        "object_id": 1,
        "kind": ApprovalKind.PROJECT,
        "episode": 1,
        "state": ApprovalState.WAITING,
        "version": 1,
        "facts": Facts(name="Audit", framework="SOC 2", starts=AT, due=AT + 3600.0),
        "needed": 2,
        "asked_at": AT,
        "deciders": (Decider(id="UANNANNA", name="Ann"),),
        "requested_at": AT,
    }
    return Approval(**{**given, **changes})


def a_vote(**changes: Any) -> Vote:
    given: dict[str, Any] = {
        "id": 7,
        "approval_id": 1,
        "verdict": Verdict.APPROVE,
        "person": "UANNANNA",
        "person_name": "Ann",
        "person_email": None,
        "right": "members",
        "facts_hash": "x",
        "outcome": VoteOutcome.COUNTED,
        "at": AT,
        "details": {
            "auditor": "a",
            "auditor_name": "Ada",
            "reviewer": "b",
            "reviewer_name": "Bert",
            "due": AT,
        },
    }
    return Vote(**{**given, **changes})


def a_view(approval: Approval, *votes: Vote, **changes: Any) -> ApprovalView:
    given: dict[str, Any] = {
        "approval": approval,
        "votes": votes,
        "template": "approval_request",
        "emoji": ":raised_hand:",
        "mentions": (),
        "note": None,
        "url": "https://studio.example/projects/1",
        "now": AT + 7200.0,
    }
    return ApprovalView(**{**given, **changes})


def said(view: ApprovalView) -> str:
    return json.dumps(show_approval(SHIPPED, view).body(), ensure_ascii=False)


def test_a_day_of_studios_is_the_same_day_everywhere_and_a_time_is_each_readers_own() -> None:
    words = said(a_view(an_approval()))
    assert "*Starts*\\n2025-11-25" in words
    assert "*Due*\\n<!date^1764032400^" in words
    assert "2 hours" in words


def test_buttons_stand_while_something_can_be_decided_and_never_after() -> None:
    assert "open_approve_form" in said(a_view(an_approval()))
    for state in ApprovalState:
        if state is not ApprovalState.WAITING:
            over = an_approval(state=state, outcome="rejected", vote_id=7, ended_at=AT)
            assert "approval_buttons" not in said(a_view(over, a_vote()))


def test_nobody_to_decide_is_said_with_its_mend() -> None:
    assert "people.roles" in said(a_view(an_approval(deciders=())))


def test_without_its_template_the_facts_and_buttons_stand_all_the_same() -> None:
    words = said(a_view(an_approval(), template="nothing_of_that_name"))
    assert "open_approve_form" in words
    assert "Starts: 2025-11-25" in words


@pytest.mark.parametrize("kind", list(ApprovalKind))
def test_each_kind_has_the_buttons_that_studio_can_write(kind: ApprovalKind) -> None:
    words = said(a_view(an_approval(kind=kind)))
    has = {
        ApprovalKind.PROJECT: "open_delegate_form",
        ApprovalKind.REVIEW: "return_report",
        ApprovalKind.REQUEST: "complete_request",
    }
    assert [one for one in ApprovalKind if has[one] in words] == [kind]


@modest
@given(data=st.data())
def test_no_text_of_studio_or_of_a_person_breaks_the_message(data: st.DataObject) -> None:
    one, two, three = some_texts(data, 3, 3)
    facts = Facts(
        name=one, framework=two, requester_name=three, requester_email=one, scope=two, starts=AT, ends=AT + 1
    )
    details = {"auditor": "a", "auditor_name": one, "reviewer": "b", "reviewer_name": two, "due": AT}
    votes = (
        a_vote(person_name=one, reason=two, details=details),
        a_vote(id=8, verdict=Verdict.DELEGATE, person_name=two, details={"to": "U", "name": three}),
    )
    for state in ApprovalState:
        approval = an_approval(
            facts=facts,
            state=state,
            deciders=(Decider(id="UANNANNA", name=three),),
            outcome=one,
            outcome_by=two,
            vote_id=7 if state is not ApprovalState.WAITING else None,
            sync_note=three if state is ApprovalState.WAITING else None,
        )
        view = a_view(approval, *votes, url=one)
        for show in (show_approval_plainly, show_approval_withheld):
            assert_harmless(show(view), OURS)
        assert_harmless(show_approval(SHIPPED, view), OURS)
        assert_harmless(show_approval(SHIPPED, replace(view, template="none")), OURS)


@modest
@given(data=st.data())
def test_no_text_breaks_the_modals(data: st.DataObject) -> None:
    one, two = some_texts(data, 2, 2)
    approval = an_approval(facts=Facts(name=one, framework=two, requester_name=one, scope=two, starts=AT))
    staff = [Staff(id=f"a-{load}", name=one, load=load) for load in range(150)]
    for shown in (
        approval_forms.approve_modal(approval, [a_vote(person_name=two)], staff, ("a-0", "a-1"), None),
        approval_forms.reject_modal(approval),
        approval_forms.delegate_modal(approval, [("UANNANNA", two)]),
        approval_forms.delegate_modal(approval, None),
    ):
        view = modal.filled("approve_form", shown, {"ref": "AP-0001", "form": shown.remembers})
        assert len(view["private_metadata"]) < 3_000
        assert "<!here>" not in json.dumps([one for one in view["blocks"] if one["type"] != "input"])
