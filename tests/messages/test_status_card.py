from __future__ import annotations

from dataclasses import replace

from compliance_bot.messages.status_card import StatusView, show_status

VIEW = StatusView(
    overall=82,
    frameworks=(("SOC2", 90, 2), ("GDPR", None, 1)),
    criticals=3,
    open_tasks=7,
    as_of=1_700_000_000.0,
    missing=("control coverage",),
)


def test_the_card_says_every_figure_and_how_old_it_is() -> None:
    message = show_status(VIEW)
    assert message.text == "Compliance status: score 82/100, 3 critical issues, 7 open tasks"
    shown = str(message.blocks)
    for words in (
        "82/100",
        "SOC2",
        "90/100 · 2 projects",
        "GDPR",
        "no score yet · 1 project",
        "<!date^1700000000^",
    ):
        assert words in shown


def test_what_studio_does_not_tell_is_said_and_never_shown_as_nothing() -> None:
    message = show_status(replace(VIEW, overall=None, criticals=None))
    shown = str(message.blocks)
    assert "Studio doesn't tell control coverage" in shown
    assert "None" not in shown
    assert "Critical issues" not in shown
    assert "░" * 10 not in shown


def test_one_of_a_kind_is_said_in_the_singular() -> None:
    message = show_status(replace(VIEW, criticals=1, open_tasks=1))
    assert message.text.endswith("1 critical issue, 1 open task")


def test_a_studio_without_projects_is_said_in_words() -> None:
    message = show_status(StatusView(overall=None, frameworks=(), criticals=None, open_tasks=None, as_of=0.0))
    assert "nothing to score" in str(message.blocks)
    assert message.text == "Compliance status: Studio gave no figures"


def test_more_frameworks_than_the_card_has_room_for_are_counted() -> None:
    many = tuple((f"F{number}", number, 1) for number in range(40))
    assert "and 15 more" in str(show_status(replace(VIEW, frameworks=many)).blocks)


def test_one_framework_stands_in_the_heading() -> None:
    assert show_status(replace(VIEW, filter="SOC2")).blocks[0]["text"]["text"] == "Compliance status: SOC2"
