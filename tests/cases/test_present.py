from __future__ import annotations

import json

from compliance_bot.cases import posts
from compliance_bot.cases.destinations import UNRESOLVED
from compliance_bot.model.cases import PostRole, PostState
from compliance_bot.model.delivery import Done, EffectKind, EffectState, Never, Retry
from compliance_bot.model.findings import FindingStatus
from tests.cases.stage import Stage, a_critical, a_directory, a_finding, pings, rules_saying


async def test_a_message_shows_the_case_as_it_is_when_it_leaves(begun: Stage) -> None:
    await begun.observe(a_finding())
    await begun.observe(a_finding(title="Told later", status=FindingStatus.RESOLVED))
    await begun.deliver()
    (post,) = begun.said(EffectKind.POST)
    assert "Told later" in str(post)
    assert "Closed in Studio" in str(post)
    assert begun.said(EffectKind.EDIT) == []


async def test_an_edit_held_while_the_case_moves_twice_ends_at_the_last_state_in_two_updates(
    begun: Stage,
) -> None:
    begun.rulebook = rules_saying("routing_rules: {}")
    await begun.observe(a_finding())
    await begun.deliver()
    await begun.observe(a_finding(status=FindingStatus.INVESTIGATING))
    (held,) = await begun.claim()
    await begun.observe(a_finding(status=FindingStatus.OPEN))
    await begun.observe(a_finding(status=FindingStatus.RESOLVED))
    assert await begun.claim() == []
    await begun.finish(held)
    await begun.deliver()
    edits = begun.said(EffectKind.EDIT)
    assert len(edits) == 2
    assert "Closed in Studio" in str(edits[-1])
    (post,) = await begun.posts()
    case = await begun.case()
    assert case is not None
    assert post.shown_version == post.want_version == case.version


async def test_a_change_while_the_message_itself_is_under_way_is_shown_by_one_edit(begun: Stage) -> None:
    await begun.observe(a_finding())
    (held,) = await begun.claim()
    await begun.observe(a_finding(status=FindingStatus.RESOLVED))
    await begun.finish(held)
    await begun.deliver()
    assert len(begun.said(EffectKind.EDIT)) == 1
    assert "Closed in Studio" in str(begun.said(EffectKind.EDIT)[0])


async def test_a_silent_edit_waits_also_when_another_edit_was_under_way(begun: Stage) -> None:
    await begun.observe(a_finding())
    await begun.deliver()
    await begun.observe(a_finding(status=FindingStatus.INVESTIGATING))
    (held,) = await begun.claim()
    begun.later(600)
    await begun.observe(a_finding(status=FindingStatus.INVESTIGATING, title="Other words"))
    await begun.finish(held)
    assert await begun.deliver(only=EffectKind.EDIT) == []
    begun.later(300)
    assert len(await begun.deliver(only=EffectKind.EDIT)) == 1


async def test_a_loud_edit_takes_a_silent_one_along(begun: Stage) -> None:
    await begun.observe(a_finding())
    await begun.deliver()
    await begun.observe(a_finding(title="Other words"))
    await begun.observe(a_finding(title="Other words", status=FindingStatus.RESOLVED))
    await begun.deliver()
    begun.later(2000)
    await begun.deliver()
    assert len(begun.said(EffectKind.EDIT)) == 1


async def test_a_dead_primary_hands_over_to_the_next_posted_copy_with_its_thread(begun: Stage) -> None:
    await begun.observe(a_critical())
    held = {effect.pace_key: effect for effect in await begun.claim()}
    assert (await begun.posts())[0].channel_id == "CCOMPLIANCE-ALERTS"
    await begun.finish(held["CCOMPLIANCE"])
    await begun.finish(held["CCOMPLIANCE-ALERTS"], Never(reason="is_archived"))
    await begun.finish(held["CSECURITY-ALERTS"])
    roles = {post.channel_id: (post.role, post.state) for post in await begun.posts()}
    assert roles["CCOMPLIANCE-ALERTS"] == (PostRole.COPY, PostState.DEAD)
    assert [place for place, (role, _) in roles.items() if role is PostRole.PRIMARY] == ["CCOMPLIANCE"]
    await begun.observe(a_critical(status=FindingStatus.RESOLVED))
    await begun.deliver()
    (line,) = begun.said(EffectKind.THREAD)
    primary = (await begun.posts())[0]
    assert (line["arguments"]["channel"], line["arguments"]["thread_ts"]) == ("CCOMPLIANCE", primary.ts)


