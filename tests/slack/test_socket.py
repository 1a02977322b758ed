from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from compliance_bot.slack.backoff import long_pause, pause
from compliance_bot.slack.connection import WireTimes
from compliance_bot.slack.socket import Alarm
from tests.slack.sockets import an_envelope
from tests.slack.supervised import QUICK, Bench
from tests.slack.wire import DrivenClock, WireSlack, address, serve


async def test_two_sockets_are_opened_one_after_the_other(bench: Bench) -> None:
    socket = await bench.start_two()
    assert (socket.connected, socket.sockets, socket.app_id) == (True, 2, "A0DEMO001")
    assert len(bench.sockets.opened) == 2


async def test_an_envelope_is_acked_on_the_socket_it_came_by(bench: Bench) -> None:
    await bench.start_two()
    first, second = bench.sockets.standing
    for number in range(20):
        await (first if number % 2 else second).send(an_envelope(number))
    await bench.sockets.until(lambda: len(bench.sockets.acks) == 20)
    assert sorted(first.acks) == sorted(f"envelope-{number}" for number in range(1, 20, 2))
    assert sorted(second.acks) == sorted(f"envelope-{number}" for number in range(0, 20, 2))


async def test_the_ages_of_the_last_envelope_and_frame_are_known(bench: Bench, clock: DrivenClock) -> None:
    socket = bench.start()
    await socket.wait_connected()
    assert (socket.last_envelope_at, socket.last_frame_at) == (None, clock.now())
    clock.advance(7.0)
    await bench.sockets.standing[0].send(an_envelope(1))
    await bench.sockets.until(lambda: len(bench.sockets.acks) == 1)
    assert socket.last_envelope_at == socket.last_frame_at == clock.now()


@pytest.mark.parametrize("status", [503, 404, 200])
async def test_a_failed_handshake_is_tried_again_with_a_ticket_of_its_own(bench: Bench, status: int) -> None:
    bench.sockets.statuses = [status, status]
    socket = bench.start()
    for seconds in (0.5, 1.0):
        assert await bench.clock.until_asleep() == seconds
        bench.clock.advance(seconds)
        await bench.sockets.until_tried(1 + round(seconds * 2))
    await asyncio.wait_for(socket.wait_connected(), 5)
    assert len(set(bench.sockets.tries)) == 3


async def test_a_refused_ticket_is_asked_for_again(bench: Bench, slack: WireSlack) -> None:
    opens = slack.answers["apps.connections.open"]
    slack.answers["apps.connections.open"] = lambda _: web.Response(status=503, text="<html>")
    socket = bench.start()
    assert await bench.clock.until_asleep() == 0.5
    slack.answers["apps.connections.open"] = opens
    bench.clock.advance(0.5)
    await asyncio.wait_for(socket.wait_connected(), 5)
    assert len(slack.of("apps.connections.open")) == 2


