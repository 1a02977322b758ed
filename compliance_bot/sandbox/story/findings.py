"""Findings that could be true, by number: the same number is always the same finding."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from compliance_bot.sandbox.story.company import ACCOUNTS, CONTROLS, OWNERS, Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A kind of finding; ``{name}``, ``{user}`` and ``{n}`` are filled per finding."""

    title: str
    description: str
    severity: str
    category: str
    type: str
    service: str
    resource: str
    recommendation: str
    controls: tuple[str, ...]


PLOTS: tuple[Plot, ...] = (
    Plot(
        title="Storage bucket {name}-{n} is readable by everyone",
        description="The bucket's policy grants s3:GetObject to all principals. 312 objects are exposed.",
        severity="critical",
        category="data_leak",
        type="config",
        service="S3",
        resource="arn:aws:s3:::{name}-{n}",
        recommendation="Block public access on the bucket and review its access log.",
        controls=("CC6.1", "A.8.12"),
    ),
    Plot(
        title="Root account of {name} has no second factor",
        description="The root user can sign in with a password alone. Last sign-in: 9 days ago.",
        severity="critical",
        category="unauthorized_access",
        type="identity",
        service="IAM",
        resource="arn:aws:iam::{n}:root",
        recommendation="Enrol a hardware key for the root user and lock its password away.",
        controls=("CC6.1", "CC6.3"),
    ),
    Plot(
        title="Access key of {user} is {age} days old",
        description="The key is active and has not been rotated within the 90 days that policy allows.",
        severity="high",
        category="policy_violation",
        type="identity",
        service="IAM",
        resource="arn:aws:iam::{n}:user/{user}",
        recommendation="Rotate the key, then delete the old one after a week without use.",
        controls=("CC6.1", "8.6.3"),
    ),
    Plot(
        title="Database snapshot {name}-{n} is shared with an unknown account",
        description="A manual snapshot of the customer database is shared outside the organisation.",
        severity="critical",
        category="data_leak",
        type="config",
        service="RDS",
        resource="arn:aws:rds:eu-central-1:snapshot:{name}-{n}",
        recommendation="Remove the share and find out who made it.",
        controls=("CC6.7", "164.312(a)(1)"),
    ),
    Plot(
        title="Port 22 of {name}-{n} is open to the internet",
        description="Security group sg-{n} lets 0.0.0.0/0 reach SSH; 4,120 failed logins since yesterday.",
        severity="high",
        category="misconfiguration",
        type="network",
        service="EC2",
        resource="sg-{n}",
        recommendation="Close the port; reach the host through the bastion.",
        controls=("CC6.6", "1.2.1"),
    ),
    Plot(
        title="Disk of {name}-{n} is not encrypted",
        description="A volume that holds personal data was created without encryption at rest.",
        severity="medium",
        category="compliance_gap",
        type="config",
        service="EC2",
        resource="vol-{n}",
        recommendation="Copy the volume with encryption and replace it.",
        controls=("164.312(a)(2)(iv)", "3.5.1"),
    ),
    Plot(
        title="Account of {user} is active after they left",
        description="The person left 12 days ago; their directory account still opens two applications.",
        severity="high",
        category="unauthorized_access",
        type="identity",
        service="Directory",
        resource="user/{user}",
        recommendation="Disable the account and review what it did since.",
        controls=("CC6.2", "A.5.18"),
    ),
    Plot(
        title="Package with a known hole runs on {name}-{n}",
        description="openssl 3.0.1 is affected by a published remote vulnerability; a fix is available.",
        severity="medium",
        category="vulnerability",
        type="scan",
        service="EC2",
        resource="i-{n}",
        recommendation="Patch within 14 days; the mending window is Tuesday night.",
        controls=("CC7.1", "6.3.3"),
    ),
    Plot(
        title="Audit log of {name} was switched off for {age} minutes",
        description="Trail logging stopped and started again; the actor is a service role.",
        severity="high",
        category="suspicious_activity",
        type="log",
        service="CloudTrail",
        resource="arn:aws:cloudtrail:{n}:trail/{name}",
        recommendation="Ask the role's owner; keep the gap as evidence.",
        controls=("CC7.2", "A.8.15"),
    ),
    Plot(
        title="Backup of {name}-{n} has not been restored in a test this quarter",
        description="The last restore test is {age} days old; policy asks for one a quarter.",
        severity="low",
        category="compliance_gap",
        type="process",
        service="Backup",
        resource="vault/{name}-{n}",
        recommendation="Restore into the test account and attach the report.",
        controls=("A1.2", "164.308(a)(7)"),
    ),
    Plot(
        title="{user} downloaded {age} reports in an hour",
        description="Well above this person's usual three a week; the office network was used.",
        severity="medium",
        category="anomaly",
        type="log",
        service="Reports",
        resource="user/{user}",
        recommendation="Ask the person; the quarter's close may explain it.",
        controls=("CC7.2",),
    ),
    Plot(
        title="Tag owner is missing on {name}-{n}",
        description="The resource has no owner tag, so nobody is asked when something is wrong with it.",
        severity="info",
        category="other",
        type="config",
        service="EC2",
        resource="i-{n}",
        recommendation="Set the owner tag.",
        controls=("CC1.3",),
    ),
)


def _fill(plot: Plot, account: Account, number: int, severity: str | None) -> dict[str, Any]:
    words = {
        "name": account.slug,
        "n": f"{number:04d}",
        "user": OWNERS[number * 7 % len(OWNERS)],
        "age": str(91 + number * 13 % 240),
    }
    return {
        "title": plot.title.format(**words),
        "description": plot.description.format(**words),
        "severity": severity or plot.severity,
        "category": plot.category,
        "type": plot.type,
        "cloudService": plot.service,
        "affectedResource": plot.resource.format(**words),
        "location": account.region,
        "recommendation": plot.recommendation,
        "frameworks": list(dict.fromkeys(CONTROLS[code] for code in plot.controls)),
        "controls": list(plot.controls),
    }


def story_finding(number: int, severity: str | None = None) -> dict[str, Any]:
    """The fields of the story's finding of that number; ``severity`` chooses among fitting plots."""
    fitting = [plot for plot in PLOTS if severity is None or plot.severity == severity]
    return _fill(fitting[number % len(fitting)], ACCOUNTS[number * 5 % len(ACCOUNTS)], number, severity)


def story_findings(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """``count`` findings, mixed as a real week mixes them; the same ``seed`` gives the same week."""
    chance = random.Random(seed)
    return [story_finding(chance.randrange(1, 9000)) for _ in range(count)]
