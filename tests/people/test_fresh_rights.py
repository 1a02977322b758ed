"""What changed in Slack counts for rights in time: groups within a minute, people within five."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from compliance_bot.config.schema import Action
from compliance_bot.messages.wording import Refusal
from compliance_bot.people.access import Access, Allowed, Refused
from compliance_bot.people.identity import AuditorList
from compliance_bot.slack.client import SlackClient, open_session
from compliance_bot.slack.directory import DirectoryReader
from tests.people.rules_text import rules_of
from tests.slack.wire import APP_TOKEN, BOT_TOKEN, DrivenClock, WireSlack, address

BOB = "U0BOBSMITH"
LEADS = {"id": "SLEADS", "handle": "leads", "name": "Leads"}
RULES = rules_of("access: {resolve: ['@leads'], acknowledge: members}")


def bob(**facts: Any) -> dict[str, Any]:
    """Bob as Slack tells of him."""
    profile = {"display_name": "Bob", "email": "bob@example.com"}
    return {"id": BOB, "name": "bob", "team_id": "T0DEMO1", "profile": profile, **facts}


class Desk:
    """A Slack at the wire, whose time a test drives, and who may do what by it."""

    def __init__(self, slack: WireSlack, clock: DrivenClock, directory: DirectoryReader) -> None:
        self.slack = slack
        self.clock = clock
        self.directory = directory
        self.is_so(members=[BOB])
        people = directory.people
        self.access = Access(
            rules=lambda: RULES,
            directory=lambda: directory.snapshot,
            person=lambda person, age: people.person(person, max_age=age),
            group_members=lambda group, age: people.group_members(group, max_age=age),
            person_by_email=directory.person_by_email,
            auditors=self._no_auditors,
            now=clock.now,
        )

    async def _no_auditors(self) -> AuditorList:
        return AuditorList()

    def is_so(self, members: list[str] | None = None, **facts: Any) -> None:
        """From now on this is how things are in Slack; nobody tells us."""
        self.slack.answers["users.info"] = {"ok": True, "user": bob(**facts)}
        self.slack.answers["users.list"] = {"ok": True, "members": [bob(**facts)]}
        if members is not None:
            self.slack.answers["usergroups.users.list"] = {"ok": True, "users": members}

    async def refusal(self, action: Action) -> Refusal | None:
        """Why Bob may not; None where he may."""
        verdict = await self.access.ask(BOB, action)
        assert isinstance(verdict, Allowed | Refused)
        return verdict.refusal if isinstance(verdict, Refused) else None


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Bob is a member and a lead, and that is known."""
    slack, clock = WireSlack(), DrivenClock()
    slack.answers["auth.test"] = {
        "ok": True,
        "team_id": "T0DEMO1",
        "team": "Demo",
        "user_id": "U0BOT0001",
        "bot_id": "B0BOT0001",
    }
    slack.answers["conversations.list"] = {"ok": True, "channels": []}
    slack.answers["usergroups.list"] = {"ok": True, "usergroups": [LEADS]}
    application = web.Application()
    application.router.add_post("/api/{method}", slack.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.url = address(runner) + "/api/"
    async with open_session() as session:
        client = SlackClient(
            session=session,
            base_url=slack.url,
            bot_token=lambda: BOT_TOKEN,
            app_token=lambda: APP_TOKEN,
            clock=clock,
        )
        desk = Desk(slack, clock, DirectoryReader(client=client, clock=clock))
        await desk.directory.refresh()
        assert await desk.refusal("resolve") is None
        assert await desk.refusal("acknowledge") is None
        yield desk
    await runner.cleanup()


async def test_who_left_the_group_is_refused_within_a_minute(desk: Desk) -> None:
    desk.is_so(members=[])
    desk.clock.advance(60.1)
    assert await desk.refusal("resolve") is Refusal.NOT_LISTED


async def test_who_left_the_group_is_refused_at_once_where_slack_tells(desk: Desk) -> None:
    desk.is_so(members=[])
    await desk.directory.on_event("subteam_members_changed", {"subteam_id": "SLEADS"})
    assert await desk.refusal("resolve") is Refusal.NOT_LISTED


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [({"deleted": True}, Refusal.DEACTIVATED), ({"is_restricted": True}, Refusal.GUEST)],
)
async def test_who_was_deactivated_or_made_a_guest_is_refused_within_five_minutes(
    desk: Desk, facts: dict[str, Any], refusal: Refusal
) -> None:
    desk.is_so(**facts)
    desk.clock.advance(300.1)
    assert await desk.refusal("acknowledge") is refusal


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [({"deleted": True}, Refusal.DEACTIVATED), ({"is_ultra_restricted": True}, Refusal.GUEST)],
)
async def test_and_at_once_where_slack_tells(desk: Desk, facts: dict[str, Any], refusal: Refusal) -> None:
    await desk.directory.on_event("user_change", {"user": bob(**facts)})
    assert await desk.refusal("acknowledge") is refusal


async def test_what_slack_tells_while_it_is_asked_counts_before_the_older_answer(desk: Desk) -> None:
    desk.clock.advance(301.0)

    async def tell_meanwhile(_call: Any) -> dict[str, Any]:
        desk.clock.advance(1.0)
        await desk.directory.on_event("user_change", {"user": bob(deleted=True)})
        return {"ok": True, "user": bob()}

    desk.slack.answers["users.info"] = tell_meanwhile
    assert await desk.refusal("acknowledge") is Refusal.DEACTIVATED


async def test_while_slack_cannot_say_nobody_may_and_what_was_known_does_not_count(desk: Desk) -> None:
    desk.slack.answers["users.info"] = {"ok": False, "error": "internal_error"}
    desk.clock.advance(300.1)
    assert await desk.refusal("acknowledge") is Refusal.UNKNOWN


async def test_whom_slack_never_told_of_is_looked_up_once(desk: Desk) -> None:
    desk.slack.calls.clear()
    verdict = await desk.access.ask("U0NEWCOMER", "acknowledge")
    assert isinstance(verdict, Allowed)
    assert len(desk.slack.of("users.info")) == 1


async def test_who_presses_from_another_workspace_is_a_stranger_before_slack_is_asked(desk: Desk) -> None:
    desk.directory.people.heard("U0PARTNER", "T0PARTNER")
    desk.slack.calls.clear()
    verdict = await desk.access.ask("U0PARTNER", "acknowledge")
    assert isinstance(verdict, Refused)
    assert verdict.refusal is Refusal.STRANGER
    assert desk.slack.calls == []


async def test_who_presses_from_our_own_workspace_is_who_slack_says(desk: Desk) -> None:
    desk.directory.people.heard(BOB, "T0PARTNER")
    desk.directory.people.heard(BOB, "T0DEMO1")
    assert await desk.refusal("acknowledge") is None