async def test_a_server_that_never_greets_is_given_up_at_the_deadline(bench: Bench) -> None:
    silent = asyncio.Event()

    async def say_nothing(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        silent.set()
        await socket.receive()
        return socket

    runner = await serve(say_nothing)
    opens = bench.sockets.wire.answers["apps.connections.open"]
    url = address(runner).replace("http", "ws") + "/link/?ticket=mute"
    bench.sockets.wire.answers["apps.connections.open"] = {"ok": True, "url": url}
    socket = bench.start(times=WireTimes(connect=0.1, close=0.1))
    await silent.wait()
    assert await bench.clock.until_asleep() == 0.5
    bench.sockets.wire.answers["apps.connections.open"] = opens
    bench.clock.advance(0.5)
    await asyncio.wait_for(socket.wait_connected(), 5)
    await runner.cleanup()


async def test_a_half_open_socket_is_noticed_and_replaced(bench: Bench) -> None:
    bench.sockets.mute = True
    socket = bench.start(times=QUICK)
    await bench.clock.until_asleep()
    bench.sockets.mute = False
    bench.clock.advance(30.0)
    await bench.sockets.until(lambda: len(bench.sockets.opened) >= 2)
    await asyncio.wait_for(socket.wait_connected(), 5)


async def test_pongs_alone_keep_a_quiet_socket(bench: Bench) -> None:
    socket = bench.start(times=QUICK)
    await bench.sockets.until(lambda: bool(bench.sockets.opened) and bench.sockets.opened[0].pings > 15)
    assert socket.connected
    assert len(bench.sockets.opened) == 1


async def test_slacks_own_ping_is_answered(bench: Bench) -> None:
    socket = bench.start()
    await socket.wait_connected()
    await bench.sockets.standing[0].socket.ping(b"still there?")
    await bench.sockets.standing[0].send(an_envelope(1))
    await bench.sockets.until(lambda: bench.sockets.acks == ["envelope-1"])


async def test_too_many_sockets_means_one_try_a_minute_and_an_alarm(bench: Bench) -> None:
    crowded = {"type": "disconnect", "reason": "too_many_websockets", "num_connections": 11}
    bench.sockets.first_frames = [dict(crowded) for _ in range(4)]
    bench.start()
    for tried in range(1, 5):
        await bench.sockets.until_tried(tried)
        assert await bench.clock.until_asleep() >= 60.0
        bench.clock.advance(59.0)
        await asyncio.sleep(0)
        assert len(bench.sockets.tries) == tried
        bench.clock.advance(61.0)
    await bench.sockets.until(lambda: len(bench.sockets.standing) == 1)
    assert bench.alarms == [Alarm.TOO_MANY_CONNECTIONS] * 4


async def test_two_lines_told_of_too_many_sockets_take_turns_a_minute_apart(bench: Bench) -> None:
    await bench.start_two()
    crowded = {"type": "disconnect", "reason": "too_many_websockets"}
    for each in bench.sockets.standing:
        await each.send(crowded)
    await bench.clock.until_asleep(lambda seconds: seconds >= 120.0)
    assert sorted(bench.clock.sleeping) == [60.0, 120.0]


async def test_socket_mode_switched_off_is_an_alarm_and_tried_rarely(bench: Bench) -> None:
    socket = bench.start()
    await socket.wait_connected()
    await bench.sockets.standing[0].send({"type": "disconnect", "reason": "link_disabled"})
    assert await bench.clock.until_asleep() >= 60.0
    assert bench.alarms == [Alarm.SOCKET_MODE_OFF]
    assert not socket.connected


async def test_a_refused_app_token_is_an_alarm_and_tried_rarely(bench: Bench, slack: WireSlack) -> None:
    slack.answers["apps.connections.open"] = {"ok": False, "error": "invalid_auth"}
    bench.start()
    assert await bench.clock.until_asleep() >= 60.0
    assert bench.alarms == [Alarm.APP_TOKEN_REFUSED]


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "a_reason_of_next_year"])
async def test_the_new_socket_stands_before_the_old_one_is_closed(bench: Bench, reason: str) -> None:
    socket = bench.start()
    await socket.wait_connected()
    bench.clock.advance(31.0)
    old = bench.sockets.standing[0]
    await old.send({"type": "disconnect", "reason": reason})
    await bench.sockets.until(lambda: len(bench.sockets.opened) == 2)
    assert bench.sockets.standing[0] is old
    await old.send(an_envelope(1))
    await bench.sockets.until(lambda: old.acks == ["envelope-1"])
    await asyncio.wait_for(old.closed.wait(), 5)
    assert socket.connected


async def test_four_hundred_envelopes_around_two_refreshes_are_all_acked(bench: Bench) -> None:
    await bench.start_two(times=WireTimes(linger=3.0))
    bench.clock.advance(31.0)
    first, second = bench.sockets.standing
    for number in range(400):
        standing = bench.sockets.standing
        await standing[number % len(standing)].send(an_envelope(number))
        if number in (100, 250):
            held = bench.sockets.held = asyncio.Event()
            to_refresh = first if number == 100 else second
            await to_refresh.send({"type": "disconnect", "reason": "refresh_requested"})
        if number in (150, 300):
            held.set()
            await bench.sockets.until_opened(3 if number == 150 else 4)
    await bench.sockets.until(lambda: len(bench.sockets.acks) == 400)
    assert set(bench.sockets.acks) == {f"envelope-{number}" for number in range(400)}


async def test_a_storm_of_refreshes_is_met_with_growing_pauses(bench: Bench) -> None:
    bench.sockets.first_frames = [{"type": "disconnect", "reason": "refresh_requested"}] * 5
    bench.start()
    pauses = []
    for _ in range(5):
        seconds = await bench.clock.until_asleep()
        pauses.append(seconds)
        bench.clock.advance(seconds)
        await bench.sockets.until_tried(len(pauses) + 1)
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_the_pause_grows_to_half_a_minute_and_jitter_only_shortens_it() -> None:
    assert [pause(failures, 0.0) for failures in (0, 1, 2, 7, 8, 1000)] == [0.0, 0.5, 1.0, 30.0, 30.0, 30.0]
    assert pause(3, 0.999) >= 1.0
    assert 60.0 <= long_pause(60.0, 0.999) <= 75.0


async def test_a_foreign_connection_raises_the_alarm(bench: Bench) -> None:
    bench.sockets.num_connections = 5
    socket = bench.start()
    await socket.wait_connected()
    assert (bench.alarms, socket.num_connections) == ([Alarm.FOREIGN_CONNECTION], 5)


async def test_our_own_connections_raise_no_alarm(bench: Bench) -> None:
    await bench.start_two()
    assert bench.alarms == []
