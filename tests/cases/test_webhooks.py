"""A case in a channel that only a webhook reaches: told, never edited, followed up in words of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from compliance_bot.cases import welcome
from compliance_bot.model.cases import DigestState, PostRole, PostState
from compliance_bot.model.delivery import Effect, EffectKind, Never
from compliance_bot.model.findings import FindingStatus
from compliance_bot.rulebook import Rulebook
from compliance_bot.slack.answers import with_channel
from compliance_bot.store import digests as stored_digests
from tests.cases.projects_stage import a_project, begun_with, list_projects
from tests.cases.stage import Stage, a_critical, a_directory, a_finding, rules_saying

ALERTS, PLACE = "compliance-alerts", "hook:compliance-alerts"
REFUSED = Never(reason="not_in_channel", place=True)


def shown_to(class_name: str = "confidential", more: str = "") -> Rulebook:
    """The shipped rules, with all told in the alerts' channel; its readers may see that class."""
    return rules_saying(
        "routing_rules:\n"
        "  all:\n"
        "    condition: \"type == 'finding'\"\n"
        f"    channels: ['#{ALERTS}']\n"
        "    replace: true\n"
        "sensitivity:\n"
        "  channels:\n"
        f"    '#{ALERTS}': {class_name}\n"
        f"{more}"
    )


@pytest.fixture
def hooked(begun: Stage) -> Stage:
    """Slack does not show the alerts' channel, which has a webhook."""
    begun.rulebook = shown_to()
    begun.directory = replace(a_directory(without=(ALERTS,)), webhooks=frozenset({"COMPLIANCE_ALERTS"}))
    return begun


@pytest.fixture
def refusing(begun: Stage) -> Stage:
    """Slack shows the alerts' channel but takes nothing there from the bot; it has a webhook."""
    begun.rulebook = shown_to()
    begun.directory = replace(a_directory(), webhooks=frozenset({"COMPLIANCE_ALERTS"}))
    return begun


def by_webhook(stage: Stage) -> list[dict[str, Any]]:
    """The arguments of what went by a webhook, in order."""
    return [request["arguments"] for _, _, request in stage.sent if request.get("method") == "webhook"]


async def refuse(stage: Stage) -> list[Effect]:
    """Have Slack refuse what is posted, and take what goes by the webhook."""
    went: list[Effect] = []
    while claimed := await stage.claim(slack=True):
        for effect in claimed:
            posted = (effect.payload or b"").startswith(b'{"method":"chat.postMessage"')
            await stage.finish(effect, REFUSED if posted else None)
        went += claimed
    return went


async def test_a_message_by_webhook_has_links_for_buttons_and_is_marked(hooked: Stage) -> None:
    await hooked.observe(a_critical())
    await hooked.deliver(slack=True)
    (arguments,) = by_webhook(hooked)
    assert arguments["webhook"] == "COMPLIANCE_ALERTS"
    said = str(arguments["blocks"])
    assert "Finding f-1" in said
    assert "actions" not in [block["type"] for block in arguments["blocks"]]
    assert "Acknowledge it in Studio" in said
    assert "Sent by webhook" in said
    (post,) = await hooked.posts()
    assert (post.state, post.channel_id, post.ts, post.by_webhook) == (PostState.SHOWN, PLACE, None, True)


async def test_a_channel_that_nobody_describes_gets_a_reference_unless_the_rules_raise_it(
    hooked: Stage,
) -> None:
    hooked.rulebook = shown_to("public")
    await hooked.observe(a_critical())
    await hooked.deliver(slack=True)
    (arguments,) = by_webhook(hooked)
    assert "Finding f-1" not in str(arguments)
    assert "CB-0001" in str(arguments)


async def test_a_refused_message_goes_by_webhook_and_makes_no_dead_letter(refusing: Stage) -> None:
    await refusing.observe(a_critical())
    await refuse(refusing)
    (post,) = await refusing.posts()
    assert (post.state, post.channel_id, post.ts) == (PostState.SHOWN, "CCOMPLIANCE-ALERTS", None)
    assert len(by_webhook(refusing)) == 1
    assert refusing.said(EffectKind.NOTICE) == []
    assert await refusing.rows("SELECT 1 FROM effect WHERE state = 'dead'") == []


