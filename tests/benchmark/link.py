"""Slack's end of Socket Mode: sends envelopes and notes when each ack came."""

import asyncio
import json
import time

import aiohttp
from aiohttp import web

from tests.benchmark.light_slack import APP


class Link:
    """The sockets that a client has open. Acks are timed when their frame is read here."""

    def __init__(self):
        self.sockets = []
        self.greeted_at = None
        self.clock = Clock()
        self._waiting = {}
        self._number = 0
        self._came = asyncio.Event()
        self._runner = None
        self.port = 0

    async def start(self):
        """Listen on loopback."""
        app = web.Application()
        app.router.add_get("/link", self._serve)
        app.router.add_get("/clock", self.clock.serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def stop(self):
        """Close everything."""
        await self._runner.cleanup()

    @property
    def url(self):
        """Where a client connects."""
        return f"ws://127.0.0.1:{self.port}/link"

    async def connected(self):
        """Return once a client has been greeted."""
        while not self.sockets:
            self._came.clear()
            await self._came.wait()

    async def _serve(self, request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        greeting = {
            "type": "hello",
            "num_connections": len(self.sockets),
            "connection_info": {"app_id": APP},
            "debug_info": {"host": "applink-bench"},
        }
        await socket.send_str(json.dumps(greeting))
        self.greeted_at = self.greeted_at or time.time()
        self._came.set()
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self._take(message.data)
        self.sockets.remove(socket)
        return socket

    def _take(self, text):
        now = time.perf_counter()
        waiting = self._waiting.pop(json.loads(text).get("envelope_id"), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(now)

    async def exchange(self, kind, payload):
        """Send one envelope; seconds until its ack was read."""
        self._number += 1
        name = f"envelope-{self._number}"
        waiting = self._waiting[name] = asyncio.get_running_loop().create_future()
        envelope = {"envelope_id": name, "type": kind, "payload": payload, "accepts_response_payload": True}
        if kind == "events_api":
            envelope |= {"retry_attempt": 0, "retry_reason": ""}
        words = json.dumps(envelope)
        began = time.perf_counter()
        await self.sockets[0].send_str(words)
        return await asyncio.wait_for(waiting, 30.0) - began


class Clock:
    """A clock that a daemon follows, so that a minute's cache can be let pass at once."""

    def __init__(self):
        self.ahead = 0.0
        self._moved = asyncio.Event()

    async def serve(self, request):
        """Tell the time, and each jump."""
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            moved = self._moved
            line = {"now": time.time() + self.ahead, "rate": 1.0}
            await answer.write(json.dumps(line).encode() + b"\n")
            await moved.wait()

    def jump(self, seconds):
        """Move on."""
        self.ahead += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
