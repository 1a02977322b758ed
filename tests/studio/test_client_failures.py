from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from compliance_bot.errors import Misconfigured
from compliance_bot.model.findings import FindingStatus
from compliance_bot.sandbox.faults import Fault
from compliance_bot.studio.capabilities import require_supported
from compliance_bot.studio.failures import FailureKind, StudioCallFailed, StudioQuotaSpent
from compliance_bot.studio.platform.client import PlatformStudio
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.transport import open_session
from tests.studio.embedded_studio import Embedded

FIRST = "e0000000-0000-4000-8000-000000000001"
SECOND = "e0000000-0000-4000-8000-000000000002"
THIRD = "e0000000-0000-4000-8000-000000000003"
LIST = "GET /api/findings"
DETAIL = "GET /api/findings/{id}"
PUT = "PUT /api/findings/{id}"
COMMENT = "POST /api/findings/{id}/comments"


async def failure(awaitable: Awaitable[object]) -> StudioCallFailed:
    with pytest.raises(StudioCallFailed) as caught:
        await awaitable
    return caught.value


# ---------------------------------------------------------------- failures


HTML = "<!DOCTYPE html><html><body><pre>SyntaxError: token=abc</pre></body></html>"
CASES = [
    (Fault(call=LIST, status=401, body={"error": "Authentication required"}), FailureKind.REFUSED),
    (Fault(call=LIST, status=403, body={"message": "Access denied", "details": {}}), FailureKind.REFUSED),
    (Fault(call=LIST, status=404, body={"error": "Finding not found"}), FailureKind.NOT_FOUND),
    (Fault(call=LIST, status=404, body=HTML), FailureKind.ROUTE_ABSENT),
    (Fault(call=LIST, status=400, body=HTML), FailureKind.BAD_REQUEST),
    (Fault(call=LIST, status=413, body=HTML), FailureKind.TOO_LARGE),
    (Fault(call=LIST, status=500, body={"error": "Failed to fetch findings"}), FailureKind.BROKEN),
    (Fault(call=LIST, status=500, body=HTML), FailureKind.BROKEN),
    (Fault(call=LIST, status=502, body=HTML), FailureKind.AWAY),
    (Fault(call=LIST, status=503, body={"message": "no"}), FailureKind.AWAY),
    (Fault(call=LIST, status=200, body=HTML), FailureKind.NONSENSE),
    (
        Fault(call=LIST, status=302, body=HTML, headers={"Location": "http://elsewhere/"}),
        FailureKind.NONSENSE,
    ),
    (Fault(call=LIST, status=200, body="{"), FailureKind.NONSENSE),
    (Fault(call=LIST, status=200, body="[" * 100_000), FailureKind.NONSENSE),
    (Fault(call=LIST, status=200, body='{"data": NaN}'), FailureKind.NONSENSE),
    (Fault(call=LIST, status=200, body=b'{"data": "\xff"}'), FailureKind.NONSENSE),
    (Fault(call=LIST, status=200, body={}), FailureKind.NONSENSE),
    (Fault(call=LIST, status=200, body=[]), FailureKind.NONSENSE),
    (Fault(call=LIST, status=200, body={"data": {}, "pagination": {"total": 1}}), FailureKind.NONSENSE),
    (Fault(call=LIST, status=200, body={"data": [], "pagination": {"total": "6"}}), FailureKind.NONSENSE),
    (
        Fault(call=LIST, status=200, body={"data": [], "pagination": {"total": 6, "page": 7}}),
        FailureKind.NONSENSE,
    ),
    (Fault(call=LIST, status=200, body={"data": ["x" * 5_000_000]}), FailureKind.TOO_LARGE),
    (Fault(call=LIST, drop="before"), FailureKind.AWAY),
    (Fault(call=LIST, drop="after"), FailureKind.AWAY),
]


@pytest.mark.parametrize(("fault", "kind"), CASES)
async def test_each_wrong_answer_is_one_sentence_of_the_right_kind(
    embedded: Embedded, fault: Fault, kind: FailureKind
) -> None:
    embedded.faults.lay(fault)
    broken = await failure(embedded.client(retry_attempts=0).list_findings(1, 2))
    assert broken.kind is kind
    assert re.fullmatch(r"[^\n<]+ \(findings\.list(, HTTP \d+)?\)\.", str(broken))
    assert "token" not in str(broken).replace("our token", "")


