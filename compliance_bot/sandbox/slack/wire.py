"""How a fault laid on the wire meets one call."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from compliance_bot.sandbox.faults import Fault, Faults

Act = Callable[[], Awaitable[web.StreamResponse]]


async def meet(
    faults: Faults, call: str, arguments: Mapping[str, Any], request: web.Request, act: Act
) -> web.StreamResponse:
    """Answer a call, as the first fault laid for it would have it."""
    fault = faults.meet(call, arguments)
    if fault is None:
        return await act()
    if fault.hold == "before":
        await fault.wait_released()
    elif fault.drop == "before":
        return _cut(request)
    elif fault.status is not None and not fault.effect_first:
        return _answer(fault)
    response = await act()
    if fault.hold == "after":
        await fault.wait_released()
    elif fault.drop == "after":
        return _cut(request)
    elif fault.status is not None:
        return _answer(fault)
    return response


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _answer(fault: Fault) -> web.Response:
    status, headers, body = fault.status or 200, dict(fault.headers), fault.body
    if isinstance(body, str):
        html = body.lstrip().startswith("<")
        headers.setdefault("Content-Type", "text/html" if html else "text/plain")
        return web.Response(status=status, headers=headers, body=body.encode())
    headers.setdefault("Content-Type", "application/json; charset=utf-8")
    content = b"" if body is None else json.dumps(body).encode()
    return web.Response(status=status, headers=headers, body=content)
