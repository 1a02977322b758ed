from __future__ import annotations

import socket
from typing import Any

import aiohttp
import pytest

from compliance_bot.errors import Misconfigured
from compliance_bot.health import HealthServer, Readiness

AGES = {"envelope": None, "frame": 0.5, "poll": 12.25, "delivery": 3.0}


async def get(server: HealthServer, page: str) -> tuple[int, str]:
    assert server.address is not None
    host, port = server.address
    async with aiohttp.ClientSession() as session, session.get(f"http://{host}:{port}{page}") as answer:
        return answer.status, await answer.text()


async def told_by(state: Readiness, page: str) -> tuple[int, str]:
    server = HealthServer(listen=("127.0.0.1", 0), readiness=lambda: state)
    await server.start()
    try:
        return await get(server, page)
    finally:
        await server.stop()


async def test_healthz_says_that_the_loop_turns_even_when_degraded() -> None:
    state = Readiness(started=False, degraded=("Studio is away since 09:14.",))
    assert (await told_by(state, "/healthz"))[0] == 200


async def test_readyz_is_green_with_the_ages_of_what_was_last_seen() -> None:
    status, text = await told_by(Readiness(started=True, ages=AGES), "/readyz")
    assert status == 200
    for what, age in AGES.items():
        assert f'"{what}": {"null" if age is None else age}' in text


@pytest.mark.parametrize(
    "state", [{"started": False}, {"started": True, "degraded": ("Studio refuses our token.",)}]
)
async def test_readyz_is_red_while_starting_or_degraded(state: dict[str, Any]) -> None:
    status, text = await told_by(Readiness(**state), "/readyz")
    assert status == 503
    for reason in state.get("degraded", ()):
        assert reason in text


async def test_readyz_shows_no_secret() -> None:
    state = Readiness(started=True, degraded=("Slack said no to xoxb-1-2-canary.",))
    assert "canary" not in (await told_by(state, "/readyz"))[1]


async def test_metrics_carry_the_ages_too() -> None:
    status, text = await told_by(Readiness(started=True, ages=AGES), "/metrics")
    assert status == 200
    assert 'compliance_bot_age_seconds{what="poll"} 12.25' in text
    assert "compliance_bot_ready 1.0" in text


async def test_any_other_page_is_not_there() -> None:
    assert (await told_by(Readiness(started=True), "/"))[0] == 404


async def test_a_port_in_use_is_one_sentence_with_its_mend() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = ("127.0.0.1", taken.getsockname()[1])
        server = HealthServer(listen=listen, readiness=lambda: Readiness(started=True))
        with pytest.raises(Misconfigured, match="free that port"):
            await server.start()


async def test_an_empty_address_switches_the_page_off() -> None:
    server = HealthServer(listen=None, readiness=lambda: Readiness(started=True))
    await server.start()
    assert server.address is None
    await server.stop()
