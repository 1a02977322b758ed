"""The table of a case's life, cell by cell: whatever order things happen in, the case does as the table says.

One finding lives through everything that people, Studio and time can do to it. Beside the real store stands a
small model of the table; after each step the two must agree, and each cell (row and state) is counted.
"""

from __future__ import annotations

import asyncio
import io
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from compliance_bot import logs
from compliance_bot.cases import due
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.model.delivery import Done, Effect, EffectKind, Never
from compliance_bot.model.findings import Finding, FindingStatus, Severity
from tests.cases.stage import DAY, Stage, a_finding, a_stage, rules_saying

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


class Life(RuleBasedStateMachine):
    """One finding and its case, beside the model of the table."""

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

    # ------------------------------------------------------------ people

    @rule(person=PEOPLE)
    def somebody_acknowledges(self, person: str) -> None:
        """Open and snoozed → acknowledged; else told who and when, or that it is closed."""
        before = self.m
        said = self.do("acknowledge", person)
        self.cover("acknowledge", before.state)
        if before.state in (OPEN, SNOOZED):
            assert said in (None, "on_data_of")
            owner = before.owner or person
            self.become(state=ACKNOWLEDGED, owner=owner, taken_by=person, wake_at=None, next_rung=None)
            self.decided("acknowledge", person, before)
        else:
            assert said == ("already_closed" if before.state is CLOSED else "already_acknowledged")

    @rule(person=PEOPLE, hours=st.sampled_from([1, 5, 50]))
    def somebody_snoozes(self, person: str, hours: int) -> None:
        """Whatever is not closed → snoozed; a snooze gets a new end."""
        before, until = self.m, self.now + hours * 3600.0
        said = self.do("snooze", person, until=until, reason="Waits for the vendor")
        self.cover("snooze", before.state)
        if before.state is CLOSED:
            assert said == "already_closed"
            return
        assert said == "snoozed"
        self.become(state=SNOOZED, wake_at=until, next_rung=None)
        self.decided("snooze", person, before)

    @precondition(lambda self: self.m.state is SNOOZED)
    @rule(person=PEOPLE)
    def somebody_wakes_it(self, person: str) -> None:
        """A snooze ends before its time."""
        before = self.m
        at = self.now
        assert self.do("wake", person) is None
        self.open_anew(next_rung=at + RUNG)
        self.decided("wake", person, before)

    @rule(person=PEOPLE, action=st.sampled_from(list(CLOSINGS)), days=st.sampled_from([None, 1, 20]))
    def somebody_closes_it(self, person: str, action: str, days: int | None) -> None:
        """Whatever is not closed → closed; a critical risk is first proposed to a second person."""
        before, at = self.m, self.now
        until = at + days * DAY if days and action == "accept_risk" else None
        said = self.do(action, person, reason="As agreed", until=until)
        self.cover("close", before.state)
        if before.state is CLOSED:
            assert said == "already_closed"
        elif action == "accept_risk" and before.severity is Severity.CRITICAL:
            assert said == ("proposed" if self.proposed is None else "proposed_already")
            if said == "proposed":
                self.cover("second person asked", before.state)
                (row,) = self.run(self.stage.rows("SELECT max(id) AS id FROM proposal"))
                self.proposed = (row["id"], person, replace(before, risk_until=until))
        else:
            assert said is None
            self.close(at, until)
            self.decided(action, person, before)

    def close(self, at: float, until: float | None) -> None:
        """The model of a case that somebody closed."""
        self.become(state=CLOSED, wake_at=None, next_rung=None, closed_at=at, risk_until=until)
        self.proposed = None

    @precondition(lambda self: self.proposed is not None)
    @rule(person=PEOPLE)
    def a_second_person_confirms(self, person: str) -> None:
        """Never the first; and only what still stands as it was shown."""
        assert self.proposed is not None
        (number, first, shown), before, at = self.proposed, self.m, self.now
        case = self.case()
        assert case is not None
        said = self.do("confirm_proposal", person, ref=f"{case.ref} {number}")
        if (before.episode, before.severity) != (shown.episode, shown.severity) or before.state is CLOSED:
            assert said in ("proposal_overtaken", "proposal_ended")
            self.proposed = None
        elif person == first:
            assert said == "second_is_first"
        elif shown.risk_until is not None and shown.risk_until <= at:
            assert said is not None
            self.proposed = None
        else:
            assert said is None
            self.cover("second person confirms", before.state)
            self.close(at, shown.risk_until)
            self.decided("accept_risk", first, before, confirmed_by=person)

    @rule(person=PEOPLE, to=st.sampled_from(["UDAVIDSON", "UEVERETT1"]), known=st.booleans())
    def somebody_assigns_it(self, person: str, to: str, known: bool) -> None:
        """Said, in any state but closed; ``known``: Studio knows the person too."""
        before = self.m
        studio_user = f"s-{to.lower()}" if known else None
        said = self.do("assign", person, slack_user=to, studio_user=studio_user, name=to.title())
        self.cover("assign", before.state)
        if before.state is CLOSED:
            assert said == "already_closed"
        elif before.owner == to:
            assert said == "assigned_already"
        else:
            assert said == "assigned"
            self.become(owner=to)
            self.decided("assign", person, before)

    @rule(person=PEOPLE)
    def somebody_comments(self, person: str) -> None:
        """Said, in any state but closed; nothing else changes."""
        before = self.m
        said = self.do("comment", person, words="I asked the vendor")
        self.cover("comment", before.state)
        assert said == ("already_closed" if before.state is CLOSED else None)

    @rule(person=PEOPLE, hours=st.sampled_from([2, 30]))
    def somebody_promises_a_day(self, person: str, hours: int) -> None:
        """Only for what somebody has taken."""
        before, until = self.m, self.now + hours * 3600.0
        said = self.do("fix_by", person, until=until)
        self.cover("fix by", before.state)
        if before.state is ACKNOWLEDGED:
            assert said == "fix_by_set"
            self.become(fix_by=until)
            self.decided("fix_by", person, before)
        else:
            assert said == ("already_closed" if before.state is CLOSED else "take_it_first")

    # ------------------------------------------------------------ undo

    @precondition(lambda self: self.decisions)
    @rule(back=st.sampled_from([0, 0, 0, 1]), own=st.sampled_from([True, True, True, False]))
    def somebody_undoes(self, back: int, own: bool) -> None:
        """Exactly as before, by who clicked, within ten minutes, where nothing has changed since."""
        decision = self.decisions[-1 - back % len(self.decisions)]
        other = {"UBOBSMITH": "UCAROLYN", "UCAROLYN": "UBOBSMITH"}[decision.person]
        person = decision.person if own else other
        before, at = self.m, self.now
        case = self.case()
        assert case is not None
        said = self.do("undo", person, ref=f"{case.ref} {decision.number}")
        expected = self.undo_is_answered(decision, person, before, at)
        assert said == expected, (said, expected, decision, before)
        if said == "undone":
            self.cover("undo", before.state)
            decision.undone = True
            self.restore(decision, at)
        else:
            self.cover(f"undo: {said}", before.state)

    def undo_is_answered(self, decision: Decision, person: str, before: Model, at: float) -> str:
        """What Undo must say."""
        if person not in (decision.person, decision.confirmed_by):
            return "undo_not_yours"
        if decision.undone:
            return "undone_already"
        if at - decision.at > UNDO_WITHIN:
            return "undo_too_late"
        later = [one for one in self.decisions if one.number > decision.number]
        again = decision.action in ("assign", "fix_by") and decision.action in {one.action for one in later}
        holds = stands(decision, before) and not decision.refused and not again
        return "undone" if holds else "undo_overtaken"

    def restore(self, decision: Decision, at: float) -> None:
        """The model as the decision found it; the ladder with the time it had left."""
        was = decision.before
        if decision.action == "assign":
            self.become(owner=was.owner)
        elif decision.action == "fix_by":
            self.become(fix_by=was.fix_by)
        else:
            left = None if was.next_rung is None else max(LEAST_LEFT, was.next_rung - decision.at)
            severity = self.run(self.stage.known()).finding.severity
            self.model = replace(was, severity=severity, next_rung=None if left is None else at + left)

    # ------------------------------------------------------------ Studio

    @rule()
    def everything_leaves(self) -> None:
        """Studio and Slack are reached."""
        self.settle()

    @rule()
    def studio_refuses_for_good(self) -> None:
        """The state goes back as by Undo."""
        before = self.m
        claimed = [one for one in self.run(self.stage.claim()) if one.state.value != "done"]
        refused = None
        for effect in claimed:
            decision = self.of_status(effect)
            if decision is not None and refused is None:
                refused = decision
                self.run(self.stage.finish(effect, Never(reason="not allowed")))
            else:
                self.run(self.stage.finish(effect, self.answer(effect)))
        if refused is not None:
            self.cover("Studio refuses", before.state)
            self.restore(refused, self.now)
            refused.refused = True
        self.settle()

    def of_status(self, effect: Effect) -> Decision | None:
        """The decision that stands and whose status this effect writes."""
        if effect.kind is not EffectKind.STUDIO_STATUS:
            return None
        number = effect.intent["decision"]
        found = next((one for one in self.decisions if one.number == number), None)
        return found if found is not None and self.m.stands_by == number else None

    @precondition(lambda self: not self.is_gone)
    @rule(status=st.sampled_from(FindingStatus))
    def somebody_in_studio_moves_it(self, status: FindingStatus) -> None:
        """Taken up, closed, or open again there: each as its row says."""
        self.settle()
        before = self.m
        if status is self.truth.status:
            return
        self.truth = replace(self.truth, status=status)
        at = self.now
        self.run(self.stage.observe(self.truth))
        self.cover(row_of(status), before.state)
        MOVES[kind_of(status)](self, before, at)

    def taken_up(self, before: Model, at: float) -> None:
        """Whatever waited → acknowledged; what was closed begins again."""
        if before.state is CLOSED:
            self.begin_again(ACKNOWLEDGED, at)
        elif before.state is not ACKNOWLEDGED:
            self.become(**{**NOBODY, "state": ACKNOWLEDGED, "owner": before.owner, "next_rung": None})

    def closed_there(self, before: Model, at: float) -> None:
        """Whatever stood → closed."""
        if before.state is not CLOSED:
            self.become(**{**NOBODY, "state": CLOSED, "owner": before.owner, "next_rung": None})
            self.become(closed_at=at, risk_until=None, taken_by=before.taken_by)

    def opened_there(self, before: Model, at: float) -> None:
        """Acknowledged → open, snoozed stays, closed begins again."""
        if before.state is CLOSED:
            self.begin_again(OPEN, at)
        elif before.state is ACKNOWLEDGED:
            self.open_anew(next_rung=at + RUNG)

    def begin_again(self, state: CaseState, at: float) -> None:
        """A new episode."""
        self.new_episode(state)
        if state is OPEN:
            self.become(next_rung=at + RUNG)

    @precondition(lambda self: not self.is_gone)
    @rule()
    def it_vanishes_from_studio(self) -> None:
        """Two walks miss it and Studio answers 404: closed, said."""
        self.settle()
        before = self.m
        self.run(self.stage.walk())
        self.run(self.stage.walk())
        at = self.now
        if before.state is not CLOSED:
            self.run(self.stage.gone("f-1"))
            self.cover("gone", before.state)
            self.become(**{**NOBODY, "state": CLOSED, "owner": before.owner, "next_rung": None})
            self.become(closed_at=at, risk_until=None, taken_by=before.taken_by)
        self.is_gone = True

    @precondition(lambda self: self.is_gone)
    @rule()
    def it_is_seen_again(self) -> None:
        """A new episode, unless Studio calls it closed."""
        before, at = self.m, self.now
        self.run(self.stage.observe(self.truth))
        self.is_gone = False
        if not self.truth.status.is_closed:
            self.cover("seen again", before.state)
            self.begin_again(ACKNOWLEDGED if self.truth.status.is_worked_on else OPEN, at)

    @precondition(lambda self: not self.is_gone and self.truth.severity is not Severity.CRITICAL)
    @rule(steps=st.integers(1, 4))
    def its_severity_is_raised(self, steps: int) -> None:
        """Open: ladder anew. Snoozed wakes. Acknowledged opens when critical. Closed begins again if open."""
        self.settle()
        before, at = self.m, self.now
        severity = list(Severity)[max(0, self.truth.severity.rank - steps)]
        self.truth = replace(self.truth, severity=severity)
        self.run(self.stage.observe(self.truth))
        self.cover("severity raised", before.state)
        if before.state is CLOSED:
            if self.truth.status is FindingStatus.OPEN:
                self.begin_again(OPEN, at)
            return
        opens = before.state is SNOOZED or severity is Severity.CRITICAL
        if opens and before.state is not OPEN:
            self.open_anew(next_rung=at + RUNG)
        elif before.state is OPEN:
            self.become(climbed=0, next_rung=at + RUNG)
        self.become(severity=severity)

    # ------------------------------------------------------------ time

    @rule(seconds=st.sampled_from([30.0, 700.0, 1900.0, 4000.0, 20_000.0, 1.5 * DAY, 25 * DAY]))
    def time_passes(self, seconds: float) -> None:
        """A snooze ends, a promise passes, a risk is accepted no more, a rung is due."""
        self.stage.later(seconds)
        before, at = self.m, self.now
        self.run(self.stage.write(lambda tx: due.run(tx, self.stage.moment(), 100)))
        if before.state is SNOOZED and before.wake_at is not None and before.wake_at <= at:
            self.cover("snooze ends", before.state)
            self.open_anew()
        elif before.state is ACKNOWLEDGED and before.fix_by is not None and before.fix_by <= at:
            self.cover("fix-by passes", before.state)
            self.open_anew()
        elif before.state is CLOSED and before.risk_until is not None and before.risk_until <= at:
            self.a_risk_ends(at)
        elif before.state is OPEN:
            self.climb(at)

    def a_risk_ends(self, at: float) -> None:
        """Open again, and Studio is told so; nothing where it was closed otherwise since."""
        known = self.run(self.stage.known()).finding.status
        if self.is_gone or (known.is_closed and known is not FindingStatus.ACCEPTED_RISK):
            self.become(risk_until=None)
            return
        self.cover("accepted risk ends", CLOSED)
        self.begin_again(ACKNOWLEDGED if known.is_worked_on else OPEN, at)

    def climb(self, at: float) -> None:
        """Each rung once, however late."""
        while self.m.next_rung is not None and self.m.next_rung <= at:
            self.cover("a rung is due", OPEN)
            climbed = self.m.climbed + 1
            following = self.m.next_rung + RUNG if climbed < RUNGS else None
            self.become(climbed=climbed, next_rung=following)

    # ------------------------------------------------------------ what must hold, always

    @invariant()
    def the_case_is_as_the_table_says(self) -> None:
        """State, episode, owner, promise, end of the snooze, ladder."""
        if self.model is None:
            return
        case, model = self.case(), self.m
        assert case is not None
        said = {name: getattr(case, name) for name in ("state", "episode", "owner", "severity")}
        assert said == {name: getattr(model, name) for name in said}
        assert (case.fix_by, case.risk_until) == (model.fix_by, model.risk_until)
        assert case.wake_at == model.wake_at
        assert case.ladder_step == model.climbed or case.state is not OPEN
        assert near(case.next_step_at, model.next_rung), (case.next_step_at, model.next_rung, case.state)

    @invariant()
    def what_waits_for_time_fits_the_state(self) -> None:
        """The ladder runs only while open; an end of a snooze stands only while snoozed."""
        for row in self.run(self.stage.rows('SELECT * FROM "case"')):
            assert row["next_step_at"] is None or row["state"] == "open"
            assert (row["wake_at"] is not None) == (row["state"] == "snoozed")
            assert row["risk_until"] is None or row["state"] == "closed"

    @invariant()
    def a_press_is_one_decision_at_most_and_each_has_its_entry(self) -> None:
        """The chain is whole, and says each decision once."""
        rows = self.run(self.stage.rows("SELECT count(*) AS n, count(DISTINCT inbox_id) AS m FROM decision"))
        assert rows[0]["n"] == rows[0]["m"]
        said = [json.loads(row["body"]) for row in self.run(self.stage.rows("SELECT body FROM audit"))]
        decided = [one for one in said if one["kind"].startswith("decision.") and "words" in one["facts"]]
        assert len(decided) == rows[0]["n"]
        assert self.run(self.stage.whole_chain())

    def every_message_shows_the_case(self) -> None:
        """At rest."""
        case = self.case()
        assert case is not None
        for post in self.run(self.stage.posts()):
            assert post.shown_version == case.version


