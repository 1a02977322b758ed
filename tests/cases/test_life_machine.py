"""The table of a case's life, cell by cell: whatever order things happen in, the case does as the table says.

One finding lives through everything that people, Studio and time can do to it. Beside the real store stands a
small model of the table; after each step the two must agree, and each cell (row and state) is counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from compliance_bot.cases import due
from compliance_bot.model.cases import CaseState
from compliance_bot.model.delivery import Effect, EffectKind, Never
from compliance_bot.model.findings import FindingStatus, Severity
from tests.cases.life_model import (
    ACKNOWLEDGED,
    CELLS,
    CLOSED,
    NOBODY,
    OPEN,
    RUNG,
    RUNGS,
    SNOOZED,
    Decision,
    Model,
    kind_of,
    near,
    row_of,
    table,
)
from tests.cases.life_of_people import People
from tests.cases.stage import DAY


class Life(People):
    """The whole of it: people, Studio, time, and what must hold always."""

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


MOVES: dict[str, Callable[[Life, Model, float], None]] = {
    "closed": Life.closed_there,
    "worked on": Life.taken_up,
    "open": Life.opened_there,
}


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
