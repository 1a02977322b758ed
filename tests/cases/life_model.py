"""A small model of the table of a case's life, the finding that lives through it, and how both are driven."""

from __future__ import annotations

import asyncio
import io
import json
import tempfile
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
)

from compliance_bot import logs
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.model.delivery import Done, Effect, EffectKind
from compliance_bot.model.findings import Finding, FindingStatus, Severity
from tests.cases.stage import Stage, a_finding, a_stage, rules_saying

RUNG = 1800.0
LADDER = """
escalation:
  - after: 30m
    mentions: ["@security-team"]
    repeat: 1
"""
RUNGS = 2
UNDO_WITHIN = 600.0
LEAST_LEFT = 60.0

OPEN, ACKNOWLEDGED, SNOOZED, CLOSED = CaseState
PEOPLE = st.sampled_from(["UBOBSMITH", "UCAROLYN"])
NOT_CLOSED = [status for status in FindingStatus if not status.is_closed]
CLOSINGS = {
    "resolve": FindingStatus.RESOLVED,
    "false_positive": FindingStatus.FALSE_POSITIVE,
    "accept_risk": FindingStatus.ACCEPTED_RISK,
}

CELLS: dict[str, tuple[CaseState, ...]] = {
    "acknowledge": (OPEN, ACKNOWLEDGED, SNOOZED, CLOSED),
    "snooze": (OPEN, ACKNOWLEDGED, SNOOZED, CLOSED),
    "close": (OPEN, ACKNOWLEDGED, SNOOZED, CLOSED),
    "assign": (OPEN, ACKNOWLEDGED, SNOOZED, CLOSED),
    "comment": (OPEN, ACKNOWLEDGED, SNOOZED, CLOSED),
    "Studio takes it up": (OPEN, ACKNOWLEDGED, SNOOZED, CLOSED),
    "Studio closes it": (OPEN, ACKNOWLEDGED, SNOOZED, CLOSED),
    "gone": (OPEN, ACKNOWLEDGED, SNOOZED),
    "Studio opens it": (ACKNOWLEDGED, SNOOZED, CLOSED),
    "severity raised": (OPEN, ACKNOWLEDGED, SNOOZED, CLOSED),
    "fix-by passes": (ACKNOWLEDGED,),
    "snooze ends": (SNOOZED,),
    "undo": (ACKNOWLEDGED, SNOOZED, CLOSED),
    "Studio refuses": (ACKNOWLEDGED, CLOSED),
    "a rung is due": (OPEN,),
    "accepted risk ends": (CLOSED,),
}
"""The rows of the table and the states in which each says something."""


NOBODY: dict[str, Any] = {"taken_by": None, "fix_by": None, "wake_at": None, "stands_by": None}


@dataclass(frozen=True, kw_only=True)
class Model:
    """A case as the table has it. ``left``: seconds to the next rung; None while the ladder stands still.

    ``stands_by``: the number of the decision by which it stands as it does.
    """

    state: CaseState
    episode: int = 1
    severity: Severity = Severity.HIGH
    owner: str | None = None
    taken_by: str | None = None
    fix_by: float | None = None
    wake_at: float | None = None
    risk_until: float | None = None
    climbed: int = 0
    next_rung: float | None = None
    closed_at: float | None = None
    stands_by: int | None = None


@dataclass(kw_only=True)
class Decision:
    """A click that Undo may take back: what it found, and what it left."""

    number: int
    action: str
    person: str
    at: float
    before: Model
    left: Model
    undone: bool = False
    refused: bool = False
    confirmed_by: str | None = None