NOBODY: dict[str, Any] = {"taken_by": None, "fix_by": None, "wake_at": None, "stands_by": None}


def kind_of(status: FindingStatus) -> str:
    """Which row of the table a status is."""
    return "closed" if status.is_closed else "worked on" if status.is_worked_on else "open"


def row_of(status: FindingStatus) -> str:
    """The row's name."""
    return {"closed": "Studio closes it", "worked on": "Studio takes it up", "open": "Studio opens it"}[
        kind_of(status)
    ]


MOVES: dict[str, Callable[[Life, Model, float], None]] = {
    "closed": Life.closed_there,
    "worked on": Life.taken_up,
    "open": Life.opened_there,
}


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


def bring(life: Life, state: CaseState) -> None:
    """Have the case in a state, with Studio told of it."""
    if state is not OPEN:
        life.somebody_acknowledges(BOB)
        life.settle()
    if state is SNOOZED:
        life.somebody_snoozes(BOB, hours=1)
    elif state is CLOSED:
        life.somebody_closes_it(BOB, action="false_positive", days=None)
    life.settle()


def promised(life: Life) -> None:
    """A promise, and the time after it."""
    life.somebody_promises_a_day(BOB, hours=2)
    life.time_passes(20_000.0)


def accepted_for_a_day(life: Life) -> None:
    """A risk accepted for a day, and the time after it."""
    life.somebody_in_studio_moves_it(FindingStatus.OPEN)
    life.somebody_closes_it(BOB, action="accept_risk", days=1)
    life.settle()
    life.time_passes(1.5 * DAY)
    life.settle()


