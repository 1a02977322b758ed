"""The events that the page's rules panel offers to explain: one of each kind that people ask about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An event as ``explain`` takes it."""

    name: str
    label: str
    event: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """For the page."""
        return {"name": self.name, "label": self.label, "event": dict(self.event)}


def _finding(name: str, label: str, severity: str, category: str, **more: Any) -> Sample:
    event = {"type": "finding", "severity": severity, "finding_category": category, "status": "open", **more}
    return Sample(name=name, label=label, event=event)


SAMPLES: tuple[Sample, ...] = (
    _finding(
        "critical_security",
        "A critical security finding",
        "critical",
        "data_leak",
        title="Storage bucket patient-exports is readable by everyone",
        description="The bucket's policy grants s3:GetObject to all principals.",
        resource="arn:aws:s3:::patient-exports",
        action="Block public access on the bucket and review its access log.",
        frameworks=["SOC 2", "ISO 27001"],
    ),
    _finding(
        "critical_compliance",
        "A critical compliance finding",
        "critical",
        "policy_violation",
        title="Audit trail of the payments account is switched off",
        description="Trail logging stopped and was not started again.",
        resource="arn:aws:cloudtrail:eu-central-1:trail/payments",
        action="Switch the trail on and keep the gap as evidence.",
        frameworks=["PCI DSS"],
    ),
    _finding(
        "high_compliance",
        "A high compliance finding",
        "high",
        "misconfiguration",
        title="Port 22 of build-7 is open to the internet",
        description="A security group lets 0.0.0.0/0 reach SSH.",
        resource="sg-0071",
        action="Close the port; reach the host through the bastion.",
        frameworks=["SOC 2"],
    ),
    _finding(
        "medium_hipaa",
        "A medium finding under HIPAA",
        "medium",
        "compliance_gap",
        title="Disk of portal-3 is not encrypted",
        description="A volume that holds personal data was created without encryption at rest.",
        resource="vol-0043",
        action="Copy the volume with encryption and replace it.",
        frameworks=["HIPAA"],
    ),
    _finding(
        "info",
        "A finding for information",
        "info",
        "other",
        title="Tag owner is missing on build-9",
        description="Nobody is asked when something is wrong with it.",
        resource="i-0099",
        action="Set the owner tag.",
    ),
    Sample(
        name="report_ready",
        label="A report is ready",
        event={"type": "report", "status": "ready", "title": "SOC 2 Type II 2026", "framework": "SOC 2"},
    ),
    Sample(
        name="project_update",
        label="A project's score has fallen",
        event={"type": "update", "title": "HIPAA readiness", "project": "HIPAA readiness", "score": 71},
    ),
    Sample(
        name="deadline",
        label="A deadline in two days",
        event={"type": "deadline", "title": "Access review", "days_remaining": 2, "framework": "SOC 2"},
    ),
)
