"""The cards that answer one person: whatever Studio writes, nothing in them is alive but ours."""

from __future__ import annotations

from hostile_text import PERMALINK, a_text, assert_harmless, some_texts
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_bot.messages.held import HeldLine, HeldView, show_held
from compliance_bot.messages.status_card import StatusView, show_status
from compliance_bot.messages.why_card import PlaceTold, WhyView, show_why

modest = settings(max_examples=30, deadline=None)
STATES = ("shown", "listed", "held", "sending", "in_doubt", "waits", "dead")


@modest
@given(data=st.data())
def test_no_name_of_studio_breaks_the_status_card(data: st.DataObject) -> None:
    names = some_texts(data, 1, 12)
    rows = data.draw(st.lists(st.tuples(st.none() | st.integers(-5, 200), st.integers(0, 9)), max_size=60))
    message = show_status(
        StatusView(
            overall=None,
            frameworks=tuple((names[at % len(names)], *row) for at, row in enumerate(rows)),
            criticals=2,
            open_tasks=None,
            as_of=1_700_000_000.0,
            missing=tuple(names),
            filter=names[0],
        )
    )
    assert_harmless(message)


@modest
@given(data=st.data())
def test_no_title_breaks_the_list_of_what_waits(data: st.DataObject) -> None:
    texts = some_texts(data, 2, 6)
    lines = tuple(HeldLine(ref="CB-0001", title=one, channel=texts[0], until=0.0) for one in texts)
    view = HeldView(places=((texts[0], 7), (None, 3)), lines=lines)
    assert_harmless(show_held(view))


@modest
@given(data=st.data())
def test_no_text_breaks_the_answer_why(data: st.DataObject) -> None:
    texts = some_texts(data, 2, 6)
    place = PlaceTold(
        channel=texts[0],
        state=data.draw(st.sampled_from(STATES)),
        at=data.draw(st.sampled_from([None, 0.0])),
        permalink=data.draw(st.sampled_from([None, PERMALINK, "https://evil.example|<!here>"])),
        digest="D-1",
        reason=texts[1],
        pinged=tuple(texts),
    )
    view = WhyView(
        ref="CB-0001",
        title=a_text(data),
        stands=texts[0],
        untold=data.draw(st.sampled_from([None, texts[1]])),
        at=data.draw(st.sampled_from([None, 0.0])),
        change=texts[0],
        trace=((texts[0], texts[1]), ("rule.matched", texts[1])),
        places=(place,) * data.draw(st.integers(0, 12)),
    )
    assert_harmless(show_why(view))
