"""The rules on their way between the page and whoever watches over the bot."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from compliance_bot.sandbox.page import orders
from compliance_bot.sandbox.page.bot_desk import BotDesk

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application()
    app.add_routes(BotDesk().routes())
    async with TestClient(TestServer(app)) as client:
        yield client


async def order(stream: aiohttp.ClientResponse) -> dict[str, object]:
    return json.loads(await stream.content.readline())


async def test_a_question_reaches_the_supervisor_and_its_answer_the_page(client: Client) -> None:
    async with client.get("/world/bot/orders") as stream:
        await order(stream)
        asking = asyncio.create_task(client.post("/world/bot/rules/try", json={"text": "a: 1"}))
        asked = await order(stream)
        assert asked["order"] == "try"
        assert asked["asked"] == {"text": "a: 1"}
        answer = {"number": asked["number"], "answer": {"problems": []}}
        assert (await (await client.post("/world/bot/answers", json=answer)).json())["taken"] is True
        assert await (await asking).json() == {"problems": []}


async def test_an_answer_that_nobody_waits_for_is_dropped(client: Client) -> None:
    answer = await client.post("/world/bot/answers", json={"number": 7, "answer": {}})
    assert (await answer.json())["taken"] is False


async def test_a_world_without_a_supervisor_has_no_rules_to_try_or_save(client: Client) -> None:
    for question in ("try", "save"):
        refused = await client.post(f"/world/bot/rules/{question}", json={"text": ""})
        assert refused.status == 409
        assert "nobody here watches over a bot" in (await refused.json())["error"]
    assert (await (await client.get("/world/bot/rules")).json())["text"] is None


async def test_a_supervisor_that_does_not_answer_keeps_nobody_waiting(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "ANSWERED_WITHIN", 0.01)
    async with client.get("/world/bot/orders") as stream:
        await order(stream)
        refused = await client.post("/world/bot/rules/try", json={"text": ""})
    assert refused.status == 409
    assert "does not answer" in (await refused.json())["error"]


async def test_the_page_learns_by_a_number_that_the_rules_changed(client: Client) -> None:
    before = (await (await client.get("/world/bot")).json())["rules_number"]
    await client.post("/world/bot/rules", json={"text": "a: 1", "hash": "x"})
    assert (await (await client.get("/world/bot")).json())["rules_number"] == before + 1
    told = await (await client.get("/world/bot/rules")).json()
    assert (told["text"], told["hash"], told["number"]) == ("a: 1", "x", before + 1)
    assert (await client.post("/world/bot/rules", json={"mood": "fine"})).status == 400


async def test_another_site_in_the_same_browser_may_neither_save_rules_nor_kill(client: Client) -> None:
    async with client.get("/world/bot/orders") as stream:
        await order(stream)
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        for wish in ("rules/save", "rules/try", "kill"):
            assert (await client.post(f"/world/bot/{wish}", json={}, headers=elsewhere)).status == 403
