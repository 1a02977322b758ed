"""The reading half of the house on a real database, before an embedded Studio, with time in our hand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from compliance_bot.app.studio_side import studio_client
from compliance_bot.cases.moment import Moment
from compliance_bot.config.settings import read_settings
from compliance_bot.jobs.naps import Naps
from compliance_bot.jobs.poll import Poller
from compliance_bot.jobs.projects import FindingProjects
from compliance_bot.jobs.reading import Reading
from compliance_bot.jobs.troubles import Troubles
from compliance_bot.jobs.walks import Walker
from compliance_bot.rulebook import Rulebook
from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.sandbox.faults import Fault, Faults
from compliance_bot.sandbox.studio.world import StudioWorld
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.transport import open_session
from tests.cases.stage import a_directory, rules_saying, shipped

START = 1_795_493_326.0
LIST = "GET /api/findings"
DETAIL = "GET /api/findings/{id}"


@dataclass(kw_only=True)
class Town:
    """The world outside: a Studio on a clock that stands still until a test moves it."""

    world: StudioWorld
    faults: Faults
    clock: WorldClock
    url: str
    session: aiohttp.ClientSession
    path: Path

    def lay(self, call: str, **how: Any) -> Fault:
        """Lay a fault on one route."""
        return self.faults.lay(Fault(call=call, **how))


@dataclass(kw_only=True)
class Reader:
    """One life of the reading process; ``tasks`` end with it."""

    town: Town
    database: Database
    in_force: list[Rulebook]
    """Every rulebook so far; the last is in force."""
    poller: Poller
    walker: Walker
    troubles: Troubles
    naps: Naps
    waits: dict[Purpose, float]
    """Until when each purpose waits for room in the hour's calls."""
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    def start(self, *work: Any) -> None:
        """Run these until the process ends."""
        self.tasks += [asyncio.create_task(one) for one in work]

    async def kill(self) -> None:
        """End the process wherever it is."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.database.close()

    async def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """What the database says."""
        return [dict(row) for row in await self.database.read(lambda tx: tx.all(sql, values))]

    def reload(self, rules: str) -> None:
        """Other rules are in force from now on."""
        self.in_force.append(rules_saying(rules))
        self.naps.rules_changed()

    async def until(self, ask: Callable[[Transaction], Any]) -> Any:
        """Wait until that is so in the database, asked at the pace of its own thread."""
        async with asyncio.timeout(60):
            while not (answer := await self.database.read(ask)):
                failed = [task.exception() for task in self.tasks if task.done() and not task.cancelled()]
                assert not any(failed), failed
                await self.database.write(lambda _tx: None)
        return answer

    async def until_walked(self, number: int) -> None:
        """Wait until that walk was concluded: it counted, and who is missing was noted."""

        def concluded(tx: Transaction) -> Any:
            return tx.one(
                "SELECT 1 FROM cursor w JOIN cursor v ON v.name = 'vanished:finding'"
                " WHERE w.name = 'walk:finding' AND w.value ->> 'number' >= ?"
                " AND w.value ->> 'finished' = 1 AND v.moved_at >= w.value ->> 'started_at'",
                (number,),
            )

        await self.until(concluded)

    async def events(self) -> list[tuple[str, str]]:
        """Every event as (finding, change)."""
        rows = await self.rows(
            "SELECT studio_id, change FROM event JOIN object ON object.id = object_id ORDER BY event.id"
        )
        return [(row["studio_id"], row["change"]) for row in rows]

    async def notices(self) -> list[str]:
        """What the operations channel is told."""
        rows = await self.rows("SELECT intent ->> 'text' AS text FROM effect WHERE kind = 'notice'")
        return [row["text"] for row in rows]


async def a_reader(town: Town, rules: str | None = None) -> Reader:
    """A process that reads this town's Studio; whatever ran before on the same file is found again."""
    database = await Database.open(town.path / "bot.db")
    in_force = [shipped() if rules is None else rules_saying(rules)]

    def moment() -> Moment:
        return Moment(now=town.clock.now(), rulebook=in_force[-1], directory=a_directory())

    waits: dict[Purpose, float] = {}
    studio = studio_client(
        read_settings(_environ(town.url)),
        rules=lambda: in_force[-1].rules,
        session=town.session,
        clock=town.clock,
        database=database,
        waits=waits,
    )
    naps = Naps(clock=town.clock)
    troubles = Troubles(database=database, clock=town.clock)
    await troubles.recall()
    projects = FindingProjects(studio=studio, clock=town.clock)
    reading = Reading(database=database, moment=moment, projects=projects)
    parts: Mapping[str, Any] = {
        "studio": studio,
        "reading": reading,
        "database": database,
        "clock": town.clock,
        "rules": lambda: in_force[-1].rules,
        "troubles": troubles,
        "naps": naps,
    }
    return Reader(
        town=town,
        database=database,
        in_force=in_force,
        poller=Poller(**parts),
        walker=Walker(**parts, moment=moment),
        troubles=troubles,
        naps=naps,
        waits=waits,
    )


def _environ(url: str) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": "xoxb-1-test",
        "SLACK_APP_TOKEN": "xapp-1-test",
        "STUDIO_URL": url,
        "STUDIO_TOKEN_AUDITOR": "studio-auditor-token",
        "STUDIO_TOKEN_MANAGER": "studio-manager-token",
    }


@contextlib.asynccontextmanager
async def a_town(path: Path) -> AsyncIterator[Town]:
    """An empty Studio on loopback."""
    clock = WorldClock(start=START, rate=0.0)
    faults = Faults()
    world = StudioWorld(clock=clock, faults=faults)
    world.empty()
    app = web.Application()
    app.add_routes(world.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/studio"
    async with open_session() as session:
        yield Town(world=world, faults=faults, clock=clock, url=url, session=session, path=path)
    faults.lift_all()
    await runner.cleanup()
