from collections.abc import Callable, Mapping

import pytest

from compliance_bot.config.load import load_text
from compliance_bot.model.findings import Finding, FindingStatus, Severity
from compliance_bot.model.slack import Channel, Directory, Person, UserGroup
from compliance_bot.rules.compile import compile_sections
from compliance_bot.rules.routing import Router

Compile = Callable[[str], Router]


@pytest.fixture
def compiled() -> Compile:
    """Compiles the text of a rules.yaml that is without fault."""

    def compile_text(text: str) -> Router:
        loaded = load_text(text)
        assert loaded.rules is not None, loaded.problems
        assert loaded.problems == ()
        compiled = compile_sections(loaded.rules)
        assert [c for c in compiled.complaints if not c.warning] == []
        return compiled.router

    return compile_text


@pytest.fixture
def directory() -> Directory:
    """The channels of the guide, two groups and a person."""
    return a_directory(
        "compliance", "compliance-alerts", "compliance-reports", "security-alerts", "team-payments"
    )


def a_directory(*names: str, archived: tuple[str, ...] = ()) -> Directory:
    channels = {
        name: Channel(id=f"C{index:08d}", name=name, member=True, archived=name in archived)
        for index, name in enumerate([*names, *archived])
    }
    groups: Mapping[str, str] = {"compliance-team": "S1", "security-team": "S2", "manager": "S3"}
    bob = Person(id="U1", handle="bob", name="Bob", email="bob@example.com")
    return Directory(
        channels_by_name=channels,
        channels_by_id={channel.id: channel for channel in channels.values()},
        groups_by_handle={
            handle: UserGroup(id=i, handle=handle, name=handle) for handle, i in groups.items()
        },
        people_by_handle={"bob": bob},
        people_by_email={"bob@example.com": bob},
        complete=True,
    )


@pytest.fixture
def finding() -> Finding:
    """A critical leak with everything that Studio can say."""
    return Finding(
        id="f-1",
        title="Bucket is public",
        severity=Severity.CRITICAL,
        status=FindingStatus.OPEN,
        category="data_leak",
        description="Everybody can read it.",
        resource="s3://bucket",
        frameworks=("SOC 2", "ISO 27001"),
        controls=("CC6.1",),
        recommendation="Close it.",
        assignee_name="Bob",
        project_id="p-1",
        due=1_800_000_000.0,
        occurrences=3,
    )