async def test_a_message_by_webhook_is_never_edited(hooked: Stage) -> None:
    await hooked.observe(a_critical())
    (held,) = await hooked.claim(slack=True)
    await hooked.observe(a_critical(title="Other words"))
    await hooked.finish(held)
    await hooked.observe(a_critical(status=FindingStatus.RESOLVED))
    await hooked.deliver(slack=True)
    assert await hooked.rows("SELECT 1 FROM effect WHERE kind = 'edit'") == []


async def test_follow_ups_are_said_beside_it_with_the_case_s_reference(hooked: Stage) -> None:
    await hooked.observe(a_critical())
    await hooked.deliver(slack=True)
    await hooked.observe(a_critical(occurrences=9))
    await hooked.observe(a_critical(status=FindingStatus.RESOLVED))
    await hooked.deliver(slack=True)
    _, line = by_webhook(hooked)
    assert line["text"].startswith("CB-0001: ")
    assert "Sent by webhook" in line["text"]
    assert "thread_ts" not in line


async def test_follow_ups_of_a_refused_message_go_the_same_way(refusing: Stage) -> None:
    await refusing.observe(a_critical())
    await refuse(refusing)
    await refusing.observe(a_critical(status=FindingStatus.RESOLVED))
    await refuse(refusing)
    _, line = by_webhook(refusing)
    assert line["text"].startswith("CB-0001: ")
    assert line["text"].count("CB-0001") == 1


async def test_a_copy_with_a_thread_carries_the_follow_ups_and_the_button(hooked: Stage) -> None:
    hooked.rulebook = rules_saying(f"sensitivity:\n  channels:\n    '#{ALERTS}': confidential\n")
    await hooked.observe(a_critical())
    await hooked.deliver(slack=True)
    (first, *copies) = await hooked.posts()
    assert (first.role, first.channel_id) == (PostRole.PRIMARY, PLACE)
    (arguments,) = by_webhook(hooked)
    assert all(copy.channel_name in str(arguments["blocks"]) for copy in copies)
    await hooked.press()
    await hooked.deliver(slack=True)
    (line,) = hooked.said(EffectKind.THREAD)
    assert line["arguments"]["thread_ts"] == copies[0].ts
    assert len(by_webhook(hooked)) == 1


async def test_a_private_channel_is_not_named_where_nobody_knows_who_reads(hooked: Stage) -> None:
    hooked.rulebook = rules_saying(f"sensitivity:\n  channels:\n    '#{ALERTS}': confidential\n")
    hidden = replace(hooked.directory.channels_by_name["security-alerts"], private=True)
    hooked.directory = with_channel(hooked.directory, hidden)
    await hooked.observe(a_critical())
    await hooked.deliver(slack=True)
    (arguments,) = by_webhook(hooked)
    assert "Acknowledge it in" in str(arguments["blocks"])
    assert hidden.name not in str(arguments["blocks"])


async def test_a_line_in_a_thread_that_is_refused_goes_by_webhook_with_the_reference(refusing: Stage) -> None:
    await refusing.observe(a_critical())
    await refusing.deliver(slack=True)
    await refusing.observe(a_critical(status=FindingStatus.RESOLVED))
    await refuse(refusing)
    lines = [line for line in by_webhook(refusing) if line["text"].startswith("CB-0001: ")]
    assert len(lines) == 1


async def test_a_webhook_that_refuses_too_leaves_the_case_to_the_default_channel(refusing: Stage) -> None:
    await refusing.observe(a_critical())
    (effect,) = await refusing.claim(slack=True)
    await refusing.finish(effect, REFUSED)
    (again,) = await refusing.claim(slack=True)
    await refusing.finish(again, Never(reason="action_prohibited"))
    await refusing.deliver(slack=True)
    dead, heir = sorted(await refusing.posts(), key=lambda post: post.id)
    assert (dead.state, heir.state, heir.channel_id) == (PostState.DEAD, PostState.SHOWN, "CCOMPLIANCE")


