"""The modals: whatever Studio, Slack or a person wrote, Slack takes them and nothing in them is alive."""

from __future__ import annotations

import json
from typing import Any

from hostile_text import PAGE, a_text, assert_inert, dictionaries, some_texts
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_bot.messages import case_form_words as words
from compliance_bot.messages import case_forms, modal
from compliance_bot.messages.case_forms import Closing, Ends, Head
from compliance_bot.messages.details import CommentTold, DecisionTold, DetailsView, show_details
from compliance_bot.messages.details_words import FACTS
from compliance_bot.messages.modal import Modal
from compliance_bot.messages.values import Moment
from compliance_bot.sandbox.slack.blocks.check import VIEW_BYTES, view_faults

modest = settings(max_examples=40, deadline=None)


def assert_taken(shown: Modal, **metadata: Any) -> dict[str, Any]:
    """The view, taken by Slack's own rules, inert, within what Slack keeps."""
    view = modal.filled("a_form", shown, {"ref": "CB-0001", **metadata})
    assert_view(view)
    return view


def assert_view(view: dict[str, Any]) -> None:
    assert view_faults(view) == []
    assert len(json.dumps(view, ensure_ascii=False).encode()) < VIEW_BYTES
    for part in dictionaries(view):
        assert part.get("url", PAGE) == PAGE
        if part.get("type") == "mrkdwn":
            assert part["verbatim"] is True
            assert_inert(part["text"])


def a_head(data: st.DataObject) -> Head:
    return Head(
        ref="CB-7F3K",
        title=data.draw(st.sampled_from([None, a_text(data)])),
        severity=a_text(data),
        state=a_text(data),
        version=3,
        shadow=data.draw(st.booleans()),
    )


@modest
@given(data=st.data())
def test_no_text_breaks_the_form_that_closes(data: st.DataObject) -> None:
    texts = some_texts(data, 1, 4)
    outcomes = data.draw(st.lists(st.sampled_from(list(words.OUTCOMES)), min_size=1, unique=True))
    notes = [words.risk_not_for_you(texts), words.proposed_already(texts[0], texts[0], 0.0)]
    notes += [words.closing_not_for_you(texts), words.second_person_needed(texts[0])]
    closing = Closing(outcomes=outcomes, chosen=outcomes[0], expires="2027-01-01", notes=notes)
    assert_taken(case_forms.close_form(a_head(data), closing))


@modest
@given(data=st.data())
def test_no_text_breaks_the_forms_that_choose_an_end(data: st.DataObject) -> None:
    offered = [(f"end_{place}", text or "?") for place, text in enumerate(some_texts(data, 1, 4))]
    ends = Ends(
        offered=offered,
        chosen=data.draw(st.sampled_from([offered[0][0], case_forms.OTHER])),
        preview=words.snooze_preview(a_text(data), 0.0),
        zone=a_text(data) or "UTC",
        day=data.draw(st.sampled_from([None, "2027-01-01"])),
        time=data.draw(st.sampled_from([None, "09:00"])),
    )
    assert_taken(case_forms.snooze_form(a_head(data), ends, since=0.0))
    assert_taken(case_forms.fix_form(a_head(data), ends, since=0.0))


@modest
@given(data=st.data())
def test_no_name_breaks_the_form_that_assigns(data: st.DataObject) -> None:
    people = [(f"user-{place}", name) for place, name in enumerate(some_texts(data, 0, 6))] * 40
    people = [(f"{name}-{place}", words) for place, (name, words) in enumerate(people)]
    note = words.known_in_studio(a_text(data), a_text(data))
    now_with = words.now_with(data.draw(st.sampled_from([None, a_text(data), "<!here>"])), None)
    assert_taken(case_forms.assign_form(a_head(data), now_with, people, note, remembers={}))
    assert_taken(case_forms.comment_form(a_head(data)))


@modest
@given(data=st.data())
def test_no_text_breaks_the_details(data: st.DataObject) -> None:
    texts = some_texts(data, 3, 6)
    times = {"first_seen", "last_seen", "due", "resolved_at", "fix_by", "wake_at", "risk_until"}
    comments = [CommentTold(words=one, author=texts[0], at=None) for one in texts] * 5
    decisions = [DecisionTold(at=0.0, name=one, action=texts[1], reason=texts[2]) for one in texts] * 9
    view = DetailsView(
        head=a_head(data),
        told=data.draw(st.booleans()),
        facts={name: Moment(0.0) if name in times else texts[0] for name in FACTS},
        description=a_text(data),
        action=a_text(data),
        url=data.draw(st.sampled_from([None, PAGE, "https://evil.example|<!here>"])),
        as_of=0.0,
        opened_at=0.0,
        comments=data.draw(st.sampled_from([None, [], comments])),
        decisions=data.draw(st.sampled_from([[], decisions])),
    )
    assert_taken(show_details(view))


@modest
@given(data=st.data())
def test_no_title_and_no_sentence_breaks_a_modal_that_only_speaks(data: st.DataObject) -> None:
    title = a_text(data)
    assert_view(modal.loading("a_form", title))
    assert_view(modal.saying("a_form", title, words.here_only(a_text(data))))
