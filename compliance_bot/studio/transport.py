"""One HTTP exchange with Studio: own session, own proxy, own CA, bounded in time and size.

Redirects are not followed: a token must never be carried to another address. Nothing here retries.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar

import aiohttp
from yarl import URL

from compliance_bot import __version__, failpoints
from compliance_bot.clock import Clock
from compliance_bot.errors import Misconfigured
from compliance_bot.studio.failures import FailureKind, StudioCallFailed, failure_of, is_json

T = TypeVar("T")

MEGABYTE = 1024 * 1024
CAP = 4 * MEGABYTE
"""Bytes of an answer that are read before it counts as too large."""

ASIDE = 64 * 1024
"""Bytes from which an answer is parsed in a thread, so that the loop never stands still for it."""

_NOT_MODIFIED = 304
_FIRST_FAILURE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. ``token`` is kept out of the representation."""

    operation: str
    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    token: str | None = field(default=None, repr=False)
    etag: str | None = None
    cap: int = CAP


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """A good answer. ``value`` is None when Studio says that nothing changed (``unchanged``).

    ``sent_at``: our clock when the request left. ``server_time``: Studio's clock (its Date header)
    less the time that the exchange took, so never later than when Studio looked.
    """

    value: T | None
    unchanged: bool
    sent_at: float
    server_time: float | None
    etag: str | None
    remaining: int | None
    reset_at: float | None


def open_session(*, ca_file: str | None = None) -> aiohttp.ClientSession:
    """A session for Studio alone: no cookies, no environment proxies, TLS always verified.

    Args:
        ca_file: a PEM file of a private CA, trusted besides the system's own.

    Raises:
        Misconfigured: when the CA file cannot be read as certificates.

    """
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise Misconfigured(f"STUDIO_CA_FILE {ca_file} cannot be read as PEM certificates.") from error
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context, limit=16),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": f"compliance-bot/{__version__}", "Accept": "application/json"},
        trust_env=False,
    )
    # aiohttp sends a PUT again by itself when a kept connection drops: a write that is not known to
    # be undone, and a call that the quota does not know of. There is no public way to forbid it.
    session._retry_connection = False  # noqa: SLF001 - see above; a test holds it
    return session


class Transport:
    """Carries requests to Studio and says, in Studio's terms, how each went.

    Args:
        session: from ``open_session``; closed by whoever opened it.
        clock: gives the time at which requests leave.
        timeout: seconds for one whole exchange, asked anew for each.
        proxy: URL of the way out, None for the direct way.

    """

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        clock: Clock,
        timeout: Callable[[], float],
        proxy: str | None = None,
    ) -> None:
        self._session = session
        self._clock = clock
        self._timeout = timeout
        self._proxy = proxy

    async def exchange(self, request: Request, parse: Callable[[Any], T]) -> Answer[T]:
        """Send ``request`` once and parse its JSON answer with ``parse``.

        Raises:
            StudioCallFailed: for anything but a good JSON answer; ``parse`` raises it by ``Unreadable``.

        """
        failpoints.reach(f"studio.{request.operation}.before")
        sent_at, timeout = self._clock.now(), self._timeout()
        try:
            async with self._send(request, timeout) as response:
                raw = await _read(response, request)
                answer = await self._answer(request, response, raw, sent_at, parse)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise no_answer(request.operation, error, timeout=timeout) from error
        failpoints.reach(f"studio.{request.operation}.after")
        return answer

    def _send(self, request: Request, timeout: float) -> aiohttp.client._RequestContextManager:
        headers = {"Authorization": f"Bearer {request.token}"} if request.token else {}
        if request.etag:
            headers["If-None-Match"] = request.etag
        return self._session.request(
            request.method,
            URL(request.url, encoded=True),
            params=dict(request.query),
            json=None if request.body is None else dict(request.body),
            headers=headers,
            proxy=self._proxy,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=timeout),
        )

    async def _answer(
        self,
        request: Request,
        response: aiohttp.ClientResponse,
        raw: bytes,
        sent_at: float,
        parse: Callable[[Any], T],
    ) -> Answer[T]:
        now = self._clock.now()
        content_type = response.headers.get("Content-Type", "")
        unchanged = response.status == _NOT_MODIFIED and request.etag is not None
        if response.status >= _FIRST_FAILURE and not unchanged:
            raise failure_of(
                operation=request.operation,
                status=response.status,
                content_type=content_type,
                headers=response.headers,
                body=raw,
                now=now,
            )
        value = None if unchanged else await _value(request, response.status, content_type, raw, parse)
        return Answer(
            value=value,
            unchanged=unchanged,
            sent_at=sent_at,
            server_time=_server_time(response.headers.get("Date"), elapsed=now - sent_at),
            etag=response.headers.get("ETag"),
            remaining=_whole(response.headers.get("X-RateLimit-Remaining")),
            reset_at=_whole(response.headers.get("X-RateLimit-Reset")),
        )