async def test_a_studio_that_never_answers_is_away_after_the_timeout(embedded: Embedded) -> None:
    fault = embedded.lay(PUT, hold="before")
    broken = await failure(embedded.client(timeout=0.05).set_status(FIRST, FindingStatus.OPEN))
    assert (broken.kind, broken.uncertain) == (FailureKind.AWAY, True)
    assert str(broken) == "Studio did not answer within 0.05 s (findings.update)."
    fault.release()


async def test_a_connection_refused_surely_wrote_nothing(embedded: Embedded) -> None:
    embedded.url = "http://127.0.0.1:1"
    broken = await failure(embedded.client().set_status(FIRST, FindingStatus.OPEN))
    assert (broken.kind, broken.uncertain) == (FailureKind.AWAY, False)


async def test_a_read_is_tried_again_and_each_try_is_paid_for(embedded: Embedded) -> None:
    embedded.lay(LIST, status=503, body="{}", times=2)
    studio = embedded.client(retry_attempts=2)
    await studio.list_findings(1, 2)
    assert [record.operation for record in embedded.records] == ["findings.list"] * 3
    assert len(embedded.spent) == 3
    assert not studio.health_seen.away


async def test_how_long_and_how_often_it_asks_is_asked_anew_for_each_call(embedded: Embedded) -> None:
    rules = {"timeout": 0.05, "tries": 0}
    studio = embedded.client(timeout=lambda: rules["timeout"], retry_attempts=lambda: int(rules["tries"]))
    held = embedded.lay(LIST, hold="before")
    assert "within 0.05 s" in str(await failure(studio.list_findings(1, 2)))
    rules |= {"timeout": 0.06, "tries": 1}
    assert "within 0.06 s" in str(await failure(studio.list_findings(1, 2)))
    assert len(embedded.records) == 1 + 2
    embedded.faults.lift(held)


async def test_a_refusal_is_not_tried_again(embedded: Embedded) -> None:
    embedded.lay(LIST, status=403, body={"message": "Access denied"})
    await failure(embedded.client().list_findings(1, 2))
    assert len(embedded.world.calls) == 1


async def test_a_rate_limit_holds_every_call_until_studio_said(embedded: Embedded) -> None:
    await embedded.clock.run_at(0.0)
    reset = str(int(embedded.clock.now()) + 90)
    embedded.lay(LIST, status=429, body={"success": False}, headers={"X-RateLimit-Reset": reset}, times=1)
    studio = embedded.client()
    assert (await failure(studio.list_findings(1, 2))).after == pytest.approx(90, abs=1)
    assert (await failure(studio.alerts())).kind is FailureKind.THROTTLED
    assert len(embedded.world.calls) == 1
    await embedded.clock.jump(91.0)
    await studio.list_findings(1, 2)


async def test_a_spent_quota_sends_nothing(embedded: Embedded) -> None:
    async def refuse(_purpose: Purpose) -> None:
        raise StudioQuotaSpent(after=600.0)

    with pytest.raises(StudioQuotaSpent):
        await embedded.client(spend=refuse).list_findings(1, 2)
    assert not embedded.world.calls


@pytest.mark.parametrize(
    "ask",
    [
        PlatformStudio.alerts,
        PlatformStudio.projects,
        PlatformStudio.auditors,
        PlatformStudio.auditor_projects,
        PlatformStudio.requests,
        PlatformStudio.customer_requests,
    ],
)
async def test_a_row_of_a_list_that_makes_no_sense_stands_apart(
    embedded: Embedded, ask: Callable[[PlatformStudio], Awaitable[object]]
) -> None:
    rows: list[object] = [None, 7, [], {}, {"id": 5}, {"id": "x" * 300}, {"type": 1, "entityId": "b"}]
    embedded.lay("*", status=200, body={"success": True, "data": rows})
    reading = await ask(embedded.client())
    assert getattr(reading, "rows") == ()  # noqa: B009 - one test for six row types
    assert len(getattr(reading, "bad_rows")) == len(rows)  # noqa: B009 - the same


async def test_another_api_is_not_supported_yet() -> None:
    with pytest.raises(Misconfigured, match="not supported yet"):
        require_supported("v1")


async def test_a_ca_file_that_is_none_is_said_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no certificate")
    with pytest.raises(Misconfigured, match="STUDIO_CA_FILE"):
        open_session(ca_file=str(file))
