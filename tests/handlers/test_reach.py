"""What people do at messages without a button: an emoji that acknowledges, words sent to Studio."""

from __future__ import annotations

import json
from typing import Any

import pytest

from compliance_bot.errors import NotRecorded
from compliance_bot.handlers.form_spec import Mistakes, Submission, Taken
from compliance_bot.handlers.forms import Forms
from compliance_bot.handlers.reactions import Reactions
from compliance_bot.handlers.replies import Replies
from compliance_bot.handlers.sending import SendToStudio, read_sending
from compliance_bot.model.cases import Case, PostState
from compliance_bot.store import cases, effects
from tests.cases.stage import rules_saying
from tests.handlers.form_desk import ALERTS, ROLES, Desk

EYES = f"{ROLES}\nslack_config: {{acknowledge_reaction: eyes}}"
BOB = "U0BOB0001"


class Reach:
    """The two listeners at a desk whose finding stands in the alerts' channel."""

    def __init__(self, desk: Desk, case: Case) -> None:
        self.desk = desk
        self.case = case
        replies = Replies(slack=desk.client, clock=desk.world.clock)
        Reactions(
            database=desk.stage.database,
            clock=desk.world.clock,
            rules=lambda: desk.stage.rulebook.rules,
            replies=replies,
            errands=desk.errands,
            ours=lambda: desk.world.slack.settings.bot_user,
        ).attach(desk.dispatcher)
        self.sending = SendToStudio(
            database=desk.stage.database,
            moment=desk.stage.moment,
            replies=replies,
            known=desk.people.known,
        )
        forms = Forms(
            specs=(self.sending.spec(),),
            database=desk.stage.database,
            moment=desk.stage.moment,
            access=desk._access(),
            slack=desk.client,
            replies=replies,
            errands=desk.errands,
        )
        forms.attach(desk.dispatcher)
        self.sending.attach(desk.dispatcher, forms)

    async def react(self, who: str, ts: str, emoji: str = "eyes", **event: Any) -> int:
        """Put an emoji there; how many acks it got."""
        before = len(self.desk.acks)
        slack = self.desk.world.slack
        item = {"type": "message", "channel": ALERTS, "ts": ts}
        told = {"type": "reaction_added", "user": slack.workspace.person(who).id, "reaction": emoji}
        payload = {
            "type": "event_callback",
            "event_id": f"Ev{ts}{who}{emoji}",
            "api_app_id": slack.settings.app_id,
            "authorizations": [{"team_id": slack.settings.team_id}],
            "event": {**told, "item": item, "item_user": slack.settings.bot_user, **event},
        }

        async def send(frame: dict[str, Any]) -> bool:
            self.desk.acks.append(frame)
            return True

        envelope = {"envelope_id": "e", "type": "events_api", "payload": payload}
        await self.desk.dispatcher.dispatch(envelope, send)
        await self.desk.errands.drain(20.0)
        return len(self.desk.acks) - before

    async def send(self, who: str, ts: str, channel: str = ALERTS) -> None:
        """Use the shortcut on a message."""
        action = await self.desk.world.slack.message_action(who, channel, ts, "send_to_studio")
        await self.desk.hand_on(action)


@pytest.fixture
async def reach(desk: Desk) -> Reach:
    """Both at work; the case's primary is the message that stands in the embedded Slack."""
    case = await desk.opens()
    desk.stage.rulebook = rules_saying(EYES)
    [post, *_] = await desk.stage.posts()
    place = {"state": PostState.SHOWN, "channel_id": ALERTS, "ts": desk.ts}
    await desk.stage.write(lambda tx: cases.change_post(tx, post.id, **place))
    return Reach(desk, case)


# ---------------------------------------------------------------- emoji


async def test_the_emoji_of_the_rules_is_recorded_as_a_press_and_then_acked(reach: Reach) -> None:
    assert await reach.react("bob", reach.desk.ts) == 1
    [row] = await reach.desk.inbox()
    assert (row["kind"], row["person"], row["channel"]) == ("acknowledge", BOB, ALERTS)
    assert json.loads(row["body"]) == {
        "value": reach.case.ref,
        "message_ts": reach.desk.ts,
        "response_url": None,
    }