async def test_a_line_planned_for_a_primary_that_died_goes_to_the_heirs_thread(begun: Stage) -> None:
    await begun.observe(a_critical())
    held = {effect.pace_key: effect for effect in await begun.claim()}
    await begun.observe(a_critical(status=FindingStatus.RESOLVED))
    await begun.finish(held["CCOMPLIANCE-ALERTS"], Never(reason="is_archived"))
    await begun.finish(held["CCOMPLIANCE"])
    await begun.finish(held["CSECURITY-ALERTS"])
    begun.later(60)
    await begun.deliver()
    (line,) = begun.said(EffectKind.THREAD)
    assert line["arguments"]["channel"] in ("CCOMPLIANCE", "CSECURITY-ALERTS")
    assert line["arguments"]["thread_ts"]


async def test_the_only_post_refused_for_good_falls_back_to_the_default_channel(begun: Stage) -> None:
    begun.rulebook = rules_saying(
        "alert_configuration: {critical_issues: {channels: ['#compliance-alerts']}}\nrouting_rules: {}"
    )
    await begun.observe(a_critical())
    (post,) = await begun.claim()
    await begun.finish(post, Never(reason="is_archived"))
    await begun.deliver()
    last = begun.said(EffectKind.POST)[-1]["arguments"]
    assert last["channel"] == "CCOMPLIANCE"
    assert "compliance-alerts" in str(last["blocks"])
    assert [one.role for one in await begun.posts()] == [PostRole.PRIMARY, PostRole.COPY]


