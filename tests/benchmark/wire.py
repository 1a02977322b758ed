"""HTTP/1.1 as bare as asyncio allows, so that what is measured is the client and not this server."""

import asyncio
import time
from email.utils import formatdate

_REASONS = {200: "OK", 404: "Not Found", 429: "Too Many Requests"}


class Answer:
    """What a route says: the body, and when (seconds from now) it is to leave."""

    __slots__ = ("body", "delay", "headers", "status")

    def __init__(self, body, *, status=200, headers="", delay=0.0):
        self.body = body
        self.status = status
        self.headers = headers
        self.delay = delay


class _Date:
    """The Date header, written once a second."""

    second = 0
    words = ""

    @classmethod
    def now(cls):
        second = int(time.time())
        if second != cls.second:
            cls.second, cls.words = second, formatdate(second, usegmt=True)
        return cls.words


def encode(answer):
    """An answer as bytes."""
    head = (
        f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Error')}\r\n"
        f"Content-Type: application/json; charset=utf-8\r\nDate: {_Date.now()}\r\n"
        f"{answer.headers}Content-Length: {len(answer.body)}\r\n\r\n"
    )
    return head.encode() + answer.body


class Exchange(asyncio.Protocol):
    """One kept connection; requests come one after another, each with a Content-Length or no body."""

    def __init__(self, route):
        self._route = route
        self._buffer = b""
        self._transport = None

    def connection_made(self, transport):
        """Keep the way back."""
        self._transport = transport

    def data_received(self, data):
        """Answer every whole request that has come."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length = _length(head)
            whole = end + 4 + length
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            method, target, _ = head.split(b"\r\n", 1)[0].split(b" ", 2)
            self._answer(self._route(method.decode(), target.decode(), body))

    def _answer(self, answer):
        if answer.delay:
            asyncio.get_running_loop().call_later(answer.delay, self._write, answer)
        else:
            self._write(answer)

    def _write(self, answer):
        if not self._transport.is_closing():
            self._transport.write(encode(answer))


def _length(head):
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at < 0:
        return 0
    end = lower.find(b"\r\n", at)
    return int(head[at + 15 : end if end >= 0 else None])