async def test_the_same_emoji_delivered_again_is_one_row(reach: Reach) -> None:
    for _ in range(3):
        assert await reach.react("bob", reach.desk.ts) == 1
    assert len(await reach.desk.inbox()) == 1


@pytest.mark.parametrize(
    ("emoji", "event"),
    [
        ("tada", {}),
        ("eyes_wide", {}),
        ("eyes", {"user": "U0BOT0001"}),
        ("eyes", {"item_user": "U0ALICE01"}),
        ("eyes", {"item": {"type": "file", "file": "F1"}}),
        ("eyes", {"user": None}),
    ],
)
async def test_other_emoji_other_messages_and_our_own_mean_nothing(
    reach: Reach, emoji: str, event: dict[str, Any]
) -> None:
    assert await reach.react("bob", reach.desk.ts, emoji, **event) <= 1
    assert await reach.desk.inbox() == []


async def test_a_skin_tone_makes_no_difference(reach: Reach) -> None:
    await reach.react("bob", reach.desk.ts, "eyes::skin-tone-3")
    assert len(await reach.desk.inbox()) == 1


async def test_while_the_rules_name_no_emoji_none_acknowledges(reach: Reach) -> None:
    reach.desk.stage.rulebook = rules_saying(ROLES)
    assert await reach.react("bob", reach.desk.ts) == 1
    assert await reach.desk.inbox() == []


async def test_under_a_message_that_is_none_of_a_finding_it_is_acked_and_forgotten(reach: Reach) -> None:
    assert await reach.react("bob", "1.000001") == 1
    assert await reach.desk.inbox() == []
    assert reach.desk.whispers("bob") == []


async def test_under_a_digest_the_person_is_told_what_to_do(reach: Reach) -> None:
    def add(tx: Any) -> None:
        tx.insert(
            "digest",
            channel_id=ALERTS,
            channel_name="compliance-alerts",
            urgent=0,
            opened_at=0.0,
            takes_until=0.0,
            state="shown",
            ts="7.000007",
            want_version=1,
        )

    await reach.desk.stage.write(add)
    assert await reach.react("bob", "7.000007") == 1
    assert await reach.desk.inbox() == []
    [hint] = reach.desk.whispers("bob")
    assert "Acknowledge all" in hint


