from __future__ import annotations

from typing import Any

from compliance_bot.messages import limits
from compliance_bot.messages.limits import fit
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import size


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def fitted(*blocks: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return fit(Message(text="Hi", blocks=blocks)).blocks


def test_what_fits_is_the_same_object() -> None:
    block = section("short")
    assert fitted(block)[0] is block


def test_each_text_is_cut_to_its_own_limit() -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": "h" * 500}}
    button = {"type": "button", "text": {"type": "plain_text", "text": "b" * 100}, "value": "v"}
    shown = fitted(header, {"type": "actions", "elements": [button]}, section("s" * 4_000))
    assert len(shown[0]["text"]["text"]) == 150
    assert len(shown[1]["elements"][0]["text"]["text"]) == 75
    assert len(shown[2]["text"]["text"]) == 3_000
    assert len(header["text"]["text"]) == 500  # type: ignore[index]  # the dict is ours


def test_lists_are_cut_to_their_own_limit() -> None:
    field = {"type": "mrkdwn", "text": "f"}
    shown = fitted({"type": "section", "fields": [field] * 12}, {"type": "context", "elements": [field] * 12})
    assert [len(shown[0]["fields"]), len(shown[1]["elements"])] == [10, 10]


def test_an_address_or_value_is_never_cut_but_its_element_goes() -> None:
    long = {
        "type": "button",
        "text": {"type": "plain_text", "text": "b"},
        "url": "https://x.example/" + "u" * 3_000,
    }
    good = {"type": "button", "text": {"type": "plain_text", "text": "b"}, "value": "v" * 2_000}
    assert fitted({"type": "actions", "elements": [long, good]})[0]["elements"] == [good]
    assert fitted({"type": "actions", "elements": [long]}) == ()


def test_the_longest_texts_give_way_to_the_budget_of_the_message() -> None:
    shown = fit(Message(text="t" * 5_000, blocks=(section("kept whole"), *[section("s" * 3_000)] * 10)))
    assert len(shown.text) == limits.TEXT
    assert shown.blocks[0]["text"]["text"] == "kept whole"
    assert size(shown.text) + limits.count(shown.blocks) <= limits.BUDGET
    assert len(shown.blocks[5]["text"]["text"]) > 500


def test_fifty_blocks_are_the_most() -> None:
    assert len(fitted(*[{"type": "divider"}] * 60)) == 50
