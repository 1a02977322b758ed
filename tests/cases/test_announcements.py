from __future__ import annotations

import json
from dataclasses import replace

from compliance_bot.cases import announcements
from compliance_bot.model.delivery import EffectKind, EffectState, Never, Retry, Unknown
from compliance_bot.model.slack import Channel, Directory
from tests.cases.projects_stage import a_project, begun_with, list_projects, said, told
from tests.cases.stage import Stage, a_directory, rules_saying

ANNOUNCEMENT = EffectKind.ANNOUNCEMENT


async def approve(stage: Stage) -> None:
    """A project goes to approved."""
    await begun_with(stage, a_project())
    await list_projects(stage, a_project(status="approved", score=62))


async def update(stage: Stage) -> None:
    """A project's status moves otherwise."""
    await begun_with(stage, a_project())
    await list_projects(stage, a_project(status="review_pending"))


async def deliver_moved(stage: Stage) -> None:
    """Deliver what stands under another channel than it was planned for: moved first, then claimed anew."""
    for _ in range(2):
        await stage.deliver()


async def test_a_report_says_project_framework_and_score_and_pings_whom_the_rules_name(stage: Stage) -> None:
    stage.rulebook = rules_saying("studio: {links: {project: '/projects/{id}'}}")
    await approve(stage)
    await stage.deliver()
    (message,) = said(stage)
    words = json.dumps(message)
    assert message["channel"] == "CCOMPLIANCE-REPORTS"
    assert message["text"].startswith(":bar_chart: Report ready: Audit p-1")
    for part in ("Audit p-1", "SOC 2", "62/100", "<!subteam^SCOMPLIANCE-TEAM>", "<!subteam^SMANAGEMENT>"):
        assert part in words
    assert "https://studio.example/projects/p-1" in words


async def test_without_a_known_path_there_is_no_link(stage: Stage) -> None:
    await approve(stage)
    await stage.deliver()
    assert '"url"' not in json.dumps(said(stage))


async def test_an_update_says_what_changed_and_asks_nobody_to_acknowledge(stage: Stage) -> None:
    await update(stage)
    await stage.deliver()
    (message,) = said(stage)
    words = json.dumps(message)
    assert message["channel"] == "CCOMPLIANCE"
    assert "Status changed from in progress to review pending: Audit p-1" in message["text"]
    assert "Review pending" in words
    assert "acknowledge" not in words.lower()


async def test_a_channel_named_twice_gets_one_message_with_the_mentions_of_both(stage: Stage) -> None:
    stage.rulebook = rules_saying(
        "routing_rules: {a: {condition: \"type == 'report'\", mentions: ['@security-team'],"
        " channels: ['#compliance-reports', '#compliance']}}"
    )
    await approve(stage)
    await stage.deliver()
    assert sorted(one["channel"] for one in said(stage)) == ["CCOMPLIANCE", "CCOMPLIANCE-REPORTS"]
    assert all("<!subteam^SSECURITY-TEAM>" in json.dumps(one) for one in said(stage))


async def test_a_kind_that_the_rules_do_not_tell_is_recorded_only(stage: Stage) -> None:
    stage.rulebook = rules_saying("alert_configuration: {compliance_updates: {enabled: false}}")
    await update(stage)
    assert await told(stage) == []
    assert len(await stage.events()) == 1


async def test_no_audit_entry_is_made_since_no_case_moves(stage: Stage) -> None:
    await update(stage)
    assert await stage.rows("SELECT 1 FROM audit") == []


async def test_it_is_shown_in_the_words_and_lane_that_it_was_recorded_with(stage: Stage) -> None:
    await approve(stage)
    await list_projects(stage, a_project(status="returned", name="Renamed since"))
    await stage.deliver()
    by_channel = {one["channel"]: json.dumps(one) for one in said(stage)}
    assert "Audit p-1" in by_channel["CCOMPLIANCE-REPORTS"]
    assert "Renamed since" in by_channel["CCOMPLIANCE"]
    (lane,) = await stage.rows("SELECT lane FROM effect WHERE pace_key = 'CCOMPLIANCE-REPORTS'")
    assert lane["lane"] == 2


async def test_a_channel_that_slack_lists_later_gets_it_then(stage: Stage) -> None:
    stage.directory = Directory()
    await update(stage)
    assert await stage.deliver() == []
    stage.directory = a_directory()
    stage.later(60)
    await deliver_moved(stage)
    assert [one["channel"] for one in said(stage)] == ["CCOMPLIANCE"]


async def test_a_channel_known_by_its_webhook_is_used_by_its_id_once_slack_shows_it(stage: Stage) -> None:
    stage.directory = replace(
        a_directory(without=("compliance-reports",)), webhooks=frozenset({"COMPLIANCE_REPORTS"})
    )
    await approve(stage)
    assert [place for place, _ in await told(stage)] == ["hook:compliance-reports"]
    stage.directory = a_directory()
    await deliver_moved(stage)
    assert [one["channel"] for one in said(stage)] == ["CCOMPLIANCE-REPORTS"]


async def test_what_was_to_go_elsewhere_goes_to_the_shadow_channel_and_pings_nobody(stage: Stage) -> None:
    await approve(stage)
    stage.rulebook = rules_saying("delivery: {shadow: '#security-alerts'}")
    await list_projects(stage, a_project(status="returned"))
    await deliver_moved(stage)
    assert [one["channel"] for one in said(stage)] == ["CSECURITY-ALERTS"] * 2
    assert "<!subteam" not in json.dumps(said(stage))