async def test_what_cannot_be_recorded_is_not_acked_so_that_slack_sends_it_again(
    reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(*_: Any, **__: Any) -> None:
        raise NotRecorded("busy")

    monkeypatch.setattr(reach.desk.stage.database, "write", refuses)
    assert await reach.react("bob", reach.desk.ts) == 0


async def test_under_a_message_whose_sending_is_not_noted_yet_slack_is_let_send_it_again(
    reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compliance_bot.handlers.recording._LOOK_EVERY", 0.01)
    monkeypatch.setattr("compliance_bot.handlers.recording.SETTLES_WITHIN", 0.02)
    [effect] = await reach.desk.stage.rows("SELECT id FROM effect WHERE kind = 'post' LIMIT 1")

    def under_way(tx: Any) -> None:
        assert effects.by_id(tx, effect["id"]) is not None
        tx.update("effect", effect["id"], state="sending", pace_key=ALERTS)

    await reach.desk.stage.write(under_way)
    assert await reach.react("bob", "9.000009") == 0
    await reach.desk.stage.write(lambda tx: tx.update("effect", effect["id"], state="done"))
    assert await reach.react("bob", "9.000009") == 1


# ---------------------------------------------------------------- words for Studio


async def test_a_reply_in_a_findings_thread_is_recorded_with_author_and_link(reach: Reach) -> None:
    desk = reach.desk
    await desk.people.person(BOB)
    words = "mended &amp; tested by <@U0BOB0001>"
    said, _ = await desk.world.slack.say("bob", ALERTS, words, thread_ts=desk.ts)
    await reach.send("alice", said.ts)
    [row] = await desk.inbox()
    body = json.loads(row["body"])
    assert (row["kind"], row["person"], body["value"]) == ("send_to_studio", "U0ALICE01", reach.case.ref)
    assert body["message_ts"] == desk.ts
    link = f"https://acme.slack.com/archives/{ALERTS}/p{said.ts.replace('.', '')}"
    assert body["form"] == {
        "words": "mended & tested by @Bob Builder",
        "author": "Bob Builder",
        "permalink": f"{link}?thread_ts={desk.ts}&cid={ALERTS}",
    }


async def test_the_findings_own_message_is_sent_too(reach: Reach) -> None:
    await reach.send("alice", reach.desk.ts)
    [row] = await reach.desk.inbox()
    body = json.loads(row["body"])
    assert body["form"]["words"] == reach.case.ref
    assert body["form"]["author"] == "compliance-bot"
    assert "?thread_ts" not in body["form"]["permalink"]


async def test_a_message_without_words_is_not_sent(reach: Reach) -> None:
    said, _ = await reach.desk.world.slack.say("bob", ALERTS, " ", thread_ts=reach.desk.ts)
    action = await reach.desk.world.slack.message_action("alice", ALERTS, said.ts, "send_to_studio")
    await reach.desk.hand_on(action)
    assert await reach.desk.inbox() == []
    assert "no words" in action.answers[0]["text"]


async def test_any_other_message_asks_for_the_finding_it_names_one_already(reach: Reach) -> None:
    said, _ = await reach.desk.world.slack.say("bob", ALERTS, f"about {reach.case.ref.lower()}: waits")
    await reach.send("alice", said.ts)
    shown = reach.desk.shown("alice")
    assert f"{reach.case.ref} · Finding f-1" in shown
    assert "'initial_option'" in shown
    assert await reach.desk.submit("alice") is None
    [row] = await reach.desk.inbox()
    body = json.loads(row["body"])
    assert (row["kind"], body["value"]) == ("send_to_studio", reach.case.ref)
    assert body["form"]["words"] == f"about {reach.case.ref.lower()}: waits"


async def test_whoever_may_not_comment_reads_why_in_the_form(reach: Reach) -> None:
    reach.desk.stage.rulebook = rules_saying("access: {comment: [manager@example.com]}")
    said, _ = await reach.desk.world.slack.say("bob", ALERTS, "words")
    await reach.send("alice", said.ts)
    assert "You can't comment" in reach.desk.shown("alice")


async def test_a_click_too_late_for_a_form_is_answered_by_what_to_do(reach: Reach) -> None:
    said, _ = await reach.desk.world.slack.say("bob", ALERTS, "words")
    action = await reach.desk.world.slack.message_action("alice", ALERTS, said.ts, "send_to_studio")
    reach.desk.world.slack.settings.trigger_seconds = -1.0
    await reach.desk.hand_on(action)
    assert "press the button again" in action.answers[0]["text"]


async def test_what_cannot_be_recorded_is_said_to_who_sent_it(
    reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, _ = await reach.desk.world.slack.say("bob", ALERTS, "words", thread_ts=reach.desk.ts)
    action = await reach.desk.world.slack.message_action("alice", ALERTS, said.ts, "send_to_studio")

    async def refuses(*_: Any, **__: Any) -> None:
        raise NotRecorded("busy")

    monkeypatch.setattr(reach.desk.stage.database, "write", refuses)
    await reach.desk.hand_on(action)
    assert "couldn't record" in action.answers[0]["text"]


def a_submission(**values: str | None) -> Submission:
    """A form as it was sent off."""
    remembered = {"author": "Bob", "permalink": None}
    return Submission(ref="", person=BOB, zone="UTC", now=0.0, values=values, remembered=remembered)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"send_words": "x"}, "send_ref"),
        ({"send_words": "x", "send_ref": "the bucket"}, "send_ref"),
        ({"send_words": "x", "send_ref": "CB-0002", "send_case": "CB-0001"}, "send_ref"),
        ({"send_words": "  ", "send_case": "CB-0001"}, "send_words"),
        ({"send_words": "x" * 3_001, "send_case": "CB-0001"}, "send_words"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(values: dict[str, str], field: str) -> None:
    taken = read_sending(a_submission(**values))
    assert isinstance(taken, Mistakes)
    assert list(taken.by_field) == [field]


@pytest.mark.parametrize(
    "values",
    [{"send_case": "CB-0001"}, {"send_ref": " cb-0001 "}, {"send_case": "CB-0001", "send_ref": "CB-0001"}],
)
def test_a_finding_is_named_in_either_way(values: dict[str, str]) -> None:
    taken = read_sending(a_submission(send_words=" words ", **values))
    assert taken == Taken(form={"words": "words", "author": "Bob", "permalink": None}, ref="CB-0001")
