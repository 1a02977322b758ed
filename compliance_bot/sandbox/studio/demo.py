"""Puts the story into a Studio: believable people, accounts, projects and a month of findings."""

from __future__ import annotations

import random

from compliance_bot.sandbox.story.company import (
    ACCOUNTS,
    CONTROLS,
    CUSTOMER,
    MORE_AUDITORS,
    PEOPLE,
    PROJECTS,
)
from compliance_bot.sandbox.story.findings import story_findings
from compliance_bot.sandbox.studio.fixture import (
    AUDITOR,
    DAY,
    FRAMEWORK_IDS,
    INTEGRATION,
    fixture_id,
    project_control,
    seed_fixture,
)
from compliance_bot.sandbox.studio.records import Records

PROGRESS = (100, 100, 100, 80, 60)
"""Per cent that a control of a project under way stands at."""
WORKED_ON = (1, 5)
"""The projects in which somebody works: SOC 2 and PCI DSS."""
PAST_STATUSES = ("open", "open", "investigating", "in_progress", "resolved", "resolved", "accepted_risk")


def tell_story(records: Records, *, seed: int = 1, findings: int = 60, days: float = 30.0) -> None:
    """Begin the demo: ``findings`` of the last ``days``, deterministic by ``seed``; ids as recorded."""
    records.empty()
    seed_fixture(records)
    records.findings.clear()
    for number, (name, email) in enumerate(PEOPLE, 1):
        records.people[fixture_id("a", number)] |= {"name": name, "email": email}
    for number, (name, email) in enumerate(MORE_AUDITORS, len(PEOPLE) + 1):
        row = {**records.people[AUDITOR], "id": fixture_id("a", number), "name": name, "email": email}
        records.people[str(row["id"])] = row
    for number, name in enumerate(PROJECTS, 1):
        records.projects[fixture_id("b", number)] |= {"name": name, "customerName": CUSTOMER}
    _connect_accounts(records)
    chance = random.Random(seed)
    _add_controls(records)
    for number in WORKED_ON:
        _work_on(records, fixture_id("b", number), chance)
    _remember_findings(records, chance, findings, days)


def _add_controls(records: Records) -> None:
    known = {row["code"] for row in records.controls.values()}
    for number, (code, framework) in enumerate(CONTROLS.items(), 1):
        if code in known:
            continue
        row_id = f"c2000000-0000-4000-8000-{number:012d}"
        records.controls[row_id] = {
            "id": row_id,
            "frameworkId": FRAMEWORK_IDS[framework],
            "code": code,
            "title": f"Control {code}",
            "description": None,
            "category": "Security",
            "tags": [],
        }


def _work_on(records: Records, project_id: str, chance: random.Random) -> None:
    framework = records.projects[project_id]["frameworkId"]
    copied = {row["controlId"]: row for row in records.controls_of(project_id)}
    for control in [row for row in records.controls.values() if row["frameworkId"] == framework]:
        fresh = project_control(control["id"].replace("c2", "c3", 1), project_id, control["id"])
        row = {**copied.get(control["id"], fresh), "progress": chance.choice(PROGRESS)}
        records.project_controls[row["id"]] = row


def _connect_accounts(records: Records) -> None:
    template = records.integrations[INTEGRATION]
    for number, account in enumerate(ACCOUNTS, 1):
        vendor = account.name.partition(" ")[0]
        row = {**template, "id": fixture_id("d", number), "name": account.name, "vendor": vendor}
        records.integrations[row["id"]] = row


def _remember_findings(records: Records, chance: random.Random, count: int, days: float) -> None:
    for told in story_findings(count, chance.randrange(1 << 30)):
        seen = records.now() - chance.uniform(0.1, days) * DAY
        status = chance.choice(PAST_STATUSES)
        resolver = {"resolvedAt": seen + DAY / 20, "resolvedById": fixture_id("a", 3)}
        records.findings.add(
            integrationId=fixture_id("d", chance.randrange(1, len(ACCOUNTS) + 1)),
            status=status,
            firstSeenAt=seen,
            lastSeenAt=seen,
            createdAt=seen,
            updatedAt=seen,
            **told,
            **(resolver if status == "resolved" else {}),
        )
