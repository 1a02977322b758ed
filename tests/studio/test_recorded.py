"""Every recorded exchange and every example of the API's description, through the real client."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.model.findings import FindingStatus
from compliance_bot.studio.failures import FailureKind, StudioCallFailed
from compliance_bot.studio.platform.client import PlatformStudio
from tests.studio.embedded_studio import Embedded

EXCHANGES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "recorded_exchanges.json").read_text(encoding="utf-8")
)

Ask = Callable[[PlatformStudio], Awaitable[Any]]
TWO: dict[str, Any] = {"auditor_id": "a3", "reviewer_id": "a4"}


def update(exchange: dict[str, Any]) -> Ask:
    body = exchange["body"] or {}
    if "assignedToId" in body:
        return lambda studio: studio.assign("e2", body["assignedToId"])
    return lambda studio: studio.set_status("e1", FindingStatus.INVESTIGATING)


def page_of(exchange: dict[str, Any]) -> Ask:
    asked = dict(pair.split("=") for pair in exchange["path"].partition("?")[2].split("&") if pair)
    page = int(asked.get("page", 1)) or 1
    limit = int(asked["limit"]) if asked.get("limit", "").isdigit() else 50
    return lambda studio: studio.list_findings(page, limit or 50)


ROUTES: list[tuple[str, Callable[[dict[str, Any]], Ask]]] = [
    (r"GET /api/findings/stats", lambda _: lambda studio: studio.finding_stats()),
    (r"GET /api/findings/.+", lambda _: lambda studio: studio.finding("e2")),
    (r"GET /api/findings(\?.*)?", page_of),
    (r"PUT /api/findings/.+", update),
    (r"POST /api/findings/.+/resolve", lambda _: lambda studio: studio.resolve("e3")),
    (r"POST /api/findings/.+/comments", lambda _: lambda studio: studio.comment("e1", "ok")),
    (r"GET /api/manager/alerts", lambda _: lambda studio: studio.alerts()),
    (r"GET /api/manager/dashboard", lambda _: lambda studio: studio.manager_dashboard()),
    (r"GET /api/manager/auditors", lambda _: lambda studio: studio.auditors()),
    (r"GET /api/manager/projects", lambda _: lambda studio: studio.projects()),
    (r"GET /api/manager/projects/.+", lambda _: lambda studio: studio.project("b1")),
    (r"PUT .+/approve", lambda _: lambda studio: studio.approve("b2", **TWO)),
    (r"PUT .+/reject", lambda _: lambda studio: studio.reject("b4", "why")),
    (r"PUT .+/assign", lambda _: lambda studio: studio.assign_project("b1", **TWO)),
    (r"GET /api/auditor/dashboard", lambda _: lambda studio: studio.auditor_dashboard()),
    (r"GET /api/auditor/projects", lambda _: lambda studio: studio.auditor_projects()),
    (r"GET /api/auditor/requests", lambda _: lambda studio: studio.requests()),
    (r"POST /api/auditor/requests", lambda _: lambda s: s.create_request(customer_id="a5", title="x")),
    (r"PUT /api/auditor/requests/.+", lambda _: lambda s: s.set_request_status("f1", "Completed")),
    (r"GET /api/customer/requests", lambda _: lambda studio: studio.customer_requests()),
    (r"GET /api/health", lambda _: lambda studio: studio.health()),
    (r".+ (/api/nope|/api/v1/.*|/oauth/.*)", lambda _: lambda studio: studio.alerts()),
]

HTML_KINDS = {400: FailureKind.BAD_REQUEST, 404: FailureKind.ROUTE_ABSENT}
JSON_KINDS = {
    400: FailureKind.BAD_REQUEST,
    401: FailureKind.REFUSED,
    403: FailureKind.REFUSED,
    404: FailureKind.NOT_FOUND,
    500: FailureKind.BROKEN,
}


def ask_for(exchange: dict[str, Any]) -> Ask:
    call = f"{exchange['method']} {exchange['path']}"
    return next(make(exchange) for pattern, make in ROUTES if re.fullmatch(pattern, call))


@pytest.mark.parametrize("exchange", EXCHANGES, ids=[str(one["title"]) for one in EXCHANGES])
async def test_each_recorded_exchange_means_to_the_client_what_it_meant(
    embedded: Embedded, exchange: dict[str, Any]
) -> None:
    ask = ask_for(exchange)
    embedded.lay(
        "*",
        status=exchange["status"],
        body=exchange["answer"],
        headers={"Content-Type": exchange["content_type"]},
    )
    studio = embedded.client(retry_attempts=0)
    if exchange["status"] < 300:
        answer = await ask(studio)
        assert not getattr(answer, "bad_rows", ())
        assert "SECRET" not in repr(answer)
        return
    with pytest.raises(StudioCallFailed) as caught:
        await ask(studio)
    kinds = JSON_KINDS if "json" in exchange["content_type"] else HTML_KINDS
    assert caught.value.kind is kinds[exchange["status"]]
    if isinstance(exchange["answer"], dict):
        assert caught.value.said in (exchange["answer"].get("error"), exchange["answer"].get("message"))