class Stand(RuleBasedStateMachine):
    """One finding and its case beside the model of the table, and how both are driven."""

    covered: ClassVar[Counter[tuple[str, str]]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        logs.configure("critical", stream=io.StringIO(), pretty=False)
        self.loop = asyncio.new_event_loop()
        self.directory = tempfile.TemporaryDirectory()
        rulebook = rules_saying(LADDER)
        self.stage: Stage = self.run(a_stage(Path(self.directory.name), rulebook=rulebook))
        self.run(self.stage.begin())
        self.truth: Finding = a_finding()
        self.model: Model | None = None
        self.decisions: list[Decision] = []
        self.proposed: tuple[int, str, Model] | None = None
        self.is_gone = False

    # ------------------------------------------------------------ how it is driven

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run to the end on this machine's own loop."""
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        """All comes to rest, and every message shows what there is."""
        if self.model is not None:
            self.settle()
            self.stage.later(1000)
            self.settle()
            self.every_message_shows_the_case()
        self.run(self.stage.database.close())
        self.loop.close()
        self.directory.cleanup()

    @property
    def now(self) -> float:
        """The bot's clock."""
        return self.stage.now

    @property
    def m(self) -> Model:
        """The model of a case that there is."""
        assert self.model is not None
        return self.model

    def cover(self, row: str, state: CaseState | str) -> None:
        """Count a cell."""
        self.covered[row, str(state)] += 1

    def become(self, **changes: Any) -> None:
        """Move the model."""
        self.model = replace(self.m, **changes)

    def open_anew(self, **changes: Any) -> None:
        """The model of a case that is open again: nobody's who only had acknowledged it."""
        model = self.m
        owner = None if model.owner == model.taken_by else model.owner
        fresh = {"climbed": 0, "next_rung": self.now + RUNG}
        self.become(**{**NOBODY, **fresh, "state": OPEN, "owner": owner, **changes})

    def new_episode(self, state: CaseState) -> None:
        """The model of a case that begins again."""
        ladder = {"climbed": 0, "next_rung": self.now + RUNG} if state is OPEN else {"next_rung": None}
        known = self.run(self.stage.known()).finding
        owner = known.assignee_name or known.assignee_id
        severity = self.truth.severity
        closed = {"closed_at": None, "risk_until": None}
        episode = self.m.episode + 1
        self.become(
            **{**NOBODY, **ladder, **closed}, state=state, owner=owner, severity=severity, episode=episode
        )

    def do(self, kind: str, person: str, **form: Any) -> str | None:
        """Press; what the person is told, by its name."""
        reply = self.run(self.stage.do(kind, person, **form))
        self.stage.later(1)
        return None if reply is None else str(reply["say"])

    def decided(self, action: str, person: str, before: Model, **more: Any) -> None:
        """Note a decision that was taken."""
        (row,) = self.run(self.stage.rows("SELECT max(id) AS id, max(at) AS at FROM decision"))
        if self.m.state is not before.state or action == "snooze":
            self.become(stands_by=row["id"])
        self.decisions.append(
            Decision(
                number=row["id"],
                action=action,
                person=person,
                at=row["at"],
                before=before,
                left=self.m,
                **more,
            )
        )

    def settle(self) -> None:
        """Everything leaves and is answered as Studio and Slack would; then Studio is read again."""
        while claimed := self.run(self.stage.claim()):
            for effect in claimed:
                self.run(self.stage.finish(effect, self.answer(effect)))
        self.stage.later(1)
        if not self.is_gone:
            self.run(self.stage.observe(self.truth))

    def answer(self, effect: Effect) -> Done:
        """What the world does with an effect; Studio takes a status only where it says what was expected."""
        done = self.stage.done(effect)
        request = json.loads(effect.payload or b"{}")
        if effect.kind is EffectKind.STUDIO_ASSIGN:
            self.truth = replace(self.truth, assignee_id=request["body"]["assignee"])
        if effect.kind is not EffectKind.STUDIO_STATUS:
            return done
        wanted = FindingStatus(request["body"]["status"])
        if self.truth.status is not wanted and self.truth.status not in request["expected"]:
            facts = {**done.result, "status": self.truth.status.value, "written": False}
            return Done(result=facts)
        self.truth = replace(self.truth, status=wanted)
        return done

    def case(self) -> Case | None:
        """The case as it is."""
        found: Case | None = self.run(self.stage.case())
        return found

    # ------------------------------------------------------------ first seen

    @initialize(status=st.sampled_from(FindingStatus), severity=st.sampled_from(Severity))
    def first_seen(self, status: FindingStatus, severity: Severity) -> None:
        """Told where it is open, told without a ping where it is worked on, else only recorded."""
        self.truth = a_finding(status=status, severity=severity)
        self.run(self.stage.observe(self.truth))
        pings = [json.loads(row["mentions"]) for row in self.run(self.stage.rows("SELECT * FROM post"))]
        if status.is_closed:
            assert self.case() is None
            assert pings == []
            self.cover("first seen", "closed: recorded only")
            self.truth = replace(self.truth, status=FindingStatus.OPEN)
            self.run(self.stage.observe(self.truth))
            status = FindingStatus.OPEN
        state = ACKNOWLEDGED if status.is_worked_on else OPEN
        quiet = [row["quiet"] for row in self.run(self.stage.rows("SELECT quiet FROM post"))]
        assert quiet
        assert all(one == (state is ACKNOWLEDGED) for one in quiet)
        self.cover("first seen", f"{'worked on: told quietly' if status.is_worked_on else 'open: told'}")
        case = self.case()
        assert case is not None
        next_rung = case.opened_at + RUNG if state is OPEN else None
        self.model = Model(state=state, severity=self.truth.severity, next_rung=next_rung)


def kind_of(status: FindingStatus) -> str:
    """Which row of the table a status is."""
    return "closed" if status.is_closed else "worked on" if status.is_worked_on else "open"


def row_of(status: FindingStatus) -> str:
    """The row's name."""
    return {"closed": "Studio closes it", "worked on": "Studio takes it up", "open": "Studio opens it"}[
        kind_of(status)
    ]


def stands(decision: Decision, now: Model) -> bool:
    """Whether nothing has changed the case since a decision."""
    left = decision.left
    same = replace(now, fix_by=left.fix_by) if decision.action != "fix_by" else now
    if decision.action == "assign":
        return (now.state, now.episode, now.owner) == (left.state, left.episode, left.owner)
    return replace(same, next_rung=None, climbed=0) == replace(left, next_rung=None, climbed=0)


def near(one: float | None, other: float | None) -> bool:
    """Alike up to the seconds that a step of this machine takes."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= 5.0


def table(reached: Counter[tuple[str, str]]) -> str:
    """The cells that were reached, as the table is drawn."""
    head = f"{'the life of a case':<24}" + "".join(f"{state:>14}" for state in CaseState)
    lines = [
        f"{row:<24}"
        + "".join(f"{'as it says' if reached[row, state.value] else '-':>14}" for state in CaseState)
        for row in CELLS
    ]
    return "\n".join([head, *lines])


# ---------------------------------------------------------------- each cell by itself, then any order
