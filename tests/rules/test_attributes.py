from dataclasses import replace

import pytest

from compliance_bot.model.events import Change
from compliance_bot.model.findings import Finding, FindingStatus, Severity
from compliance_bot.model.platform import Alert, Project
from compliance_bot.rules.attributes import (
    ATTRIBUTES,
    Kind,
    alert_attributes,
    category_group,
    days_until,
    finding_attributes,
    project_attributes,
)

NOW = 1_799_900_000.0


def test_finding_gives_every_attribute_that_studio_said(finding: Finding) -> None:
    values = finding_attributes(
        finding, change=Change.NEW, categories={}, now=NOW, url="https://x/f-1", project="Payments", score=80
    )
    assert values == {
        "id": "f-1",
        "type": "finding",
        "source": "studio",
        "change": "new",
        "category": "security",
        "finding_category": "data_leak",
        "severity": "critical",
        "status": "open",
        "title": "Bucket is public",
        "description": "Everybody can read it.",
        "impact": "s3://bucket · SOC 2, ISO 27001 · CC6.1",
        "action": "Close it.",
        "frameworks": ("SOC 2", "ISO 27001"),
        "framework": "SOC 2",
        "project": "Payments",
        "project_id": "p-1",
        "score": 80,
        "assignee": "Bob",
        "resource": "s3://bucket",
        "url": "https://x/f-1",
        "occurrences": 3,
        "due": "2027-01-15",
        "days_remaining": 1,
    }
    assert values.keys() == ATTRIBUTES.keys()


def test_what_studio_did_not_say_is_absent() -> None:
    bare = Finding(id="f", title="", severity=Severity.LOW, status=FindingStatus.OPEN, category="")
    values = finding_attributes(bare, change=Change.STATUS, categories={}, now=NOW)
    assert None not in values.values()
    assert "" not in values.values()
    assert (
        not {"title", "due", "days_remaining", "framework", "frameworks", "url", "project", "score"}
        & values.keys()
    )
    assert values["impact"] == "not stated by Studio"
    assert values["action"] == "Review in Studio"
    assert values["category"] == "other"


def test_every_attribute_is_of_its_kind(finding: Finding) -> None:
    values = finding_attributes(finding, change=Change.NEW, categories={}, now=NOW)
    kinds: dict[Kind, type | tuple[type, ...]] = {
        Kind.TEXT: str,
        Kind.NUMBER: (int, float),
        Kind.TEXTS: tuple,
    }
    for name, value in values.items():
        assert isinstance(value, kinds[ATTRIBUTES[name]]), name


def test_action_falls_to_the_remediation_steps(finding: Finding) -> None:
    later = replace(finding, recommendation=None, remediation="1. Close")
    values = finding_attributes(later, change=Change.NEW, categories={}, now=NOW)
    assert values["action"] == "1. Close"


@pytest.mark.parametrize(
    ("category", "group"),
    [
        ("data_leak", "security"),
        ("malware", "security"),
        ("unauthorized_access", "security"),
        ("suspicious_activity", "security"),
        ("vulnerability", "security"),
        ("anomaly", "security"),
        ("policy_violation", "compliance"),
        ("compliance_gap", "compliance"),
        ("misconfiguration", "compliance"),
        ("something_new", "other"),
    ],
)
def test_category_has_its_group(category: str, group: str) -> None:
    assert category_group(category, {}) == group
    assert category_group(category, {category: "mine"}) == "mine"


def test_days_are_those_of_the_calendar() -> None:
    day = 86400.0
    assert days_until(10 * day, 9 * day + 1) == 1
    assert days_until(10 * day, 10 * day + 80000) == 0
    assert days_until(10 * day, 11 * day) == -1


PROJECT = Project(
    id="p-1", name="Audit", status="in_progress", framework="SOC 2", score=60, due=NOW + 3 * 86_400
)


def test_a_project_gives_what_the_guide_s_rules_ask_for() -> None:
    values = project_attributes(
        PROJECT, event_type="update", change=Change.SCORE, now=NOW, url="https://x/p-1"
    )
    assert values == {
        "id": "p-1",
        "type": "update",
        "source": "studio",
        "change": "score",
        "status": "in_progress",
        "title": "Audit",
        "frameworks": ("SOC 2",),
        "framework": "SOC 2",
        "project": "Audit",
        "project_id": "p-1",
        "score": 60,
        "url": "https://x/p-1",
        "due": "2027-01-17",
        "days_remaining": 3,
    }
    assert values.keys() <= ATTRIBUTES.keys()


def test_a_report_is_ready_whatever_the_project_s_own_status() -> None:
    approved = replace(PROJECT, status="approved", framework=None, score=None, due=None)
    values = project_attributes(approved, event_type="report", change=Change.APPROVED, now=NOW)
    assert (values["type"], values["status"]) == ("report", "ready")
    assert not {"framework", "frameworks", "score", "due", "url"} & values.keys()


def test_an_alert_says_its_title_and_what_is_known_of_its_project() -> None:
    alert = Alert(
        type="stalled",
        severity="warning",
        title="Stalled Project: Audit",
        description="Less than 20%",
        entity_id="p-1",
        entity_type="project",
    )
    values = alert_attributes(alert, PROJECT, change=Change.STALLED, now=NOW)
    assert (values["title"], values["description"]) == ("Stalled Project: Audit", "Less than 20%")
    assert (values["project"], values["score"], values["status"]) == ("Audit", 60, "in_progress")
    unknown = alert_attributes(alert, None, change=Change.STALLED, now=NOW)
    assert (unknown["id"], unknown["project_id"]) == ("p-1", "p-1")
    assert not {"project", "status", "score"} & unknown.keys()
