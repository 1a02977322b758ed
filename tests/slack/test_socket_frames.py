from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from compliance_bot.slack.connection import Send, WireTimes
from tests.slack.sockets import an_envelope, greet_by_hand
from tests.slack.supervised import Bench


@pytest.mark.parametrize(
    "frame",
    [
        "not JSON",
        "",
        "[1, 2, 3]",
        "null",
        '"hello"',
        '{"type": "envelope_of_next_year"}',
        '{"envelope_id": 7, "type": "interactive"}',
        '{"envelope_id": null}',
        "{" * 100_000,
        "[" * 100_000,
        b"\x00\xff\xfe",
    ],
)
async def test_a_malformed_frame_is_survived(bench: Bench, frame: str | bytes) -> None:
    socket = bench.start()
    await socket.wait_connected()
    there = bench.sockets.standing[0]
    if isinstance(frame, bytes):
        await there.socket.send_bytes(frame)
    else:
        await there.socket.send_str(frame)
    await there.send(an_envelope(1))
    await bench.sockets.until(lambda: there.acks == ["envelope-1"])
    assert len(bench.sockets.opened) == 1


async def test_text_that_is_no_utf_8_is_survived(bench: Bench) -> None:
    socket = bench.start()
    await socket.wait_connected()
    there = bench.sockets.standing[0]
    writer = there.socket._writer
    assert writer is not None
    await writer.send_frame(b'{"envelope_id": "\xff\xfe"}', 1)
    await there.send(an_envelope(1))
    await bench.sockets.until(lambda: there.acks == ["envelope-1"])


async def test_an_envelope_of_five_megabytes_is_taken(bench: Bench) -> None:
    socket = bench.start()
    await socket.wait_connected()
    await bench.sockets.standing[0].send(an_envelope(1, payload={"text": "x" * 5 * 1024 * 1024}))
    await bench.sockets.until(lambda: bench.sockets.acks == ["envelope-1"])


async def test_a_frame_too_large_costs_its_socket_and_nothing_else(bench: Bench) -> None:
    socket = bench.start()
    await socket.wait_connected()
    bench.clock.advance(31.0)
    with suppress(ConnectionError):
        await bench.sockets.standing[0].send(an_envelope(1, payload={"text": "x" * 17 * 1024 * 1024}))
    await bench.sockets.until(lambda: len(bench.sockets.opened) == 2)
    await bench.sockets.opened[1].send(an_envelope(2))
    await bench.sockets.until(lambda: bench.sockets.acks == ["envelope-2"])


async def test_a_handler_that_raises_ends_no_socket(bench: Bench) -> None:
    async def raises_once(envelope: dict[str, Any], send: Send) -> None:
        bench.handle = bench.ack
        raise RuntimeError("a bug of ours")

    bench.handle = raises_once
    socket = bench.start()
    await socket.wait_connected()
    there = bench.sockets.standing[0]
    await there.send(an_envelope(1))
    await there.send(an_envelope(2))
    await bench.sockets.until(lambda: there.acks == ["envelope-2"])


async def test_drain_waits_with_the_sockets_open_for_what_is_in_flight(bench: Bench) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def slow(envelope: dict[str, Any], send: Send) -> None:
        started.set()
        await go_on.wait()
        await bench.ack(envelope, send)

    bench.handle = slow
    socket = bench.start()
    await socket.wait_connected()
    await bench.sockets.standing[0].send(an_envelope(1))
    await started.wait()
    draining = asyncio.create_task(socket.drain(5.0))
    go_on.set()
    assert await draining is True
    await bench.sockets.until(lambda: bench.sockets.acks == ["envelope-1"])
    await socket.close()
    await asyncio.wait_for(bench.sockets.opened[0].closed.wait(), 5)


async def test_drain_gives_up_on_what_hangs(bench: Bench) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def hangs(envelope: dict[str, Any], send: Send) -> None:
        started.set()
        await go_on.wait()

    bench.handle = hangs
    socket = bench.start()
    await socket.wait_connected()
    await bench.sockets.standing[0].send(an_envelope(1))
    await started.wait()
    assert await socket.drain(0.01) is False
    go_on.set()


async def test_a_peer_that_never_answers_the_close_is_left_at_the_deadline(bench: Bench) -> None:
    frozen = asyncio.Event()

    async def never_reads(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await greet_by_hand(reader, writer)
        await frozen.wait()
        writer.close()

    server = await asyncio.start_server(never_reads, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"ws://127.0.0.1:{port}/link/?ticket=frozen"
    bench.sockets.wire.answers["apps.connections.open"] = {"ok": True, "url": url}
    socket = bench.start(times=WireTimes(connect=2.0, close=0.1))
    await socket.wait_connected()
    await asyncio.wait_for(socket.close(), 5)
    frozen.set()
    server.close()
    await server.wait_closed()
    assert not socket.connected
