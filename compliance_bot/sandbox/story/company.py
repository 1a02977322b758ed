"""The company of the story: its accounts, the people who own things, and its frameworks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A cloud account or application of the company."""

    name: str
    slug: str
    region: str


ACCOUNTS: tuple[Account, ...] = (
    Account(name="AWS prod", slug="northwind-prod", region="eu-central-1"),
    Account(name="AWS payments", slug="northwind-payments", region="eu-west-1"),
    Account(name="AWS data lake", slug="northwind-lake", region="eu-central-1"),
    Account(name="AWS staging", slug="northwind-staging", region="eu-west-1"),
    Account(name="Workspace", slug="northwind-office", region="global"),
    Account(name="Patient portal", slug="northwind-portal", region="us-east-1"),
    Account(name="Build farm", slug="northwind-build", region="us-east-1"),
)

OWNERS = (
    "amara.obi",
    "bjorn.lund",
    "chen.wei",
    "dana.kim",
    "elif.kaya",
    "farid.aziz",
    "greta.holm",
    "hugo.diaz",
)

FRAMEWORKS: tuple[str, ...] = ("SOC 2", "ISO 27001", "HIPAA", "PCI DSS")

CONTROLS = {
    "CC1.3": "SOC 2",
    "CC6.1": "SOC 2",
    "CC6.2": "SOC 2",
    "CC6.3": "SOC 2",
    "CC6.6": "SOC 2",
    "CC6.7": "SOC 2",
    "CC7.1": "SOC 2",
    "CC7.2": "SOC 2",
    "A1.2": "SOC 2",
    "A.5.18": "ISO 27001",
    "A.8.12": "ISO 27001",
    "A.8.15": "ISO 27001",
    "164.308(a)(7)": "HIPAA",
    "164.312(a)(1)": "HIPAA",
    "164.312(a)(2)(iv)": "HIPAA",
    "1.2.1": "PCI DSS",
    "3.5.1": "PCI DSS",
    "6.3.3": "PCI DSS",
    "8.6.3": "PCI DSS",
}
"""Control code → the framework it belongs to."""

CUSTOMER = "Northwind Health"

PEOPLE = (
    ("Ines Aalto", "ines.aalto@northwind.example"),
    ("Mona Manager", "manager@example.com"),
    ("Bob Builder", "bob@example.com"),
    ("Alice Auditor", "alice@example.com"),
    ("Carol Compliance", "carol@example.com"),
    ("Ravi Menon", "ravi.menon@northwind.example"),
    ("Lena Sato", "lena.sato@northwind.example"),
)
"""Name and e-mail by role: admin, manager, two auditors, customer, reviewer, compliance.

Who is in the demo's Slack too has the same address there. Carol asked for the audits that wait.
"""

MORE_AUDITORS = (
    ("Elif Kaya", "elif.kaya@northwind.example"),
    ("Hugo Diaz", "hugo.diaz@northwind.example"),
)
"""Auditors whom Slack does not know."""

PROJECTS = (
    "SOC 2 Type II 2026",
    "ISO 27001 recertification",
    "SOC 2 Type I (legacy)",
    "HIPAA readiness",
    "PCI DSS 4.0 for payments",
)
"""Names of the projects, in the order in which Studio's own seed has them."""
