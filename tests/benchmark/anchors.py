"""What the machine itself can do in the same run: a commit, a bare client, the peer's own ceiling."""

import asyncio
import json
import sqlite3
import time
from urllib.parse import urlsplit

import aiohttp

from tests.benchmark.light_slack import CHANNEL_IDS
from tests.benchmark.spread import spread

MESSAGE = {
    "text": ":white_check_mark: HIGH: Public bucket evidence-archive",
    "channel": CHANNEL_IDS["compliance"],
    "blocks": [
        {"type": "section", "block_id": f"b{n}", "text": {"type": "mrkdwn", "text": "Public bucket " * 12}}
        for n in range(6)
    ],
    "metadata": {"event_type": "compliance_outbox", "event_payload": {"k": "0" * 32}},
}
HEADERS = {"Authorization": "Bearer xoxb-bench-1", "Content-Type": "application/json; charset=utf-8"}


def one_row_commits(directory, count):
    """The time of one-row commits on that disk: WAL, ``synchronous=FULL``."""
    connection = sqlite3.connect(directory / "anchor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=wal")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, body TEXT)")
    taken = []
    for number in range(count):
        began = time.perf_counter()
        connection.execute("INSERT INTO row (body) VALUES (?)", (f"{number:0200}",))
        taken.append(time.perf_counter() - began)
    connection.close()
    return spread(taken)


async def bare_client(stage, count, outstanding=64):
    """Messages a second of a loop around aiohttp that writes nothing down."""
    body = json.dumps(MESSAGE).encode()
    left = iter(range(count))
    connector = aiohttp.TCPConnector(limit=outstanding)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def post():
            for _ in left:
                url = f"{stage.url}/slack/api/chat.postMessage"
                async with session.post(url, data=body, headers=HEADERS) as answer:
                    json.loads(await answer.read())

        began = time.perf_counter()
        await asyncio.gather(*(post() for _ in range(outstanding)))
        return round(count / (time.perf_counter() - began))


async def peer_ceiling(stage, count, outstanding=16):
    """Messages a second that the peer answers to prepared bytes on raw sockets."""
    body = json.dumps(MESSAGE).encode()
    head = f"POST /slack/api/chat.postMessage HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    request = head.encode() + body
    port = urlsplit(stage.url).port

    async def post(times):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(times):
            writer.write(request)
            told = await reader.readuntil(b"\r\n\r\n")
            at = told.index(b"Content-Length: ") + 16
            await reader.readexactly(int(told[at : told.index(b"\r\n", at)]))
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(post(count // outstanding) for _ in range(outstanding)))
    return round(count // outstanding * outstanding / (time.perf_counter() - began))