class Unreadable(ValueError):
    """Valid JSON of the wrong shape; the text names the place, never the content."""


async def _read(response: aiohttp.ClientResponse, request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(MEGABYTE // 4):
        size += len(chunk)
        if size > request.cap:
            response.close()
            raise StudioCallFailed(
                FailureKind.TOO_LARGE,
                f"Studio's answer is over {request.cap // MEGABYTE} MB ({request.operation}).",
                operation=request.operation,
                status=response.status,
                uncertain=True,
            )
        chunks.append(chunk)
    return b"".join(chunks)


async def _value(
    request: Request, status: int, content_type: str, raw: bytes, parse: Callable[[Any], T]
) -> T:
    if not is_json(content_type):
        raise _nonsense(request.operation, status, "its Content-Type is not JSON")
    try:
        if len(raw) < ASIDE:
            return _decode(raw, parse)
        return await asyncio.to_thread(_decode, raw, parse)
    except Unreadable as error:
        raise _nonsense(request.operation, status, str(error)) from None
    except (ValueError, RecursionError):
        raise _nonsense(request.operation, status, "it cannot be read as JSON") from None


def _decode(raw: bytes, parse: Callable[[Any], T]) -> T:
    return parse(json.loads(raw, parse_constant=_no_such_number))


def _no_such_number(name: str) -> None:
    raise ValueError(name)


def _nonsense(operation: str, status: int, why: str) -> StudioCallFailed:
    return StudioCallFailed(
        FailureKind.NONSENSE,
        f"Studio's answer makes no sense: {why} ({operation}).",
        operation=operation,
        status=status,
        uncertain=True,
    )


def no_answer(operation: str, error: Exception, *, timeout: float) -> StudioCallFailed:
    """The failure for an exchange that brought no whole answer."""
    never_sent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError)
    return StudioCallFailed(
        FailureKind.AWAY,
        f"{_why_no_answer(error, timeout)} ({operation}).",
        operation=operation,
        uncertain=not never_sent,
    )


def _why_no_answer(error: Exception, timeout: float) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return "Studio's TLS certificate is not trusted; a private CA is named by STUDIO_CA_FILE"
    if isinstance(error, aiohttp.ClientHttpProxyError | aiohttp.ClientProxyConnectionError):
        return "The proxy named by STUDIO_PROXY did not let us through to Studio"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "Studio cannot be reached"
    if isinstance(error, TimeoutError):
        return f"Studio did not answer within {timeout:g} s"
    if isinstance(error, aiohttp.InvalidURL):
        return "STUDIO_URL is not a usable address"
    return "Studio broke the connection off"


def _server_time(date: str | None, *, elapsed: float) -> float | None:
    if date is None:
        return None
    try:
        return parsedate_to_datetime(date).timestamp() - max(0.0, elapsed)
    except (ValueError, TypeError, OverflowError):
        return None


def _whole(header: str | None) -> int | None:
    return int(header) if header is not None and header.strip().isdigit() else None


def value_of(answer: Answer[T]) -> T:
    """The value of an answer that a caller completed, so that it is never missing."""
    if answer.value is None:
        raise AssertionError("an answer without a value left the caller")
    return answer.value
