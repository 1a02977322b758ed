"""What a channel that only a webhook reaches would get: the very words that leave."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from compliance_bot.insight.explanation import explain
from compliance_bot.insight.why import why
from compliance_bot.messages.explanation import message_lines
from compliance_bot.messages.why_card import WhyView
from compliance_bot.model.slack import Directory
from tests.cases.stage import START, a_critical, a_directory, a_stage, rules_saying

ALERTS = "compliance-alerts"
RULES = rules_saying(f"sensitivity:\n  channels:\n    '#{ALERTS}': confidential\n")


def hooked() -> Directory:
    return replace(a_directory(without=(ALERTS,)), webhooks=frozenset({"COMPLIANCE_ALERTS"}))


def test_links_stand_for_buttons_and_the_mark_is_shown() -> None:
    told = explain(RULES, hooked(), a_critical(), START)
    place = told.places[0]
    assert (place.channel, place.channel_id) == (f"#{ALERTS}", f"hook:{ALERTS}")
    said = "\n".join(message_lines(place))
    assert "Sent by webhook" in said
    assert "[Acknowledge]" not in said
    assert any("[Acknowledge]" in line for line in message_lines(told.places[1]))


async def test_they_are_the_words_that_then_leave(tmp_path: Path) -> None:
    begun = await a_stage(tmp_path, rulebook=RULES, directory=hooked())
    await begun.begin()
    place = explain(RULES, hooked(), a_critical(), begun.now, studio_url="https://studio.example").places[0]
    await begun.observe(a_critical())
    await begun.deliver(slack=True)
    (sent,) = [request["arguments"] for _, _, request in begun.sent if request["method"] == "webhook"]
    case = await begun.case()
    assert case is not None
    assert json.dumps(sent["blocks"]).replace(case.ref, "CB-0001") == json.dumps(list(place.blocks))
    assert sent["text"] == place.text
    await begun.database.close()


async def test_why_says_when_it_was_sent_and_does_not_name_a_channel_that_slack_hides(tmp_path: Path) -> None:
    begun = await a_stage(tmp_path, rulebook=RULES, directory=hooked())
    await begun.begin()
    await begun.observe(a_critical())
    await begun.deliver(slack=True)
    view = await begun.database.read(lambda tx: why(tx, begun.moment(), "f-1", asked_in=None))
    assert isinstance(view, WhyView)
    place = view.places[0]
    assert (place.channel, place.state, place.at) == (None, "shown", begun.now)
    await begun.database.close()
