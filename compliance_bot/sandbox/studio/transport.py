"""What every answer of Studio carries: weak ETags, the world's Date, security headers, HTML errors.

Source: the recorded exchanges of the published backend (Express behind helmet), section "Transport".
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from aiohttp import web

JSON_TYPE = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"
BODY_LIMIT = 102_400
"""Bytes of JSON that Express's parser takes; one more is a 413."""

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';"
        "frame-ancestors 'self';img-src 'self' data:;object-src 'none';script-src 'self';"
        "script-src-attr 'none';style-src 'self' https: 'unsafe-inline';upgrade-insecure-requests"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Download-Options": "noopen",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-XSS-Protection": "0",
    "Access-Control-Allow-Origin": "*",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer before it meets the wire: status, body bytes, type, headers of its own."""

    status: int
    body: bytes = b""
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)


def compact(value: Any) -> bytes:
    """JSON as ``JSON.stringify`` writes it: no blanks, no escapes beyond the needed."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def answer_json(value: Any, status: int = 200) -> Answer:
    """``value`` as a JSON answer."""
    return Answer(status=status, body=compact(value))


def answer_data(value: Any, status: int = 200) -> Answer:
    """The envelope ``{success, data}`` that most routes use."""
    return answer_json({"success": True, "data": value}, status)


def answer_error(sentence: str, status: int) -> Answer:
    """The refusal ``{error}`` that most routes use."""
    return answer_json({"error": sentence}, status)


def answer_html(sentence: str, status: int) -> Answer:
    """Express's default error page with ``sentence`` in it."""
    page = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n'
        f"</head>\n<body>\n<pre>{sentence}</pre>\n</body>\n</html>\n"
    )
    headers = {"Content-Security-Policy": "default-src 'none'"}
    return Answer(status=status, body=page.encode(), content_type=HTML_TYPE, headers=headers)


def answer_no_route(method: str, path: str) -> Answer:
    """The HTML 404 of a route that this build does not have."""
    return answer_html(f"Cannot {method} {html.escape(path)}", 404)


def answer_stack(error: str, status: int) -> Answer:
    """An HTML error with the stack trace that a development build prints."""
    trace = "<br> &nbsp; &nbsp;at parse (/app/node_modules/body-parser/lib/types/json.js:92:19)"
    return answer_html(html.escape(error) + trace, status)


def weak_etag(body: bytes) -> str:
    """Express's weak ETag: the length in hex and a SHA-1 of the body."""
    digest = hashlib.sha1(body, usedforsecurity=False).digest()
    return f'W/"{len(body):x}-{base64.b64encode(digest).decode()[:27]}"'


def _matches(held: str | None, etag: str) -> bool:
    if held is None:
        return False
    bare = etag.removeprefix("W/")
    return any(one.strip().removeprefix("W/") in (bare, "*") for one in held.split(","))


def http_date(now: float) -> str:
    """``now`` (Unix seconds) as a Date header."""
    return formatdate(now, usegmt=True)


def to_response(answer: Answer, request: web.Request, now: float) -> web.Response:
    """The answer as aiohttp sends it at ``now`` (Unix seconds): 304 where the caller holds the body."""
    headers = {**SECURITY_HEADERS, "Date": http_date(now), **answer.headers}
    if answer.content_type == JSON_TYPE and answer.status != web.HTTPNoContent.status_code:
        etag = weak_etag(answer.body)
        headers["ETag"] = etag
        readable = request.method in ("GET", "HEAD") and answer.status == web.HTTPOk.status_code
        if readable and _matches(request.headers.get("If-None-Match"), etag):
            return web.Response(status=304, headers=headers)
    if answer.status != web.HTTPNoContent.status_code:
        headers["Content-Type"] = answer.content_type
    if request.method == "HEAD":
        headers["Content-Length"] = str(len(answer.body))
        return web.Response(status=answer.status, headers=headers)
    return web.Response(status=answer.status, body=answer.body, headers=headers)
