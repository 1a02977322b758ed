"""Cases, findings and the shipped templates for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.messages.case_message import CaseView
from compliance_bot.messages.templates import Templates, load_templates
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.model.findings import Finding, FindingStatus, Severity

FINDING = Finding(
    id="f-1",
    title="Public bucket",
    severity=Severity.CRITICAL,
    status=FindingStatus.OPEN,
    category="data_leak",
    description="Anyone can list customer-exports.",
    account="aws-prod",
    resource="arn:aws:s3:::customer-exports",
    frameworks=("SOC2", "GDPR"),
    controls=("CC6.1",),
    recommendation="Block public access",
    first_seen=1_700_000_000.0,
    last_seen=1_700_000_600.0,
    occurrences=3,
)
CASE = Case(
    id=1,
    ref="CB-7F3K",
    object_id=1,
    episode=1,
    state=CaseState.OPEN,
    severity="critical",
    version=1,
    opened_at=1_700_000_000.0,
)
VIEW = CaseView(
    case=CASE,
    finding=FINDING,
    template="critical_alert",
    emoji=":rotating_light:",
    mentions=("<!subteam^S012345>", "<@U012345>"),
    ping=True,
    note=None,
    url="https://studio.example/findings/f-1",
    change="New finding",
    score=None,
    now=1_700_000_700.0,
)
ViewMaker = Callable[..., CaseView]


@pytest.fixture(scope="session")
def templates() -> Templates:
    loaded, problems = load_templates(Path(__file__).parents[2] / "templates")
    assert problems == ()
    return loaded


@pytest.fixture(scope="session")
def a_view() -> ViewMaker:
    """A case's view; ``case`` and ``finding`` take fields to be changed in them."""

    def make(
        *, case: dict[str, Any] | None = None, finding: dict[str, Any] | None = None, **changes: Any
    ) -> CaseView:
        view = replace(VIEW, **changes)
        return replace(view, case=replace(CASE, **(case or {})), finding=replace(FINDING, **(finding or {})))

    return make
