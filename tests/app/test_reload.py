"""A reload is recorded and swapped whole, or changes nothing and says why."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import logging
import os
import shutil
import signal
import socket
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from compliance_bot import logs
from compliance_bot.app.reload import TROUBLE, Reloader, Requests, log_level
from compliance_bot.audit import verify
from compliance_bot.config.places import packaged_place
from compliance_bot.errors import NotRecorded
from compliance_bot.jobs.troubles import Troubles
from compliance_bot.rulebook import Rulebook, compile_rulebook
from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.store import rules_used
from compliance_bot.store.database import Database
from tests.cases.stage import START, a_directory

GOOD = "studio: {poll_interval: 2m}\n"
OTHER = "studio: {poll_interval: 5m}\n"
BAD = 'studio: {poll_interval: "soon"}\nslack_config: {default_channel: "No Channel"}\n'


@dataclass
class Desk:
    """A reloader with its two files, its database, and what it did to the house."""

    place: Path
    database: Database
    clock: WorldClock
    troubles: Troubles
    requests: Requests
    rulebook: Rulebook
    swaps: list[str] = field(default_factory=list)
    settled: int = 0
    refusals: int = 0
    """How many times settling is to be refused by the database."""

    def swap(self, rulebook: Rulebook) -> None:
        """As the house does it."""
        self.rulebook = rulebook
        self.swaps.append(rulebook.hash)

    async def settle(self) -> None:
        """As the house does it, where the database takes it."""
        if self.refusals:
            self.refusals -= 1
            raise NotRecorded("full")
        self.settled += 1

    def write(self, text: str) -> None:
        """Edit rules.yaml."""
        (self.place / "rules.yaml").write_text(text)

    def reloader(self) -> Reloader:
        """A reloader of this desk."""
        return Reloader(
            paths=(self.place / "rules.yaml", self.place / "templates"),
            database=self.database,
            clock=self.clock,
            troubles=self.troubles,
            requests=self.requests,
            rulebook=lambda: self.rulebook,
            swap=self.swap,
            settle=self.settle,
            directory=a_directory,
        )

    async def notices(self) -> list[str]:
        """What the operations channel is told."""
        rows = await self.database.read(lambda tx: tx.all("SELECT intent FROM effect ORDER BY id"))
        return [json.loads(row["intent"])["text"].replace("\u200b", "") for row in rows]

    async def audited(self) -> list[dict]:
        """The facts of every reload in the audit chain."""
        rows = await self.database.read(lambda tx: tx.all("SELECT body FROM audit ORDER BY seq"))
        bodies = [json.loads(row["body"]) for row in rows]
        return [body["facts"] for body in bodies if body["kind"] == "rules.reloaded"]


@pytest.fixture(autouse=True)
def lines():
    """The log, as text."""
    stream = io.StringIO()
    logs.configure("info", stream=stream, pretty=False)
    return stream


@pytest.fixture
async def desk(tmp_path):
    shutil.copytree(packaged_place("templates"), tmp_path / "templates")
    (tmp_path / "rules.yaml").write_text(GOOD)
    database = await Database.open(tmp_path / "bot.db")
    clock = WorldClock(start=START, rate=0.0)
    yield Desk(
        place=tmp_path,
        database=database,
        clock=clock,
        troubles=Troubles(database=database, clock=clock),
        requests=Requests(),
        rulebook=compile_rulebook(tmp_path / "rules.yaml", tmp_path / "templates")[0],
    )
    await database.close()


async def test_a_good_file_is_audited_announced_and_swapped(desk):
    before = desk.rulebook.hash
    reloader = desk.reloader()
    await reloader.arrive()
    await desk.clock.jump(60.0)
    desk.write(OTHER)
    await reloader.reload()
    assert desk.swaps == [desk.rulebook.hash] != [before]
    assert await desk.audited() == [
        {"from": before, "to": desk.rulebook.hash, "count": 1, "changed": ["studio.poll_interval"]}
    ]
    (notice,) = await desk.notices()
    assert "• studio.poll_interval: 2m → 5m" in notice
    assert "They count for what happens from now on; what was told stays where it is." in notice
    known = await desk.database.read(rules_used.in_force)
    assert (known.hash, known.since) == (desk.rulebook.hash, START + 60.0)
    assert (await desk.database.read(lambda tx: verify.verify(tx, None))).as_json()["whole"]


async def test_an_unchanged_file_is_one_line_of_the_log(desk, lines):
    reloader = desk.reloader()
    await reloader.reload()
    said = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [one["event"] for one in said] == ["rules.unchanged"]
    assert (desk.swaps, await desk.notices(), await desk.audited()) == ([], [], [])


async def test_a_bad_file_changes_nothing_and_is_said_in_the_log_the_page_and_the_channel(desk, lines):
    reloader, before = desk.reloader(), desk.rulebook
    desk.write(BAD)
    await reloader.reload()
    assert desk.rulebook is before
    assert "rules.yaml:1:25 studio.poll_interval: must be a duration" in desk.troubles.known[TROUBLE]
    assert "(and 1 more: compliance-bot validate)" in desk.troubles.known[TROUBLE]
    (notice,) = await desk.notices()
    assert notice.startswith("The new rules are refused, and the old ones stay in force: rules.yaml:1:25")
    (refused,) = [one for one in map(json.loads, lines.getvalue().splitlines()) if one["level"] == "error"]
    assert refused["event"] == "rules.refused"
    assert len(refused["problems"]) == 2


async def test_the_same_bad_file_is_said_once_and_another_one_again(desk):
    reloader = desk.reloader()
    desk.write(BAD)
    await reloader.reload()
    await reloader.reload()
    assert len(await desk.notices()) == 1
    await desk.clock.jump(1.0)
    desk.write("grouping: {threshold: many}\n")
    await reloader.reload()
    assert len(await desk.notices()) == 2
    assert "grouping.threshold" in desk.troubles.known[TROUBLE]


@pytest.mark.parametrize("mend", [GOOD, OTHER], ids=["as it was", "with other rules"])
async def test_a_file_that_is_mended_ends_the_complaint(desk, mend):
    reloader = desk.reloader()
    desk.write(BAD)
    await reloader.reload()
    desk.write(mend)
    await reloader.reload()
    assert TROUBLE not in desk.troubles.known
    assert len(await desk.notices()) == 2


async def test_a_broken_template_refuses_the_whole(desk):
    template = desk.place / "templates" / "digest.json.j2"
    template.write_text(template.read_text()[:-9])
    desk.write(OTHER)
    await desk.reloader().reload()
    assert desk.swaps == []
    assert "digest.json.j2" in desk.troubles.known[TROUBLE]


async def test_a_changed_template_is_a_difference_by_its_name(desk):
    template = desk.place / "templates" / "critical_alert.json.j2"
    template.write_text(template.read_text() + "\n")
    await desk.reloader().reload()
    assert (await desk.audited())[0]["changed"] == ["templates/critical_alert"]


async def test_no_file_at_all_changes_nothing(desk):
    (desk.place / "rules.yaml").unlink()
    await desk.reloader().reload()
    assert desk.swaps == []
    assert "cannot be read" in desk.troubles.known[TROUBLE]


async def test_a_secret_in_the_file_is_named_nowhere(desk, lines):
    desk.write("slack_config: {bot_token: xoxb-1234567890-abcdefghijkl}\n")
    await desk.reloader().reload()
    said = f"{desk.troubles.known} {await desk.notices()} {lines.getvalue()}"
    assert TROUBLE in desk.troubles.known
    assert "abcdefghijkl" not in said


async def test_whatever_goes_wrong_in_a_build_the_bot_lives_with_the_rules_it_has(desk, monkeypatch):
    def fails(*_paths):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("compliance_bot.app.reload.compile_rulebook", fails)
    await desk.reloader().reload()
    assert desk.swaps == []
    assert "could not be built (RuntimeError)" in desk.troubles.known[TROUBLE]


async def test_a_burst_of_requests_ends_with_the_last_file_one_build_at_a_time(desk):
    reloader = desk.reloader()
    running = asyncio.create_task(reloader.run())
    for minutes in range(3, 23):
        desk.write(f"studio: {{poll_interval: {minutes}m}}\n")
        desk.requests.ask()
        await asyncio.sleep(0)
    async with asyncio.timeout(30):
        while desk.rulebook.rules.studio.poll_interval != 22 * 60:
            await desk.database.write(lambda _tx: None)
    await ended(running)
    assert len(desk.swaps) < 20
    chain = await desk.audited()
    assert [one["to"] for one in chain] == desk.swaps
    assert all(later["from"] == earlier["to"] for earlier, later in itertools.pairwise(chain))


async def test_what_the_database_refuses_to_settle_is_settled_when_it_takes_it(desk):
    desk.refusals = 1
    reloader = desk.reloader()
    with pytest.raises(NotRecorded):
        await reloader.run()
    running = asyncio.create_task(reloader.run())
    await asyncio.sleep(0)
    await ended(running)
    assert desk.settled == 1


async def test_a_start_with_the_same_rules_keeps_since_when_they_are_in_force(desk):
    first = desk.reloader()
    await first.arrive()
    await desk.clock.jump(3600.0)
    second = desk.reloader()
    await second.arrive()
    assert second.in_force_since == START


async def test_a_start_with_other_rules_is_announced_like_a_reload(desk):
    before = desk.rulebook.hash
    await desk.reloader().arrive()
    desk.write(OTHER)
    desk.rulebook, _ = compile_rulebook(desk.place / "rules.yaml", desk.place / "templates")
    await desk.reloader().arrive()
    await desk.reloader().arrive()
    assert await desk.audited() == [
        {"from": before, "to": desk.rulebook.hash, "count": 1, "changed": ["studio.poll_interval"]}
    ]
    (notice,) = await desk.notices()
    assert "studio.poll_interval: 2m → 5m" in notice


async def test_a_start_with_another_template_is_announced(desk):
    await desk.reloader().arrive()
    template = desk.place / "templates" / "critical_alert.json.j2"
    template.write_text(template.read_text() + "\n")
    desk.rulebook, _ = compile_rulebook(desk.place / "rules.yaml", desk.place / "templates")
    await desk.reloader().arrive()
    assert (await desk.audited())[0]["changed"] == ["templates"]


async def test_what_was_refused_before_a_start_is_over_with_it(desk):
    reloader = desk.reloader()
    desk.write(BAD)
    await reloader.reload()
    again = Troubles(database=desk.database, clock=desk.clock)
    await again.recall()
    desk.troubles = again
    await desk.reloader().arrive()
    assert TROUBLE not in again.known


async def test_systemd_is_told_that_a_reload_begins_and_ends(desk, tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        desk.write(BAD)
        await desk.reloader().reload()
        begun, *clock = line.recv(200).decode().split("\n")
        assert begun == "RELOADING=1"
        assert clock[0].removeprefix("MONOTONIC_USEC=").isdigit()
        assert line.recv(200) == b"READY=1"


async def test_a_sighup_before_there_is_a_loop_is_kept_for_it():
    kept = signal.getsignal(signal.SIGHUP)
    loop = asyncio.get_running_loop()
    try:
        requests = Requests()
        requests.remember_early()
        os.kill(os.getpid(), signal.SIGHUP)
        requests.listen(loop)
        await asyncio.wait_for(requests.next(), 10)
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.wait_for(requests.next(), 10)
        requests.ignore(loop)
        os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, kept)


def test_the_level_of_the_log_is_that_of_debug_config_while_it_is_enabled(tmp_path):
    (tmp_path / "rules.yaml").write_text("debug_config: {enabled: true, log_level: debug}\n")
    rulebook, _ = compile_rulebook(tmp_path / "rules.yaml", packaged_place("templates"))
    assert log_level(rulebook.rules) == "debug"
    assert log_level(type(rulebook.rules)()) == "info"
    logs.set_level("debug")
    assert logging.getLogger("compliance_bot").level == logging.DEBUG


async def ended(task):
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
