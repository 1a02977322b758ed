"""The fixtures of this room: a database, a world's clock, a Slack at the wire, an outbox between them."""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from compliance_bot import logs
from compliance_bot.model.delivery import Absent, Done, Effect, Outcome, PlannedEffect, Sighting
from compliance_bot.outbox.effects import plan
from compliance_bot.outbox.lanes import Outbox
from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.slack.client import SlackClient, open_session
from compliance_bot.slack.performer import SlackPerformer
from compliance_bot.slack.webhooks import WebhookSender
from compliance_bot.store.database import Database
from tests.outbox.stage import Scene, WireSlack, a_rulebook, a_slack


class WillingStudio:
    """A performer that answers what it was told to, or else does what it is asked."""

    def __init__(self) -> None:
        self.performed: list[Effect] = []
        self.answers: list[Outcome] = []

    async def perform(self, effect: Effect) -> Outcome:
        """The next answer told; Done when there is none."""
        self.performed.append(effect)
        return self.answers.pop(0) if self.answers else Done(result={"written": True})

    async def find(self, effects: list[Effect]) -> dict[str, Sighting]:
        """Nothing stands in Studio that was not answered."""
        return {effect.key: Absent() for effect in effects}


@pytest.fixture(autouse=True)
def _plain_logs() -> None:
    """Lines of JSON to nowhere: a traceback drawn for a terminal takes seconds."""
    logs.configure("info", stream=io.StringIO(), pretty=False)


@pytest.fixture
def clock() -> WorldClock:
    return WorldClock(start=1_764_000_000.0, rate=100.0)


@pytest.fixture
async def slack(clock: WorldClock) -> AsyncIterator[WireSlack]:
    async with a_slack(clock) as slack:
        yield slack


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def studio() -> WillingStudio:
    return WillingStudio()


@pytest.fixture
async def database(tmp_path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "bot.db")
    yield database
    await database.close()


@pytest.fixture
async def put(database: Database, clock: WorldClock) -> Callable[..., Any]:
    """Plan effects, all in one transaction."""

    async def put(*planned: PlannedEffect) -> None:
        await database.write(lambda tx: [plan(tx, one, clock.now()) for one in planned])

    return put


@pytest.fixture
async def performer(clock: WorldClock, slack: WireSlack) -> AsyncIterator[SlackPerformer]:
    """The hand on that Slack."""
    async with open_session() as session:
        client = SlackClient(
            session=session,
            base_url=slack.url,
            bot_token=lambda: "xoxb-test",
            app_token=lambda: "xapp-test",
            clock=clock,
            timeout=2.0,
        )
        hooks = WebhookSender(session=session, address=slack.hook, timeout=2.0)
        yield SlackPerformer(client=client, hooks=hooks, clock=clock, on_fatal=lambda _failure: None)


@pytest.fixture
async def start(
    database: Database, clock: WorldClock, performer: SlackPerformer, scene: Scene, studio: WillingStudio
) -> AsyncIterator[Callable[..., Outbox]]:
    """Start an outbox on that database; all are stopped in the end."""
    async with contextlib.AsyncExitStack() as stack:

        def start(**changes: Any) -> Outbox:
            rulebook = a_rulebook(**changes.pop("rules", {}))
            given: dict[str, Any] = {
                "database": database,
                "clock": clock,
                "rulebook": lambda: rulebook,
                "handlers": scene.handlers,
                "slack": performer,
                "studio": studio,
                "chance": random.Random(1),  # noqa: S311 - jitter in a test
            }
            outbox = Outbox(**{**given, **changes})
            running = asyncio.create_task(outbox.run())
            stack.push_async_callback(_stop, outbox, running)
            return outbox

        yield start


async def _stop(outbox: Outbox, running: asyncio.Task[None]) -> None:
    await outbox.drain(0.1)
    await running


@pytest.fixture
def state_of(database: Database) -> Callable[[str], Any]:
    """The stored row of an effect, by key."""

    async def state_of(key: str) -> Any:
        return await database.read(lambda tx: tx.one("SELECT * FROM effect WHERE key = ?", (key,)))

    return state_of


@pytest.fixture
def becomes(database: Database) -> Callable[..., Any]:
    """Wait until an effect stands in that state: asked at the pace of the database's own thread."""

    async def becomes(key: str, state: str) -> Any:
        async with asyncio.timeout(20):
            while True:
                row = await database.read(lambda tx: tx.one("SELECT * FROM effect WHERE key = ?", (key,)))
                if row is not None and row["state"] == state:
                    return row
                await database.write(lambda _tx: None)

    return becomes
