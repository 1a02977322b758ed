from __future__ import annotations

from typing import Any

import pytest

from compliance_bot.messages import case_forms, modal
from compliance_bot.messages.case_forms import Closing, Ends, Head
from compliance_bot.messages.details import CommentTold, DecisionTold, DetailsView, show_details
from compliance_bot.messages.modal import Modal
from compliance_bot.messages.values import Moment

HEAD = Head(ref="CB-7F3K", title="Public bucket", severity="critical", state="open", version=3)
KEY = "AKIA" + "IOSFODNN7EXAMPLE"


def blocks(shown: Modal) -> dict[str, dict[str, Any]]:
    return {one["block_id"]: one for one in shown.blocks if "block_id" in one}


def closing(chosen: str) -> Closing:
    return Closing(outcomes=["resolve", "accept_risk"], chosen=chosen, expires="2027-01-01")


def ends(chosen: str) -> Ends:
    return Ends(offered=[("evening", "This evening")], chosen=chosen, preview="It sleeps.", zone="UTC")


def details(**changes: Any) -> DetailsView:
    given: dict[str, Any] = {
        "head": HEAD,
        "told": True,
        "facts": {"resource": "arn:aws:s3:::exports", "first_seen": Moment(1_700_000_000.0)},
        "description": f"The bucket holds {KEY}.\nIt is public.",
        "action": "Block public access",
        "url": "https://studio.example/findings/f-1",
        "as_of": 1_700_000_600.0,
        "opened_at": 1_700_000_000.0,
        "comments": [CommentTold(words=f"password={KEY}", author="Ann", at=None)],
        "decisions": [DecisionTold(at=1_700_000_300.0, name="Bob", action="snooze", reason="waits")],
    }
    return DetailsView(**{**given, **changes})


@pytest.mark.parametrize(("chosen", "shown"), [("resolve", False), ("accept_risk", True)])
def test_the_day_until_which_a_risk_is_accepted_is_asked_for_only_then(chosen: str, shown: bool) -> None:
    assert (case_forms.EXPIRES in blocks(case_forms.close_form(HEAD, closing(chosen)))) is shown


def test_a_choice_is_told_at_once_and_a_reason_only_when_it_is_sent() -> None:
    form = blocks(case_forms.close_form(HEAD, closing("resolve")))
    assert form[case_forms.OUTCOME]["dispatch_action"] is True
    assert "dispatch_action" not in form[case_forms.REASON]


@pytest.mark.parametrize(("chosen", "shown"), [("evening", False), (case_forms.OTHER, True)])
def test_a_day_and_a_time_of_ones_own_are_asked_for_only_then(chosen: str, shown: bool) -> None:
    snooze = blocks(case_forms.snooze_form(HEAD, ends(chosen), since=0.0))
    assert (case_forms.SNOOZE_DAY in snooze) is (case_forms.SNOOZE_TIME in snooze) is shown
    assert (case_forms.FIX_DAY in blocks(case_forms.fix_form(HEAD, ends(chosen), since=0.0))) is shown
    assert snooze["preview"]["text"]["text"] == "It sleeps."


def test_where_studio_named_nobody_there_is_no_list_and_slack_has_to_be_chosen_from() -> None:
    alone = blocks(case_forms.assign_form(HEAD, "", [], None, remembers={}))
    assert case_forms.STUDIO_USER not in alone
    assert "optional" not in alone[case_forms.SLACK_USER]
    both = blocks(case_forms.assign_form(HEAD, "", [("7", "Ann")], None, remembers={}))
    assert both[case_forms.SLACK_USER]["optional"] is both[case_forms.STUDIO_USER]["optional"] is True


def test_a_form_without_a_title_names_the_reference_alone() -> None:
    hidden = Head(ref="CB-7F3K", title=None, severity="critical", state="open", version=3)
    assert case_forms.comment_form(hidden).blocks[0]["text"]["text"] == "*CB-7F3K*\ncritical, open"


def test_in_shadow_mode_every_form_says_that_studio_is_not_written() -> None:
    shadow = Head(ref="CB-7F3K", title=None, severity="critical", state="open", version=3, shadow=True)
    assert "recorded here only" in str(case_forms.comment_form(shadow).blocks)


def test_the_details_tell_all_but_credentials() -> None:
    shown = str(show_details(details()).blocks)
    for words in ("arn:aws:s3:::exports", "It is public.", "Block public access", "Ann", "waits", "Bob"):
        assert words in shown
    assert KEY not in shown
    assert shown.count("&lt;secret&gt;") == 2


def test_who_may_not_know_what_it_is_about_is_told_where_to_look() -> None:
    shown = show_details(details(told=False, head=Head(**{**HEAD_GIVEN, "title": None})))
    assert "may not be told here" in str(shown.blocks)
    assert "arn" not in str(shown.blocks)
    assert "waits" not in str(shown.blocks)


def test_without_an_answer_of_studio_the_comments_are_said_to_be_unknown() -> None:
    assert "did not answer just now" in str(show_details(details(comments=None)).blocks)


def test_more_comments_and_decisions_than_fit_are_counted() -> None:
    comments = [CommentTold(words=f"c{place}", author="Ann", at=None) for place in range(25)]
    decisions = [
        DecisionTold(at=float(place), name="Bob", action="comment", reason=None) for place in range(50)
    ]
    shown = show_details(details(comments=comments, decisions=decisions))
    assert "and 15 earlier" in str(shown.blocks)
    assert "and 30 earlier" in str(shown.blocks)
    assert len(shown.blocks) <= modal.MOST_BLOCKS


HEAD_GIVEN: dict[str, Any] = {"ref": "CB-7F3K", "severity": "critical", "state": "open", "version": 3}


def test_a_modal_that_remembers_more_than_slack_keeps_is_a_fault_of_ours() -> None:
    shown = Modal(title="A", blocks=())
    with pytest.raises(ValueError, match="too many"):
        modal.filled("a_form", shown, {"ref": "x" * 3_000})