async def test_two_messages_of_one_event_are_one_in_the_shadow_channel(stage: Stage) -> None:
    stage.rulebook = rules_saying(
        "routing_rules: {a: {condition: \"type == 'report'\", channels: ['#compliance']}}"
    )
    await approve(stage)
    assert len(await told(stage)) == 2
    stage.rulebook = rules_saying("delivery: {shadow: '#security-alerts'}")
    await deliver_moved(stage)
    assert [one["channel"] for one in said(stage)] == ["CSECURITY-ALERTS"]


async def test_readers_who_may_not_see_it_get_a_reference_that_says_nothing(stage: Stage) -> None:
    stage.rulebook = rules_saying(
        "sensitivity: {rules: [{condition: \"type == 'report'\", class: confidential}]}\n"
        "studio: {links: {project: '/projects/{id}'}}"
    )
    await approve(stage)
    await stage.deliver()
    (message,) = said(stage)
    for secret in ("Audit", "SOC 2", "62", "Approved", "Report"):
        assert secret not in json.dumps(message)
    assert "event 1" in message["text"]


async def test_it_waits_until_slack_has_said_who_reads_the_channel(stage: Stage) -> None:
    known = a_directory()
    unread = Channel(id="CCOMPLIANCE", name="compliance", member=True, guests=None)
    stage.directory = replace(
        known,
        channels_by_id={**known.channels_by_id, unread.id: unread},
        channels_by_name={**known.channels_by_name, unread.name: unread},
    )
    await update(stage)
    assert await stage.deliver() == []
    stage.directory = known
    stage.later(5)
    assert len(await stage.deliver()) == 1


async def test_blocks_that_slack_refuses_give_way_to_words(stage: Stage) -> None:
    await update(stage)
    (sent,) = await stage.claim(only=ANNOUNCEMENT)
    await stage.finish(sent, Retry(reason="invalid_blocks", degrade=True))
    await stage.deliver()
    message = said(stage)[-1]
    assert "blocks" not in message
    assert "Status changed from in progress to review pending: Audit p-1" in message["text"]
    assert "Framework: SOC 2" in message["text"]


async def test_refused_for_good_it_is_told_once_in_the_default_channel(stage: Stage) -> None:
    await approve(stage)
    (sent,) = await stage.claim(only=ANNOUNCEMENT)
    await stage.finish(sent, Never(reason="is_archived"))
    (again,) = await stage.claim(only=ANNOUNCEMENT)
    assert again.pace_key == "CCOMPLIANCE"
    assert "Meant for #" in json.dumps(said(stage)[-1])
    await stage.finish(again, Never(reason="is_archived"))
    assert await stage.claim(only=ANNOUNCEMENT) == []


async def test_refused_for_good_where_the_default_channel_has_it_already_it_is_not_said_again(
    stage: Stage,
) -> None:
    stage.rulebook = rules_saying(
        "routing_rules: {a: {condition: \"type == 'report'\", channels: ['#compliance']}}"
    )
    await approve(stage)
    held = {one.pace_key: one for one in await stage.claim(only=ANNOUNCEMENT)}
    await stage.finish(held["CCOMPLIANCE-REPORTS"], Never(reason="is_archived"))
    await stage.finish(held["CCOMPLIANCE"])
    assert await stage.claim(only=ANNOUNCEMENT) == []


async def test_too_many_updates_at_once_are_lines_of_one_digest(stage: Stage) -> None:
    before = [a_project(f"p-{number}") for number in range(15)]
    await begun_with(stage, *before)
    await list_projects(stage, *(replace(one, status="returned") for one in before))
    await stage.deliver()
    alone, digests = said(stage), stage.said(EffectKind.DIGEST)
    assert (len(alone), len(digests)) == (0, 1)
    words = json.dumps(digests)
    assert all(f"Audit p-{number}" in words for number in range(15))
    assert "acknowledge" not in words.lower()
    assert len(await stage.events()) == 15


async def test_a_line_in_the_default_channel_s_digest_is_told_there_already(stage: Stage) -> None:
    stage.rulebook = rules_saying(
        "routing_rules: {a: {condition: \"type == 'report'\", channels: ['#compliance']}}\n"
        "grouping: {threshold: 1}"
    )
    before = [a_project(f"p-{number}") for number in range(3)]
    await begun_with(stage, *before)
    await list_projects(stage, *(replace(one, status="approved") for one in before))
    held = {one.pace_key: one for one in await stage.claim()}
    await stage.finish(held["CCOMPLIANCE"])
    stage.later(120)
    await stage.finish(held["CCOMPLIANCE-REPORTS"], Never(reason="is_archived"))
    await stage.deliver()
    assert [one["arguments"]["channel"] for one in stage.said(EffectKind.DIGEST)].count("CCOMPLIANCE") == 1
    assert said(stage) == []


async def test_an_outcome_that_is_not_known_is_looked_up_and_not_sent_again(stage: Stage) -> None:
    await update(stage)
    (sent,) = await stage.claim(only=ANNOUNCEMENT)
    await stage.finish(sent, Unknown(reason="timeout"))
    assert await stage.claim(only=ANNOUNCEMENT) == []
    after = await stage.effect(sent.key)
    assert after is not None
    assert after.state is EffectState.UNKNOWN


async def test_in_a_digest_it_is_one_line_that_nobody_can_acknowledge(stage: Stage) -> None:
    stage.rulebook = rules_saying("studio: {links: {project: '/projects/{id}'}}")
    await update(stage)
    line = await stage.database.read(lambda tx: announcements.line(tx, 1))
    assert (line.title, line.state) == ("Audit p-1", "Status changed from in progress to review pending")
    assert (line.ref, line.severity, line.open, line.url) == (
        "",
        None,
        False,
        "https://studio.example/projects/p-1",
    )
