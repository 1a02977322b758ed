"""What people do to the finding whose life is checked."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import (
    precondition,
    rule,
)

from compliance_bot.model.findings import Severity
from tests.cases.life_model import (
    ACKNOWLEDGED,
    CLOSED,
    CLOSINGS,
    LEAST_LEFT,
    OPEN,
    PEOPLE,
    RUNG,
    SNOOZED,
    UNDO_WITHIN,
    Decision,
    Model,
    Stand,
    stands,
)
from tests.cases.stage import DAY


class People(Stand):
    """Clicks of every kind, and their Undo."""

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