def taken_again(life: Life) -> None:
    """Back in Studio, decided anew, and not told there yet."""
    state = life.m.state
    life.somebody_in_studio_moves_it(FindingStatus.OPEN)
    if state is ACKNOWLEDGED:
        life.somebody_acknowledges(CAROL)
    else:
        life.somebody_closes_it(CAROL, action="resolve", days=None)
    life.studio_refuses_for_good()


ROWS: dict[str, Callable[[Life], None]] = {
    "acknowledge": lambda life: life.somebody_acknowledges(CAROL),
    "snooze": lambda life: life.somebody_snoozes(CAROL, hours=5),
    "close": lambda life: life.somebody_closes_it(CAROL, action="resolve", days=None),
    "assign": lambda life: life.somebody_assigns_it(CAROL, to="UDAVIDSON", known=True),
    "comment": lambda life: life.somebody_comments(CAROL),
    "Studio takes it up": lambda life: life.somebody_in_studio_moves_it(FindingStatus.IN_PROGRESS),
    "Studio closes it": lambda life: life.somebody_in_studio_moves_it(FindingStatus.DISMISSED),
    "gone": Life.it_vanishes_from_studio,
    "Studio opens it": lambda life: life.somebody_in_studio_moves_it(FindingStatus.OPEN),
    "severity raised": lambda life: life.its_severity_is_raised(steps=1),
    "fix-by passes": promised,
    "snooze ends": lambda life: life.time_passes(4000.0),
    "undo": lambda life: life.somebody_undoes(back=0, own=True),
    "Studio refuses": taken_again,
    "a rung is due": lambda life: life.time_passes(1900.0),
    "accepted risk ends": accepted_for_a_day,
}
"""How each row comes about."""
BOB, CAROL = "UBOBSMITH", "UCAROLYN"


