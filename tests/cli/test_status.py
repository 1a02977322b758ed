from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.control import ControlServer
from compliance_bot.health import Readiness
from compliance_bot.store import rules_used
from compliance_bot.store.database import DATABASE_FILE, Database

from .conftest import Ended

Run = Callable[..., Ended]
RED = Readiness(started=True, degraded=("Studio is away since 09:14.",), ages={"poll": 61.0, "frame": None})


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Answers ``status`` on a control socket, from a thread of its own."""
    monkeypatch.setenv("COMPLIANCE_BOT_STATE", str(tmp_path))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    servers: list[ControlServer] = []

    def start(state: Readiness, *held: Mapping[str, Any]) -> None:
        async def status(params: Mapping[str, Any]) -> Mapping[str, Any]:
            return {**state.as_json(), "counts": {"cases": {"open": 3, "closed": 0}}, "held": list(held)}

        servers.append(ControlServer(state_path=tmp_path, commands={"status": status}))
        asyncio.run_coroutine_threadsafe(servers[-1].start(), loop).result(5)

    yield start
    for server in servers:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_running_daemon_answers_for_itself(command: Run, daemon: Callable[..., None]) -> None:
    daemon(Readiness(started=True, ages={"poll": 4.0}))
    ended = command("status")
    assert ended.code == 0
    assert ended.out.splitlines() == ["Running, all well.", "last poll: 4 s ago", "cases: 3 open"]


def test_a_degraded_daemon_is_told_with_its_reason_and_1(command: Run, daemon: Callable[..., None]) -> None:
    daemon(RED)
    ended = command("status")
    assert ended.code == 1
    assert "Studio is away since 09:14." in ended.out
    assert "last frame: none yet" in ended.out


def test_what_waits_through_quiet_hours_is_told_by_channel(command: Run, daemon: Callable[..., None]) -> None:
    daemon(
        Readiness(started=True), {"channel": "#compliance", "count": 12, "until": "2026-11-25T07:00:00.000Z"}
    )
    said = command("status").out.splitlines()
    assert said[-1] == (
        "waiting for the end of quiet hours: 12 for #compliance until 2026-11-25T07:00:00.000Z"
    )


def test_json_is_one_document_and_nothing_else(command: Run, daemon: Callable[..., None]) -> None:
    daemon(RED)
    told = json.loads(command("status", "--json").out)
    assert told["degraded"] == ["Studio is away since 09:14."]
    assert told["ages"] == {"poll": 61.0, "frame": None}


@pytest.mark.usefixtures("state")
def test_without_a_daemon_the_database_is_counted(command: Run) -> None:
    ended = command("status", "--json")
    assert ended.code == 1
    told = json.loads(ended.out)
    assert told["running"] is False
    assert told["counts"]["record"] == {"events": 0, "audit entries": 0}
    assert told["held"] == []
    assert told["rules"] is None


async def _used(place: Path) -> None:
    database = await Database.open(place / DATABASE_FILE)
    await database.write(lambda tx: rules_used.put_in_force(tx, "ab" * 32, "", 1_764_000_000.0))
    await database.close()


def test_which_rules_were_in_force_last_is_told_without_a_daemon_too(command: Run, state: Path) -> None:
    asyncio.run(_used(state))
    assert "rules abababababab in force since 2025-11-24T16:00:00.000Z" in command("status").out
