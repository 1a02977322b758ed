"""``--live``: Slack's own word on each template, filled with made-up values. Nothing is posted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance_bot.cli.checkup.lines import Line, doubt, fault, good
from compliance_bot.messages.templates import TemplateFailed, Templates
from compliance_bot.messages.values import Markup, Moment, link
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.failures import FailureClass, SlackCallFailed

_TIME = Moment(1_767_225_600.0)
_PAGE = link("https://studio.example.com/findings/1")

MADE_UP: Mapping[str, Any] = {
    "id": "finding-1",
    "type": "finding",
    "category": "security",
    "finding_category": "data_leak",
    "severity": "Critical",
    "status": "Open",
    "title": "Storage bucket is public",
    "description": "Anyone can list customer-exports.",
    "impact": "customer-exports · SOC2 · CC6.1",
    "action": "Block public access",
    "frameworks": ("SOC2", "GDPR"),
    "framework": "SOC2",
    "controls": ("CC6.1",),
    "project": "Payments",
    "project_id": "project-1",
    "days_remaining": 3,
    "due": _TIME,
    "score": 87,
    "assignee": "Bob",
    "resource": "arn:aws:s3:::customer-exports",
    "affected_user": "bob@example.com",
    "account": "aws-prod",
    "vendor": "aws",
    "url": _PAGE,
    "occurrences": 3,
    "change": "New finding",
    "source": "studio",
    "recommendation": "Block public access",
    "first_seen": _TIME,
    "last_seen": _TIME,
    "emoji": ":rotating_light:",
    "issue_type": "Data leak",
    "issue_id": "CB-7F3K",
    "issue_url": _PAGE,
    "update_type": "New finding",
    "message": "Storage bucket is public: New finding",
    "mentions": Markup("@compliance-team", "@compliance-team"),
    "opened_at": _TIME,
    "heading": "Studio is away",
    "notice": Markup("Studio has not answered.", "Studio has not answered."),
    "mend": "Look at Studio's own log",
    "reference": "R-17",
    "at": _TIME,
    "report_name": "Quarterly report",
    "report_url": _PAGE,
    "period": "Q1",
    "lines": (
        {
            "ref": "CB-7F3K",
            "severity": "High",
            "title": "Storage bucket is public",
            "standing": "CB-7F3K",
            "acknowledge": "CB-7F3K",
        },
        {
            "ref": "CB-8G4M",
            "severity": "Medium",
            "title": "Key is old",
            "state": "acknowledged by Mia",
            "standing": "CB-8G4M · acknowledged by Mia",
        },
    ),
    "total": 23,
    "handled": 3,
    "more": "2 listed; 21 more (21 medium) are not: please see Studio",
    "acknowledge_all": "D-12 CB-7F3K",
    "acknowledge_count": "1 finding",
    "acknowledge_words": "This acknowledges, in your name, the one finding listed here that is still open.",
    "channel": "compliance-alerts",
    "counts": "214 findings (3 critical, 211 medium) were in Studio already.",
    "requester": "Ann",
    "requested_at": _TIME,
    "age": "3 days",
    "deciders": "Ann, Bob",
    "asked": "Ann, Bob",
    "needed": 1,
    "scope": "Payments, all accounts",
    "starts": _TIME,
    "ends": _TIME,
    "control": "CC6.1",
    "evidence_type": "Screenshot",
    "file_name": "access-review.pdf",
    "file_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "uploader": "Bob",
    "uploaded_at": _TIME,
    "criticals": 3,
    "open_tasks": 12,
    "new_findings": 7,
    "overdue": 2,
    "since": _TIME,
    "until": _TIME,
}
"""A value for every name that a template may use."""

_SENTENCES = ("Access review of Payments: due tomorrow", "Key rotation: overdue since Monday")
"""``lines`` of every template but the digest's."""


def made_up(name: str) -> Mapping[str, Any]:
    """Values for one template; ``lines`` mean something else in a digest than elsewhere."""
    return MADE_UP if name == "digest" else {**MADE_UP, "lines": _SENTENCES}


async def try_templates(client: SlackClient, templates: Templates) -> list[Line]:
    """What ``blocks.validate`` says of each template, by name."""
    return [await _try(client, templates, name) for name in sorted(templates.names)]


async def _try(client: SlackClient, templates: Templates, name: str) -> Line:
    file = f"templates/{name}.json.j2"
    try:
        message = templates.render(name, made_up(name))
        answer = await client.call("blocks.validate", {"blocks": message.blocks}) if message.blocks else {}
    except TemplateFailed as failure:
        return fault("live", str(failure), f"correct {file}")
    except SlackCallFailed as failure:
        words = f"{file} could not be tried: {failure}"
        if failure.kind in (FailureClass.RETRY, FailureClass.UNKNOWN):
            return doubt("live", words, "try again in a minute")
        return fault("live", words, f"compare {file} with the shipped one (compliance-bot init DIR)")
    errors = answer.get("errors") or ()
    if errors:
        return fault("live", f"Slack refuses {file}: {_said(errors[0])}", f"correct {file} at that place")
    return good("live", f"Slack takes {file}")


def _said(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    place = error.get("pointer") or ""
    return f"{error.get('message') or error.get('code')}" + (f" at {place}" if place else "")
