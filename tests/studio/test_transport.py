from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.studio.failures import FailureKind, StudioCallFailed, failure_of, retry_after
from compliance_bot.studio.transport import Request, Transport, no_answer
from tests.studio.embedded_studio import Embedded

NOW = 1_795_493_326.0


def a_request() -> Request:
    return Request(operation="health", method="GET", url="http://studio.invalid/api/health", token="hidden")


async def test_a_dead_proxy_is_named_without_its_credentials(embedded: Embedded) -> None:
    transport = Transport(
        session=embedded.session,
        clock=WorldClock(),
        timeout=lambda: 5.0,
        proxy="http://user:hidden@127.0.0.1:1",
    )
    with pytest.raises(StudioCallFailed) as caught:
        await transport.exchange(a_request(), dict)
    assert caught.value.kind is FailureKind.AWAY
    assert not caught.value.uncertain
    assert "STUDIO_PROXY" in str(caught.value)
    assert "hidden" not in str(caught.value)


async def test_all_calls_leave_by_the_proxy(embedded: Embedded) -> None:
    proxy = embedded.url.removesuffix("/studio")
    transport = Transport(session=embedded.session, clock=WorldClock(), timeout=lambda: 5.0, proxy=proxy)
    request = Request(operation="health", method="GET", url="http://elsewhere.invalid/studio/api/health")
    answer: Any = await transport.exchange(request, dict)
    assert answer.value["status"] == "healthy"


def test_an_untrusted_certificate_names_the_setting_that_mends_it() -> None:
    error = aiohttp.ClientConnectorCertificateError(None, ValueError("self-signed"))  # type: ignore[arg-type]  # shown nowhere
    assert "STUDIO_CA_FILE" in str(no_answer("health", error, timeout=1.0))


def test_a_request_shows_no_token() -> None:
    assert "hidden" not in repr(a_request())


@pytest.mark.parametrize(
    ("headers", "body", "wait"),
    [
        ({"Retry-After": "30"}, b"", 30.0),
        ({"Retry-After": "Tue, 24 Nov 2026 04:09:46 GMT"}, b"", 60.0),
        ({"X-RateLimit-Reset": "1795493416"}, b"", 90.0),
        ({}, b'{"error": {"details": {"reset_time": "2026-11-24T04:10:46Z"}}}', 120.0),
        ({"Retry-After": "999999"}, b"", 3600.0),
        ({"X-RateLimit-Reset": "5"}, b"", 1.0),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "x"}, b'{"error": {"details": 5}}', None),
        ({}, b"not json", None),
    ],
)
def test_the_time_to_wait_is_read_wherever_studio_writes_it(
    headers: dict[str, str], body: bytes, wait: float | None
) -> None:
    assert retry_after(headers, body, NOW) == wait


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": "Finding not found"}', "Finding not found"),
        (b'{"success": false, "message": "Server error"}', "Server error"),
        (b'{"success": false, "error": {"code": "X", "message": "Bad parameter"}}', "Bad parameter"),
        (b'{"error": "a\\nb"}', "a b"),
        (b'{"error": 5}', None),
        (b"[]", None),
        (b"{", None),
        (b'{"error": "' + b"x" * 5000 + b'"}', "x" * 200),
    ],
)
def test_studios_own_reason_is_found_in_each_of_its_envelopes(body: bytes, said: str | None) -> None:
    failure = failure_of(
        operation="x", status=400, content_type="application/json", headers={}, body=body, now=NOW
    )
    assert failure.said == said