@pytest.fixture
def life() -> Iterator[Life]:
    """A life to be led by hand; at its end all comes to rest, and all must hold."""
    life = Life()
    try:
        yield life
        check(life)
    finally:
        life.teardown()


def check(life: Life) -> None:
    """What must hold, always."""
    life.the_case_is_as_the_table_says()
    life.what_waits_for_time_fits_the_state()
    life.a_press_is_one_decision_at_most_and_each_has_its_entry()


def test_every_cell_of_the_table_is_reached_and_does_as_it_says(
    record_property: Callable[..., None],
) -> None:
    reached: Counter[tuple[str, str]] = Counter()
    for row, states in CELLS.items():
        for state in states:
            reached += lead(row, state)
    record_property("printed", table(reached))
    assert set(reached) == {(row, state.value) for row, states in CELLS.items() for state in states}


def lead(row: str, state: CaseState) -> Counter[tuple[str, str]]:
    """One life into that state, and through that row; the cell, where it was reached."""
    life = Life()
    try:
        life.first_seen(FindingStatus.OPEN, Severity.HIGH)
        bring(life, state)
        check(life)
        Life.covered.clear()
        ROWS[row](life)
        check(life)
    except AssertionError as error:
        error.add_note(f"{row}, {state}")
        raise
    finally:
        life.teardown()
    cell = (row, state.value)
    return Counter({cell: 1} if Life.covered[cell] else {})


def test_undo_is_refused_once_somebody_was_given_the_case_since(life: Life) -> None:
    life.first_seen(FindingStatus.OPEN, Severity.HIGH)
    life.somebody_acknowledges(BOB)
    life.somebody_assigns_it(CAROL, to="UDAVIDSON", known=False)
    life.somebody_undoes(back=1, own=True)


def test_a_risk_accepted_by_two_is_taken_back_by_either_and_ends_like_any_other(life: Life) -> None:
    life.first_seen(FindingStatus.OPEN, Severity.CRITICAL)
    life.somebody_closes_it(BOB, action="accept_risk", days=1)
    life.a_second_person_confirms(BOB)
    check(life)
    life.a_second_person_confirms(CAROL)
    check(life)
    life.settle()
    life.time_passes(1.5 * DAY)


def test_lives_in_any_order_do_as_the_table_says() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],  # to shrink thirty steps takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