async def test_a_message_that_is_gone_is_posted_afresh_without_a_ping(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    await begun.press()
    edits = await begun.claim(only=EffectKind.EDIT)
    for edit in edits:
        await begun.finish(edit, Never(reason="message_not_found", gone=True))
    await begun.deliver()
    fresh = begun.said(EffectKind.POST)[3:]
    assert len(fresh) == 3
    assert all("Acknowledged by" in str(request) for request in fresh)
    assert not any(pings(request) for request in fresh)
    assert {post.generation for post in await begun.posts()} == {2}
    assert {one["key"] for one in await begun.rows("SELECT key FROM effect WHERE kind = 'post'")} == {
        f"post:{post}:{generation}" for post in (1, 2, 3) for generation in (1, 2)
    }


async def test_a_line_whose_thread_is_gone_is_said_under_a_fresh_post_and_only_once_more(
    begun: Stage,
) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    await begun.press()
    for edit in await begun.claim(only=EffectKind.EDIT):
        await begun.finish(edit, Done(result={}))
    (line,) = await begun.claim(only=EffectKind.THREAD)
    await begun.finish(line, Never(reason="thread_not_found", gone=True))
    await begun.deliver(only=EffectKind.POST)
    assert len(begun.said(EffectKind.POST)) == 4
    (again,) = await begun.claim(only=EffectKind.THREAD)
    await begun.finish(again, Never(reason="thread_not_found", gone=True))
    rows = await begun.rows("SELECT key FROM effect WHERE kind = 'notice' AND key LIKE 'notice:dead:%'")
    assert len(rows) == 1
    assert await begun.claim(only=EffectKind.THREAD) == []


async def test_an_unknown_channel_is_waited_for_and_found_by_its_id(begun: Stage) -> None:
    begun.directory = a_directory(without=("compliance", "compliance-alerts", "security-alerts"))
    await begun.observe(a_critical())
    await begun.deliver()
    assert begun.said(EffectKind.POST) == []
    begun.directory = a_directory()
    begun.later(60)
    await begun.deliver()
    begun.later(5)
    await begun.deliver()
    channels = [request["arguments"]["channel"] for request in begun.said(EffectKind.POST)]
    assert len(channels) == len(set(channels)) >= 1
    assert all(channel.startswith("C") for channel in channels)


async def test_two_names_that_turn_out_to_be_one_channel_are_one_message(begun: Stage) -> None:
    await begun.observe(a_finding())
    (post,) = await begun.posts()
    unresolved = f"{UNRESOLVED}compliance"

    def want_again(tx):
        case = posts.store.find(tx, post.case_id)
        values = {"channel_id": unresolved, "channel_name": "compliance", "role": "copy", "lane": 1}
        number = posts.store.want_post(tx, case, template=post.template, **values)
        posts.plan_post(tx, begun.moment(), posts.store.find_post(tx, number))

    await begun.write(want_again)
    begun.later(60)
    await begun.deliver()
    assert len(begun.said(EffectKind.POST)) == 1
    assert sorted(one.state.value for one in await begun.posts()) == ["dead", "shown"]


async def test_a_mention_nobody_answers_to_is_said_in_the_message(begun: Stage) -> None:
    begun.rulebook = rules_saying(
        "alert_configuration: {critical_issues: {mentions: ['@nobody', '@compliance-team']}}\n"
        "routing_rules: {}"
    )
    await begun.observe(a_critical())
    await begun.deliver()
    (post,) = begun.said(EffectKind.POST)
    assert pings(post) == ["<!subteam^SCOMPLIANCE-TEAM>"]
    assert "nobody" in str(post["arguments"]["blocks"])


async def test_blocks_that_slack_will_not_take_go_out_as_plain_words(begun: Stage) -> None:
    await begun.observe(a_finding())
    (post,) = await begun.claim()
    await begun.finish(post, Retry(reason="invalid_blocks", degrade=True))
    await begun.deliver()
    last = begun.said(EffectKind.POST)[-1]["arguments"]
    assert not last.get("blocks")
    assert "Finding f-1" in last["text"]


async def test_a_case_lost_everywhere_speaks_in_the_default_channel(begun: Stage) -> None:
    begun.rulebook = rules_saying(
        "alert_configuration: {compliance_updates: {threading: true}}\nrouting_rules: {}"
    )
    await begun.observe(a_finding())
    (post,) = await begun.claim()
    await begun.observe(a_finding(status=FindingStatus.RESOLVED))
    await begun.finish(post, Never(reason="is_archived"))
    await begun.deliver()
    (line,) = begun.said(EffectKind.THREAD)
    assert line["arguments"]["channel"] == "CCOMPLIANCE"
    assert line["arguments"]["text"].startswith("CB-0001: ")


async def test_the_bytes_stored_are_the_bytes_performed(begun: Stage) -> None:
    await begun.observe(a_finding())
    (post,) = await begun.claim()
    stored = await begun.rows("SELECT payload, version, rules_hash FROM effect WHERE id = ?", post.id)
    assert stored[0]["payload"] == post.payload
    assert (stored[0]["version"], stored[0]["rules_hash"]) == (1, begun.rulebook.hash)
    await begun.finish(post, Done(result={"channel": "CCOMPLIANCE", "ts": "1.5", "at": begun.now}))
    (shown,) = await begun.posts()
    assert (shown.ts, shown.shown_version, shown.state) == ("1.5", 1, PostState.SHOWN)
    effect = await begun.effect(post.key)
    assert effect is not None
    assert effect.state is EffectState.DONE
    assert json.loads(post.payload or b"")["method"] == "chat.postMessage"


async def test_in_shadow_mode_a_thread_that_stands_elsewhere_gets_no_line(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    begun.rulebook = rules_saying("delivery: {shadow: '#compliance-reports'}")
    await begun.press()
    await begun.deliver()
    await begun.deliver()  # it was planned for the thread's channel, and moves first
    (line,) = begun.said(EffectKind.THREAD)
    assert line["arguments"]["channel"] == "CCOMPLIANCE-REPORTS"
    assert "thread_ts" not in line["arguments"]
    assert begun.said(EffectKind.STUDIO_STATUS) == []
