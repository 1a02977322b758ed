"""The answer to ``why``: hostile text in it calls nobody, and Slack takes it whatever its length."""

from __future__ import annotations

from hostile_text import PERMALINK, a_text, assert_harmless
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_bot.messages import why_card
from compliance_bot.messages.why_card import PlaceTold, WhyView, show_why
from compliance_bot.messages.why_words import WORDS

NOON = 1_764_000_000.0
STATES = ("shown", "listed", "held", "waits", "sending", "in_doubt", "dead")


@given(st.data())
@settings(deadline=None)
def test_no_text_of_studio_s_or_the_rules_gets_out_of_its_place(data: st.DataObject) -> None:
    text = a_text(data)
    view = WhyView(
        ref=text,
        title=text,
        stands=text,
        untold=data.draw(st.sampled_from([None, "closed", text])),
        at=NOON,
        change=text,
        trace=tuple((reason, text) for reason in [*WORDS, text]) * data.draw(st.integers(1, 9)),
        places=tuple(
            PlaceTold(
                channel=text,
                state=state,
                at=NOON,
                permalink=PERMALINK,
                digest=text,
                reason=text,
                pinged=(text, text),
            )
            for state in STATES
        )
        * data.draw(st.integers(0, 9)),
    )
    assert_harmless(show_why(view))


@given(st.data())
@settings(deadline=None)
def test_what_is_asked_for_is_said_back_harmlessly(data: st.DataObject) -> None:
    text = a_text(data)
    for words in (why_card.unknown_finding(text, text), why_card.which_finding(text)):
        assert "<!" not in words
        assert "<@" not in words


def test_a_channel_that_may_not_be_named_is_a_private_channel() -> None:
    view = WhyView(
        ref="CB-1",
        title=None,
        stands="high, open",
        untold=None,
        at=None,
        change="New finding",
        trace=(),
        places=(PlaceTold(channel=None, state="shown", at=NOON),),
    )
    said = str(show_why(view).blocks)
    assert "a private channel: shown <!date^" in said
    assert "None" not in said
