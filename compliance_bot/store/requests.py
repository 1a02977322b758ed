"""Studio's requests for evidence that were seen, in the table that holds the findings too."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

from compliance_bot.model.platform import AuditRequest
from compliance_bot.store.objects import Standing
from compliance_bot.store.projects import SOURCE
from compliance_bot.store.transaction import Transaction

REQUEST = "request"
_ASKED_AT_ONCE = 500


def known(tx: Transaction, request_ids: Sequence[str]) -> set[str]:
    """Those among these ids that were seen before."""
    found: set[str] = set()
    for start in range(0, len(request_ids), _ASKED_AT_ONCE):
        part = request_ids[start : start + _ASKED_AT_ONCE]
        rows = tx.all(
            "SELECT studio_id FROM object WHERE source = ? AND kind = ? AND studio_id IN "
            f"({','.join('?' * len(part))})",
            [SOURCE, REQUEST, *part],
        )
        found.update(row["studio_id"] for row in rows)
    return found


def project_of(tx: Transaction, object_id: int) -> str | None:
    """The project that a request belongs to, as it was when it was first seen; None where it has none."""
    row = tx.one("SELECT state ->> '$.project_id' AS project FROM object WHERE id = ?", (object_id,))
    return None if row is None or row["project"] is None else str(row["project"])


def add(tx: Transaction, request: AuditRequest, *, sent_at: float, now: float) -> int:
    """Write down a request never seen before; the row's id."""
    state = json.dumps(dataclasses.asdict(request), ensure_ascii=False, separators=(",", ":"))
    return tx.insert(
        "object",
        source=SOURCE,
        kind=REQUEST,
        studio_id=request.id,
        state=state,
        status=request.status,
        fingerprint="",
        severity="",
        first_seen=now,
        last_seen=now,
        accepted_at=sent_at,
        standing=Standing.SILENT.value,
    )
