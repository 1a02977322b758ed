"""What passes between the page, the world and whoever started the bot."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from compliance_bot.sandbox.page.bot_desk import BotDesk
from compliance_bot.sandbox.page.serving import FILES, page_routes

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application()
    app.add_routes([*page_routes(), *BotDesk().routes()])
    async with TestClient(TestServer(app)) as client:
        yield client


async def order(stream: aiohttp.ClientResponse) -> str:
    return str(json.loads(await stream.content.readline())["order"])


async def test_a_wish_to_kill_reaches_the_supervisor(client: Client) -> None:
    async with client.get("/world/bot/orders") as orders:
        assert await order(orders) == "hello"
        assert (await client.post("/world/bot/kill")).status == 200
        assert await order(orders) == "kill"


async def test_a_world_without_a_supervisor_kills_nothing(client: Client) -> None:
    assert (await client.post("/world/bot/kill")).status == 409
    assert (await (await client.get("/world/bot")).json())["state"] == "absent"


async def test_the_page_is_told_what_the_supervisor_says(client: Client) -> None:
    await client.post("/world/bot", json={"state": "running", "pid": 7})
    told = await (await client.get("/world/bot")).json()
    assert (told["state"], told["pid"], told["supervised"]) == ("running", 7, False)
    assert (await client.post("/world/bot", json={"mood": "fine"})).status == 400


async def test_every_file_of_the_page_is_served_and_may_load_from_the_world_only(client: Client) -> None:
    for path in ("/", *(f"/page/{file.name}" for file in FILES.iterdir())):
        answer = await client.get(path)
        assert answer.status == 200, path
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert (await client.get("/page/../bot_desk.py")).status == 404


def test_the_page_names_no_outside_address() -> None:
    for file in FILES.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, file.name
        assert "https://" not in text.replace("^https://link", ""), file.name
