"""The list of held messages: one person's, within limits, with data inert."""

from __future__ import annotations

from compliance_bot.messages.held import HeldLine, HeldView, show_held
from compliance_bot.messages.held_words import held_note
from compliance_bot.messages.status_card import StatusView, show_status

NOON = 1_764_000_000.0


def a_line(**changes):
    given = {"ref": "CB-1", "title": "Public bucket", "channel": "#compliance", "until": NOON}
    return HeldLine(**{**given, **changes})


def a_view(*lines, places=(("#compliance", 1),)):
    return HeldView(places=places, lines=lines or (a_line(),))


def test_a_line_names_its_reference_what_it_is_about_and_where_it_will_stand():
    said = str(show_held(a_view()).blocks)
    assert "CB-1: Public bucket · for #compliance, <!date^" in said


def test_a_title_is_inert():
    said = str(show_held(a_view(a_line(title="<!channel> *<@U1>* & https://evil.example"))).blocks)
    assert "<!channel>" not in said
    assert "<@U1>" not in said
    assert "https://evil.example" not in said


def test_many_channels_are_counted_together():
    places = tuple((f"#c{number}", 2) for number in range(15))
    text = show_held(a_view(places=places)).text
    assert text.startswith("30 messages wait for the end of quiet hours: 2 for #c0")
    assert "10 elsewhere" in text


def test_a_channel_that_may_not_be_named_is_a_private_channel():
    said = str(show_held(a_view(a_line(channel=None, title=None), places=((None, 1),))))
    assert "1 message waits" in said
    assert "CB-1 · for a private channel" in said


def test_the_status_card_says_in_one_line_how_many_wait():
    def card(held):
        return str(
            show_status(
                StatusView(overall=80, frameworks=(), criticals=0, open_tasks=0, as_of=NOON, held=held)
            ).blocks
        )

    assert held_note(12, NOON) in card((12, NOON))
    assert "12 messages wait until <!date^" in held_note(12, NOON)
    assert "quiet hours" not in card(None)
