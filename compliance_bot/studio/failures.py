"""How a call to Studio can fail, told by the answer's Content-Type and status.

Source: Studio's published backend. JSON 404 means the row is absent, HTML 404 that the route is; 500
answers bad input as well as outages, so it says little; a gateway in front adds 502 to 504.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from compliance_bot.errors import StudioError

LONGEST_WORDS = 200
"""Characters of Studio's own reason that are kept."""


class FailureKind(StrEnum):
    """What a failed call means for whoever asked."""

    AWAY = "away"
    REFUSED = "refused"
    NOT_FOUND = "not_found"
    ROUTE_ABSENT = "route_absent"
    BAD_REQUEST = "bad_request"
    THROTTLED = "throttled"
    BROKEN = "broken"
    NONSENSE = "nonsense"
    TOO_LARGE = "too_large"


class StudioCallFailed(StudioError):
    """One call failed. Its text is one sentence without secrets, addresses or bodies.

    Args:
        kind: what the failure means.
        sentence: for logs and operators.
        operation: our dotted name of the call (``findings.list``).
        status: the HTTP status, None when there was no answer.
        after: seconds to wait before asking again, where Studio said so.
        uncertain: a write may have taken effect all the same.
        said: Studio's own short reason, from the ``error`` or ``message`` of a JSON answer.

    """

    def __init__(
        self,
        kind: FailureKind,
        sentence: str,
        *,
        operation: str,
        status: int | None = None,
        after: float | None = None,
        uncertain: bool = False,
        said: str | None = None,
    ) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.operation = operation
        self.status = status
        self.after = after
        self.uncertain = uncertain
        self.said = said


class StudioQuotaSpent(StudioError):
    """The hour's calls are spent for this purpose; ``after`` seconds from now there is room again."""

    def __init__(self, *, after: float) -> None:
        super().__init__(f"This hour's Studio calls are spent; the next is free in {after:.0f} s.")
        self.after = after


def is_json(content_type: str) -> bool:
    """True for a Content-Type that promises JSON."""
    return content_type.split(";", maxsplit=1)[0].strip().lower().endswith("json")


def failure_of(
    *, operation: str, status: int, content_type: str, headers: Mapping[str, str], body: bytes, now: float
) -> StudioCallFailed:
    """The failure that an answer with a status of 300 or more is.

    Args:
        operation: our dotted name of the call.
        status: the HTTP status.
        content_type: the header as it came.
        headers: the answer's headers, for the time to wait.
        body: the answer, read only for a short reason.
        now: Unix seconds.

    """
    json_answer = is_json(content_type)
    kind = _kind(status, json_answer=json_answer)
    said = _said(body) if json_answer else None
    return StudioCallFailed(
        kind,
        f"{_SENTENCES[kind]} ({operation}, HTTP {status}).",
        operation=operation,
        status=status,
        after=retry_after(headers, body if json_answer else b"", now)
        if kind is FailureKind.THROTTLED
        else None,
        uncertain=status >= 500,  # noqa: PLR2004 - the class of server errors
        said=said,
    )


_SENTENCES = {
    FailureKind.AWAY: "Studio, or the gateway before it, is out of service",
    FailureKind.REFUSED: "Studio refused our token or its role",
    FailureKind.NOT_FOUND: "Studio does not know this object",
    FailureKind.ROUTE_ABSENT: "This Studio has no such route",
    FailureKind.BAD_REQUEST: "Studio did not accept what was asked",
    FailureKind.THROTTLED: "Studio's rate limit is reached",
    FailureKind.BROKEN: "Studio answered with an internal error, which may be bad input or an outage",
    FailureKind.NONSENSE: "Studio answered something that is not its API",
    FailureKind.TOO_LARGE: "What was sent is too large for Studio",
}

_BY_STATUS = {
    400: FailureKind.BAD_REQUEST,
    401: FailureKind.REFUSED,
    403: FailureKind.REFUSED,
    407: FailureKind.AWAY,
    408: FailureKind.AWAY,
    409: FailureKind.BAD_REQUEST,
    413: FailureKind.TOO_LARGE,
    422: FailureKind.BAD_REQUEST,
    429: FailureKind.THROTTLED,
    500: FailureKind.BROKEN,
    502: FailureKind.AWAY,
    503: FailureKind.AWAY,
    504: FailureKind.AWAY,
}


def _kind(status: int, *, json_answer: bool) -> FailureKind:
    if status == 404:  # noqa: PLR2004 - HTTP's own number
        return FailureKind.NOT_FOUND if json_answer else FailureKind.ROUTE_ABSENT
    return _BY_STATUS.get(status, FailureKind.NONSENSE)


def _json_object(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _said(body: bytes) -> str | None:
    answer = _json_object(body)
    error = answer.get("error")
    words = error.get("message") if isinstance(error, dict) else error or answer.get("message")
    if not isinstance(words, str) or not words.strip():
        return None
    return " ".join(words.split())[:LONGEST_WORDS]


def retry_after(headers: Mapping[str, str], body: bytes, now: float) -> float | None:
    """Seconds to wait, from Retry-After, X-RateLimit-Reset (Unix seconds) or ``details.reset_time``."""
    wait = _from_retry_after(headers.get("Retry-After", ""), now)
    if wait is None:
        wait = _from_number(headers.get("X-RateLimit-Reset", ""), now)
    if wait is None:
        wait = _from_details(body, now)
    return None if wait is None else min(max(wait, 1.0), 3600.0)


def _from_retry_after(header: str, now: float) -> float | None:
    if header.strip().isdigit():
        return float(header)
    try:
        return parsedate_to_datetime(header).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None


def _from_number(header: str, now: float) -> float | None:
    return float(header) - now if header.strip().isdigit() else None


def _from_details(body: bytes, now: float) -> float | None:
    error = _json_object(body).get("error") if body else None
    details = error.get("details") if isinstance(error, dict) else None
    reset = details.get("reset_time") if isinstance(details, dict) else None
    try:
        moment = datetime.fromisoformat(reset) if isinstance(reset, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
