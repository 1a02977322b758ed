"""A word on an approval is taken on what Studio says at that moment, or waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.handlers.approving import Approving
from compliance_bot.handlers.deciders import Rule
from compliance_bot.model.approvals import ApprovalState
from compliance_bot.model.platform import Project
from compliance_bot.studio.failures import FailureKind, StudioCallFailed
from tests.approvals.stage import ANN, Desk, a_desk, a_project
from tests.cases.stage import DAY, START
from tests.people.test_access import Slack, an_access


@dataclass
class Studio:
    """What Studio says of a project, and how often it was asked."""

    says: Project | FailureKind
    asked: list[str] = field(default_factory=list)

    async def project(self, project_id: str, **_: object) -> Project:
        """It, or why not."""
        self.asked.append(project_id)
        if isinstance(self.says, FailureKind):
            raise StudioCallFailed(self.says, "Studio does not say.", operation="projects.get")
        return self.says


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with a project that waits."""
    desk = await a_desk(tmp_path)
    await desk.begin()
    await desk.asked()
    yield desk
    await desk.database.close()


def rules(desk: Desk, studio: Studio) -> dict[str, Rule]:
    """How words on approvals are decided at this desk."""

    class Now:
        def now(self) -> float:
            return desk.now

    given: dict[str, Any] = {"clock": Now(), "studio": studio}
    access = an_access(Slack())
    return dict(Approving(database=desk.database, moment=desk.moment, access=access, **given).rules())


async def freshened(desk: Desk, says: Project | FailureKind, value: str = "AP-0001") -> bool:
    """Whether Studio said enough for a word on it to be taken."""
    rule = rules(desk, Studio(says))["approve"]
    assert rule.freshen is not None
    return await rule.freshen(value)


def test_no_word_is_taken_while_studio_does_not_answer_but_it_can_be_handed_on(desk: Desk) -> None:
    """Fails if an approval is decided on what Studio said long ago."""
    found = rules(desk, Studio(a_project()))
    waiting = {kind for kind, rule in found.items() if rule.must_be_fresh}
    assert waiting == set(found) - {"delegate"}


@pytest.mark.parametrize(
    "kind", [FailureKind.AWAY, FailureKind.BROKEN, FailureKind.REFUSED, FailureKind.THROTTLED]
)
async def test_a_studio_that_does_not_say_changes_nothing(desk: Desk, kind: FailureKind) -> None:
    assert await freshened(desk, kind) is False
    assert (await desk.approval()).state is ApprovalState.WAITING


async def test_what_changed_in_studio_is_known_before_the_word_is_taken(desk: Desk) -> None:
    seen = (await desk.approval()).facts.hash
    assert await freshened(desk, a_project(due=START + 70 * DAY)) is True
    reply = await desk.approves(ANN, facts=seen)
    assert reply is not None
    assert reply["say"] == "approval_changed"


async def test_what_was_decided_or_deleted_there_is_over_here(desk: Desk) -> None:
    assert await freshened(desk, a_project(status="rejected"), "AP-0001 facts") is True
    assert (await desk.approval()).state is ApprovalState.ELSEWHERE
    desk.later(1)
    await desk.ask(a_project("p-2"))
    assert await freshened(desk, FailureKind.NOT_FOUND, "AP-0002") is True
    assert (await desk.approval("AP-0002")).state is ApprovalState.GONE


async def test_of_what_is_over_or_unknown_studio_is_not_asked(desk: Desk) -> None:
    await desk.reads(a_project(status="rejected"))
    studio = Studio(FailureKind.AWAY)
    rule = rules(desk, studio)["approve"]
    assert rule.freshen is not None
    assert [await rule.freshen(ref) for ref in ("AP-0001", "AP-9999", "")] == [True, True, True]
    assert studio.asked == []
