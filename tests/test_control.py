from __future__ import annotations

import asyncio
import socket
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from compliance_bot import control
from compliance_bot.errors import UserMistake


async def echo(params: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"heard": params}


async def mistake(params: Mapping[str, Any]) -> Mapping[str, Any]:
    raise UserMistake("there is no such finding; say status to see them")


async def fault(params: Mapping[str, Any]) -> Mapping[str, Any]:
    raise RuntimeError("xoxb-1-canary")


def a_server(state_path: Path) -> control.ControlServer:
    return control.ControlServer(
        state_path=state_path, commands={"echo": echo, "mistake": mistake, "fault": fault}
    )


async def ask(state_path: Path, command: str, **params: Any) -> dict[str, Any] | None:
    return await asyncio.to_thread(control.ask, state_path, command, params)


async def test_a_question_is_answered_by_the_daemon(tmp_path: Path) -> None:
    server = a_server(tmp_path)
    await server.start()
    assert await ask(tmp_path, "echo", words="ä" * 100_000) == {"heard": {"words": "ä" * 100_000}}
    await server.stop()


async def test_the_socket_is_for_its_owner_alone_and_leaves_with_the_daemon(tmp_path: Path) -> None:
    server = a_server(tmp_path)
    await server.start()
    assert stat.S_IMODE((tmp_path / "control.sock").stat().st_mode) == 0o600
    await server.stop()
    assert not (tmp_path / "control.sock").exists()


async def test_a_path_longer_than_the_kernel_allows_works(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 100) / ("b" * 100)
    deep.mkdir(parents=True)
    server = a_server(deep)
    await server.start()
    assert await ask(deep, "echo") == {"heard": {}}
    await server.stop()


def test_without_a_daemon_there_is_no_answer(tmp_path: Path) -> None:
    assert control.ask(tmp_path, "echo") is None
    assert control.ask(tmp_path / "missing", "echo") is None


async def test_a_socket_left_over_by_a_killed_daemon_counts_as_none_and_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(tmp_path / "control.sock"))
    assert await ask(tmp_path, "echo") is None
    server = a_server(tmp_path)
    await server.start()
    assert await ask(tmp_path, "echo") == {"heard": {}}
    await server.stop()


async def test_a_refusal_arrives_as_its_sentence(tmp_path: Path) -> None:
    server = a_server(tmp_path)
    await server.start()
    with pytest.raises(control.ControlRefused, match="there is no such finding"):
        await ask(tmp_path, "mistake")
    with pytest.raises(control.ControlRefused, match="does not know this command"):
        await ask(tmp_path, "dance")
    await server.stop()


async def test_a_fault_arrives_as_a_reference_without_its_words(tmp_path: Path) -> None:
    server = a_server(tmp_path)
    await server.start()
    with pytest.raises(control.ControlRefused, match=r"log says more under [0-9a-f]{8}") as refused:
        await ask(tmp_path, "fault")
    assert "canary" not in str(refused.value)
    await server.stop()


@pytest.mark.parametrize(
    "line", [b"\n", b"[]\n", b"{}\n", b"nonsense\n", b'{"command": []}\n', b"x" * (2 << 20) + b"\n"]
)
async def test_a_broken_question_is_refused_and_the_daemon_goes_on(tmp_path: Path, line: bytes) -> None:
    server = a_server(tmp_path)
    await server.start()
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "control.sock"))
    writer.write(line)
    assert b'"ok": false' in await reader.readline()
    writer.close()
    assert await ask(tmp_path, "echo") == {"heard": {}}
    await server.stop()
