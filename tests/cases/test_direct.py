"""A person is told by direct message: once, from the case as it is, and only who may know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from compliance_bot.cases import direct
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.model.delivery import EffectKind, EffectState, Never
from compliance_bot.model.slack import Person
from compliance_bot.store import away, inbox, proposals
from compliance_bot.store.away import Deputy
from tests.cases.stage import DAY, Stage, a_critical, rules_saying

BOB = "UBOBSMITH"
WORDS = {"who": "UCAROLYN", "name": "Carol"}


@pytest.fixture
async def told(begun: Stage) -> Stage:
    """A stage on which a critical finding was told."""
    await begun.observe(a_critical())
    await begun.deliver()
    begun.sent.clear()
    return begun


def knowing(stage: Stage, **facts: Any) -> None:
    """Have Slack say of Bob what ``facts`` say."""
    bob = replace(Person(id=BOB, handle="bob", name="Bob"), **facts)
    stage.directory = replace(stage.directory, people_by_id={BOB: bob})


async def tell(stage: Stage, **given: Any) -> bool:
    """Plan that Bob is told that Carol assigned it to him."""
    case = await stage.case()
    asked = {
        "person": BOB,
        "sentence": "assigned",
        "words": WORDS,
        "key": "decision:1",
        "case": case,
        **given,
    }
    planned: bool = await stage.write(lambda tx: direct.tell(tx, stage.moment(), **asked))
    return planned


async def ended(stage: Stage, key: str = f"direct:decision:1:{BOB}") -> tuple[EffectState, str | None]:
    """How the message ended."""
    effect = await stage.effect(key)
    assert effect is not None
    return effect.state, effect.error


async def proposal_on(stage: Stage, case: Case) -> int:
    """A proposal that waits on the case."""

    def write(tx: Any) -> int:
        inbox.receive(
            tx, key="p", kind="accept_risk", person="UCAROLYN", channel=None, body={}, now=stage.now
        )
        row = tx.one("SELECT max(id) AS id FROM inbox")
        return proposals.add(
            tx,
            case_id=case.id,
            episode=case.episode,
            severity=case.severity,
            inbox_id=row["id"],
            action="accept_risk",
            person="UCAROLYN",
            person_name="Carol",
            right="members",
            rules_hash="r",
            reason="No budget",
            proposed_at=stage.now,
        )

    number: int = await stage.write(write)
    return number


def said(stage: Stage) -> list[dict[str, Any]]:
    """The arguments of what was sent."""
    return [request["arguments"] for request in stage.said(EffectKind.DIRECT)]


async def test_a_member_is_told_what_and_about_which_finding(told: Stage) -> None:
    knowing(told)
    assert await tell(told)
    await told.deliver(only=EffectKind.DIRECT)
    [request] = said(told)
    case = await told.case()
    assert case is not None
    assert request["channel"] == BOB
    assert request["text"].startswith(f"<@UCAROLYN> assigned {case.ref} to you.")
    assert "Critical: Finding f-1" in request["text"]
    [post, *_] = await told.posts()
    assert post.ts is not None
    assert f"/archives/{post.channel_id}/p{post.ts.replace('.', '')}" in str(request["blocks"])
    assert request["metadata"]["event_type"] == "compliance_outbox"


async def test_one_key_tells_a_person_once_and_two_persons_each(told: Stage) -> None:
    knowing(told)
    assert await tell(told)
    assert not await tell(told)
    assert await tell(told, person="UCAROLYN")
    await told.deliver(only=EffectKind.DIRECT)
    assert not await tell(told)


@pytest.mark.parametrize("person", ["", "Dana of Studio", "dana@example.com", "C0ALERTS1"])
async def test_whom_slack_has_no_id_for_is_nobody_to_tell(told: Stage, person: str) -> None:
    assert not await tell(told, person=person)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"guest": True}, "person.guest"),
        ({"stranger": True}, "person.stranger"),
        ({"deactivated": True}, "person.deactivated"),
        ({"bot": True}, "person.bot"),
    ],
)
async def test_who_may_not_know_is_not_told_and_thread_and_chain_say_so(
    told: Stage, facts: dict[str, bool], reason: str
) -> None:
    knowing(told, **facts)
    await tell(told)
    await told.deliver(only=EffectKind.DIRECT)
    assert said(told) == []
    assert await ended(told) == (EffectState.SKIPPED, reason)
    assert await told.lines() == ["not_told"]
    [entry] = await told.rows("SELECT body FROM audit ORDER BY seq DESC LIMIT 1")
    assert '"kind":"direct.not_told"' in entry["body"]
    assert reason in entry["body"]
    assert await told.whole_chain()


async def test_somebody_not_known_yet_is_asked_for_and_waits(told: Stage) -> None:
    await tell(told)
    assert await told.claim(only=EffectKind.DIRECT) == []
    assert (await ended(told))[0] is EffectState.PENDING
    knowing(told)
    told.later(5)
    await told.deliver(only=EffectKind.DIRECT)
    assert len(said(told)) == 1


async def test_somebody_slack_does_not_know_is_not_waited_for(told: Stage) -> None:
    told.directory = replace(told.directory, people_unknown=frozenset({BOB}))
    await tell(told)
    await told.deliver(only=EffectKind.DIRECT)
    assert await ended(told) == (EffectState.SKIPPED, "person.unknown")


async def test_what_slack_refuses_for_good_is_said_in_the_thread(told: Stage) -> None:
    knowing(told)
    await tell(told)
    [effect] = await told.claim(only=EffectKind.DIRECT)
    await told.finish(effect, Never(reason="messages_tab_disabled", place=True))
    assert await told.lines() == ["not_told"]
    await told.deliver(only=EffectKind.THREAD)
    [line] = told.said(EffectKind.THREAD)
    assert line["arguments"]["text"].startswith("Bob could not be told by direct message: the app's messages")


@pytest.mark.parametrize("state", [CaseState.ACKNOWLEDGED, CaseState.CLOSED])
async def test_what_has_moved_on_is_not_told(told: Stage, state: CaseState) -> None:
    knowing(told)
    await tell(told, only_in=(CaseState.OPEN,))
    await told.put_case(state)
    await told.deliver(only=EffectKind.DIRECT)
    assert await ended(told) == (EffectState.SKIPPED, "direct.overtaken")
    assert await told.lines() == []


async def test_it_shows_the_case_as_it_is_when_it_leaves(told: Stage) -> None:
    knowing(told)
    await tell(told)
    await told.put_case(CaseState.CLOSED)
    await told.deliver(only=EffectKind.DIRECT)
    [request] = said(told)
    assert "· closed ·" in str(request["blocks"])


async def test_in_shadow_mode_it_stands_in_the_shadow_channel_and_calls_nobody(told: Stage) -> None:
    knowing(told)
    told.rulebook = rules_saying('delivery: {shadow: "#compliance"}')
    await tell(told)
    assert await told.deliver(only=EffectKind.DIRECT) == []  # its pace is now that channel's
    await told.deliver(only=EffectKind.DIRECT)
    [request] = said(told)
    assert request["channel"] == "CCOMPLIANCE"
    assert request["text"].startswith("Shadow mode: Bob would be told by direct message: Carol assigned")
    assert "<@" not in str(request)


async def test_a_person_may_see_what_the_channels_may_not(told: Stage) -> None:
    knowing(told)
    told.rulebook = rules_saying(
        "sensitivity: {rules: [{condition: \"severity == 'critical'\", class: confidential}]}"
    )
    await tell(told)
    await told.deliver(only=EffectKind.DIRECT)
    assert "Finding f-1" in said(told)[0]["text"]


async def test_a_second_person_is_asked_by_two_buttons(told: Stage) -> None:
    knowing(told)
    case = await told.case()
    assert case is not None
    number = await proposal_on(told, case)
    words = {**WORDS, "action": "accept_risk", "reason": "No *budget*", "until": told.now + 86_400}
    await tell(told, sentence="consent_asked", words=words, key=f"proposal:{number}", proposal=number)
    await told.deliver(only=EffectKind.DIRECT)
    [request] = said(told)
    assert "wants to accept the risk of" in request["text"]
    [row] = [block for block in request["blocks"] if block["type"] == "actions"]
    assert [(one["action_id"], one["value"]) for one in row["elements"]] == [
        ("confirm_proposal", f"{case.ref} {number}"),
        ("decline_proposal", f"{case.ref} {number}"),
    ]


async def end(stage: Stage, number: int) -> None:
    """Carol takes her proposal back."""

    def write(tx: Any) -> None:
        proposals.end(tx, number, "withdrawn", by="UCAROLYN", name="Carol", now=stage.now)
        direct.proposal_over(tx, stage.moment(), number, 1)

    await stage.write(write)


@pytest.mark.parametrize("ended_while", ["waiting", "being sent", "standing"])
async def test_once_a_proposal_is_over_nobody_is_asked_any_more(told: Stage, ended_while: str) -> None:
    knowing(told)
    case = await told.case()
    assert case is not None
    number = await proposal_on(told, case)
    words = {**WORDS, "action": "accept_risk", "reason": "No budget"}
    await tell(told, sentence="consent_asked", words=words, key=f"proposal:{number}", proposal=number)
    if ended_while == "waiting":
        await end(told, number)
        await told.deliver(only=EffectKind.DIRECT)
        assert said(told) == []
        return
    [asked] = await told.claim(only=EffectKind.DIRECT)
    if ended_while == "standing":
        await told.finish(asked)
        await end(told, number)
    else:
        await end(told, number)
        await told.finish(asked)
    [edit] = await told.deliver(only=EffectKind.DIRECT)
    first, last = said(told)
    sent = await told.rows("SELECT result FROM effect WHERE id = ?", asked.id)
    assert edit.pace_key == "edits"
    assert last["ts"] in sent[0]["result"]
    assert last["text"] == first["text"]
    assert not [block for block in last["blocks"] if block["type"] == "actions"]
    assert "Taken back by" in str(last["blocks"])


async def test_a_message_without_a_case_says_its_sentence(told: Stage) -> None:
    knowing(told)
    await tell(told, case=None, sentence="told", words={"text": "You stand in for Carol until Monday."})
    await told.deliver(only=EffectKind.DIRECT)
    [request] = said(told)
    assert request["text"] == "You stand in for Carol until Monday."


async def test_blocks_that_slack_refuses_give_way_to_words(told: Stage) -> None:
    knowing(told)
    await tell(told)

    def degrade(tx: Any) -> None:
        tx.execute("UPDATE effect SET degraded = 1 WHERE kind = 'direct'")

    await told.write(degrade)
    await told.deliver(only=EffectKind.DIRECT)
    [request] = said(told)
    assert "blocks" not in request
    assert "Finding f-1" in request["text"]


async def test_who_stands_in_is_told_too_of_what_is_in_the_hands_of_who_is_away(told: Stage) -> None:
    deputy = Deputy(person="UCAROLYN", name="Carol")
    gone = {"person": BOB, "person_name": "Bob", "until": told.now + DAY, "deputy": deputy}
    await told.write(lambda tx: away.begin(tx, **gone, now=told.now))
    knowing(told)
    carol = Person(id="UCAROLYN", handle="carol", name="Carol")
    told.directory = replace(told.directory, people_by_id={**told.directory.people_by_id, carol.id: carol})
    await tell(told)
    await tell(told, sentence="told", words={"text": "only for Bob"}, key="decision:2")
    await told.deliver()
    said = [(one["arguments"]["channel"], one["arguments"]["text"]) for one in told.said(EffectKind.DIRECT)]
    (behalf,) = [text for person, text in said if person == carol.id]
    assert behalf.startswith("For Bob, who is away: <@UCAROLYN> assigned CB-0001 to you.")
    assert len([text for person, text in said if person == BOB]) == 2
