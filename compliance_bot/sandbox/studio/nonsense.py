"""Ready-made faults: answers that no contract allows and that one day come all the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from compliance_bot.clock import iso
from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.studio.rows import Row, finding_row

LIST = "GET /api/findings"
APPROVE = "PUT /api/manager/projects/{id}/approve"
TEN_MEGABYTES = 10_000_000
PAGE = "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>"
SAMPLE_ID = "e2000000-0000-4000-8000-000000000001"


def list_item(**fields: Any) -> Row:
    """A sound row of the list, with ``fields`` spoiled by the caller."""
    row = finding_row(1_795_493_322.0, {"id": SAMPLE_ID, "title": "Odd", "description": "Odd"})
    return {**row, "integration": None, "assignedTo": None, "_count": {"comments": 0}, **fields}


def page(*rows: Any, total: Any = None, number: Any = 1, limit: Any = 50, pages: Any = 1) -> Row:
    """A page envelope around any rows; ``total`` defaults to their number."""
    counted = len(rows) if total is None else total
    pagination = {"total": counted, "page": number, "limit": limit, "pages": pages}
    return {"success": True, "data": list(rows), "pagination": pagination}


def html(call: str = "*", *, status: int = 200, times: int | None = None) -> Fault:
    """A proxy's HTML page, with whatever status it likes."""
    return Fault(call=call, times=times, status=status, body=PAGE)


def truncated(call: str = LIST, *, times: int | None = None) -> Fault:
    """JSON that stops in the middle."""
    return Fault(call=call, times=times, status=200, body=json.dumps(page(list_item()))[:-40])


def empty_body(call: str = LIST, *, times: int | None = None) -> Fault:
    """A 200 with nothing in it."""
    return Fault(call=call, times=times, status=200, body="")


def wrong_envelope(call: str = LIST, *, times: int | None = None) -> Fault:
    """A bare list where an object is promised."""
    return Fault(call=call, times=times, status=200, body=[list_item()])


def wrong_types(call: str = LIST, *, times: int | None = None) -> Fault:
    """Rows whose every field has another type than promised, and rows that are no objects."""
    rows: tuple[Any, ...] = (
        list_item(id=17, title=["a"], severity=3, status=None, frameworks="SOC 2", occurrenceCount="many"),
        list_item(severity="urgent", status="acknowledged", category="security"),
        list_item(firstSeenAt="yesterday", createdAt=12, updatedAt={}, dueDate="soon"),
        list_item(integration="AWS", assignedTo=[], _count=None),
        "a row",
        7,
        None,
        [],
    )
    return Fault(call=call, times=times, status=200, body=page(*rows))


def nulls(call: str = LIST, *, times: int | None = None) -> Fault:
    """A row of nothing but nulls beside a sound one, and pagination of nulls."""
    blank = dict.fromkeys(list_item())
    body = page(blank, list_item(), number=None, limit=None, pages=None)
    return Fault(call=call, times=times, status=200, body=body)


def missing_fields(call: str = LIST, *, times: int | None = None) -> Fault:
    """Rows that lack almost everything."""
    return Fault(call=call, times=times, status=200, body=page({"id": SAMPLE_ID}, {}))


def giant_field(call: str = LIST, *, times: int | None = None, size: int = TEN_MEGABYTES) -> Fault:
    """A row whose description is ``size`` characters long."""
    return Fault(call=call, times=times, status=200, body=page(list_item(description="x" * size)))


def page_loop(*, total: int = 10_000, times: int | None = None, rows: int = 50) -> Fault:
    """Every page is the first one again, and there is always a next."""
    same = [list_item(id=f"e2000000-0000-4000-8000-{number:012d}") for number in range(rows)]
    return Fault(call=LIST, times=times, status=200, body=page(*same, total=total, pages=total // rows))


def empty_page(*, total: int = 10_000, times: int | None = None) -> Fault:
    """``data: []`` beside a large ``total``: nothing here says that anything is gone."""
    return Fault(call=LIST, times=times, status=200, body=page(total=total, pages=total // 50))


def server_error(call: str, *, times: int | None = None, effect_first: bool = False) -> Fault:
    """A 500 in Studio's form; ``effect_first``: though the call took effect."""
    body = {"error": "Internal server error"}
    return Fault(call=call, times=times, status=500, body=body, effect_first=effect_first)


def rate_limited(call: str = "*", *, reset_at: float, times: int | None = None) -> Fault:
    """A 429 in the documented v1 form that names ``reset_at`` (Unix seconds)."""
    headers = {
        "X-RateLimit-Limit": "1000",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(reset_at)),
    }
    details = {"limit": 1000, "remaining": 0, "reset_time": iso(reset_at)}
    error = {"code": "RATE_LIMITED", "message": "Too many requests", "details": details}
    return Fault(call=call, times=times, status=429, headers=headers, body={"success": False, "error": error})


def approve_race(*, times: int | None = 1) -> Fault:
    """The answer that all but one of several concurrent approvals get: 500, though approved."""
    body = {"error": "Failed to approve project"}
    return Fault(call=APPROVE, times=times, status=500, body=body, effect_first=True)


def approve_hangs() -> Fault:
    """Redis is down: approved, and no answer until released."""
    return Fault(call=APPROVE, hold="after")


READY_MADE: dict[str, Callable[[], Fault]] = {
    "html": html,
    "truncated": truncated,
    "empty_body": empty_body,
    "wrong_envelope": wrong_envelope,
    "wrong_types": wrong_types,
    "nulls": nulls,
    "missing_fields": missing_fields,
    "giant_field": giant_field,
    "page_loop": page_loop,
    "empty_page": empty_page,
    "approve_race": approve_race,
    "approve_hangs": approve_hangs,
}
"""The faults that need no argument, by the name under which the page lays them."""