async def test_a_channel_that_the_bot_was_invited_to_meanwhile_gets_the_whole_message(hooked: Stage) -> None:
    await hooked.observe(a_critical())
    hooked.directory = replace(a_directory(), webhooks=frozenset({"COMPLIANCE_ALERTS"}))
    await hooked.deliver(slack=True)
    hooked.later(2)
    await hooked.deliver(slack=True)
    (post,) = await hooked.posts()
    assert post.channel_id == "CCOMPLIANCE-ALERTS"
    assert post.ts is not None
    assert by_webhook(hooked) == []


async def test_a_webhook_that_is_gone_from_the_settings_leaves_the_case_to_the_default_channel(
    hooked: Stage,
) -> None:
    await hooked.observe(a_critical())
    hooked.directory = a_directory(without=(ALERTS,))
    await hooked.deliver(slack=True)
    await hooked.deliver(slack=True)
    assert [post.channel_id for post in await hooked.posts() if post.ts] == ["CCOMPLIANCE"]


async def test_a_digest_by_webhook_takes_no_more_members_once_it_is_said(hooked: Stage) -> None:
    hooked.rulebook = shown_to(more="grouping: {threshold: 2, window: 60s}\n")
    await hooked.observe(*(a_finding(f"f-{number}") for number in range(6)))
    await hooked.deliver(slack=True)
    (first,) = by_webhook(hooked)
    assert "6 findings" in str(first)
    assert "Acknowledge all" not in str(first)
    digest = await hooked.database.read(lambda tx: stored_digests.find(tx, 1))
    assert (digest.state, digest.ts, digest.takes_until <= hooked.now) == (DigestState.SHOWN, None, True)
    await hooked.observe(a_finding("late"))
    await hooked.deliver(slack=True)
    assert "late" in str(by_webhook(hooked)[1])


async def test_what_joins_a_digest_while_it_is_under_way_is_said_too(hooked: Stage) -> None:
    hooked.rulebook = shown_to(more="grouping: {threshold: 2, window: 60s}\n")
    await hooked.observe(*(a_finding(f"f-{number}") for number in range(6)))
    (held,) = await hooked.claim(slack=True)
    await hooked.observe(a_finding("late"))
    await hooked.finish(held)
    await hooked.deliver(slack=True)
    assert "late" in str(by_webhook(hooked)[1:])
    assert await hooked.rows("SELECT 1 FROM effect WHERE kind = 'digest_edit'") == []


async def test_a_refusal_of_studio_is_said_beside_a_digest_that_has_no_thread(hooked: Stage) -> None:
    hooked.rulebook = shown_to(more="grouping: {threshold: 2, window: 60s}\n")
    await hooked.observe(*(a_finding(f"f-{number}") for number in range(6)))
    await hooked.deliver(slack=True)
    await hooked.press()
    (write,) = [one for one in await hooked.claim() if one.kind is EffectKind.STUDIO_STATUS]
    await hooked.finish(write, Never(reason="forbidden"))
    await hooked.deliver(slack=True)
    case = await hooked.case()
    assert case is not None
    assert by_webhook(hooked)[-1]["text"].startswith(f"{case.ref}: ")


async def test_an_announcement_goes_by_webhook_too(stage: Stage) -> None:
    reports = "compliance-reports"
    stage.rulebook = rules_saying(f"sensitivity: {{channels: {{'#{reports}': internal}}}}")
    stage.directory = replace(a_directory(without=(reports,)), webhooks=frozenset({"COMPLIANCE_REPORTS"}))
    await begun_with(stage, a_project())
    await list_projects(stage, a_project(status="approved", score=62))
    await stage.deliver()
    (message,) = by_webhook(stage)
    assert message["channel"] == f"hook:{reports}"
    assert "Audit p-1" in str(message["blocks"])


async def test_a_channel_that_only_a_webhook_reaches_is_greeted_by_it(hooked: Stage) -> None:
    await hooked.write(lambda tx: welcome.plan_welcomes(tx, hooked.moment()))
    await hooked.deliver(slack=True)
    (greeting,) = by_webhook(hooked)
    assert greeting["channel"] == PLACE
