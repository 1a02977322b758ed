"""What may be shown where: by the class of what is said and by who reads the channel."""

from __future__ import annotations

import pytest

from compliance_bot.model.delivery import Cleared, Later
from compliance_bot.model.slack import Channel
from compliance_bot.rules.conditions import compile_condition
from compliance_bot.rules.sensitivity import Sensitivity, clear
from compliance_bot.rules.trace import Reason

CONFIDENTIAL = Sensitivity(
    rules=(
        (compile_condition("finding_category == 'data_leak'"), "confidential"),
        (compile_condition("severity == 'low'"), "public"),
    ),
    channels={"board": "confidential", "lobby": "public"},
)


def a_channel(**facts: object) -> Channel:
    return Channel(**{"id": "C1", "name": "compliance", "member": True, **facts})  # type: ignore[arg-type]  # any field at all


@pytest.mark.parametrize(
    ("channel", "ceiling", "because"),
    [
        (a_channel(), "internal", Reason.CEILING_PUBLIC),
        (a_channel(private=True), "confidential", Reason.CEILING_PRIVATE),
        (a_channel(private=True, guests=True), "public", Reason.CEILING_GUESTS),
        (a_channel(private=True, shared_outside=True), "public", Reason.CEILING_SHARED),
        (a_channel(undescribed=True), "public", Reason.CEILING_UNDESCRIBED),
        (None, "public", Reason.CEILING_UNDESCRIBED),
        (a_channel(name="Board", shared_outside=True), "confidential", Reason.CEILING_NAMED),
        (a_channel(name="lobby", private=True), "public", Reason.CEILING_NAMED),
    ],
)
def test_a_channels_ceiling_follows_its_readers(
    channel: Channel | None, ceiling: str, because: Reason
) -> None:
    audience = CONFIDENTIAL.audience("C1", channel)
    assert (audience.ceiling, audience.because) == (CONFIDENTIAL.named(ceiling), because)


def test_a_conversation_with_one_person_has_no_ceiling_of_its_own() -> None:
    assert CONFIDENTIAL.audience("D1", None).ceiling == CONFIDENTIAL.named("confidential")


def test_the_first_rule_that_holds_gives_the_class_and_what_none_names_is_internal() -> None:
    both = {"finding_category": "data_leak", "severity": "low"}
    assert CONFIDENTIAL.class_of(both).name == "confidential"
    assert CONFIDENTIAL.class_of({"severity": "low"}).name == "public"
    assert CONFIDENTIAL.class_of({"severity": "high"}).name == "internal"
    assert CONFIDENTIAL.class_of({}).name == "internal"


@pytest.mark.parametrize(
    ("content", "said"), [("public", "all"), ("internal", "all"), ("confidential", "a reference")]
)
def test_what_is_above_the_ceiling_gives_way_to_a_reference(content: str, said: str) -> None:
    cleared = clear(
        "chat.postMessage",
        CONFIDENTIAL.audience("C1", a_channel()),
        {"text": "all"},
        content=CONFIDENTIAL.named(content),
        instead={"text": "a reference"},
    )
    assert isinstance(cleared, Cleared)
    assert cleared.arguments["text"] == said


def test_nothing_is_sent_before_it_is_known_who_reads() -> None:
    waiting = clear(
        "chat.postMessage",
        CONFIDENTIAL.audience("C1", a_channel(guests=None)),
        {"text": "all"},
        content=CONFIDENTIAL.named("public"),
        instead={"text": "a reference"},
    )
    assert waiting == Later(reason="audience.unread", after=1.0, unread="C1")


def test_cleared_request_goes_to_the_channel_that_was_judged() -> None:
    cleared = clear(
        "chat.postMessage",
        CONFIDENTIAL.audience("C1", a_channel()),
        {"channel": "C2", "text": "x"},
        content=CONFIDENTIAL.internal,
        instead={"channel": "C3", "text": "y"},
        version=7,
    )
    assert isinstance(cleared, Cleared)
    assert (cleared.channel_id, cleared.arguments["channel"], cleared.version) == ("C1", "C1", 7)
