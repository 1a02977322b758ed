"""One to three findings through everything that can happen, in any order: what must hold whatever comes."""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from compliance_bot import logs
from compliance_bot.model.cases import CaseState
from compliance_bot.model.delivery import Done, Effect, EffectKind, Never, Retry
from compliance_bot.model.findings import Finding, FindingStatus, Severity
from tests.cases.stage import Stage, a_finding, a_stage

NAMES = ("f-1", "f-2", "f-3")
PEOPLE = ("UBOBSMITH", "UCAROLYN")


class AnyOrder(RuleBasedStateMachine):
    """Studio's truth is kept here; pages are asked for now and may be taken in much later."""

    def __init__(self) -> None:
        super().__init__()
        logs.configure("critical", stream=io.StringIO(), pretty=False)
        self.loop = asyncio.new_event_loop()
        self.directory = tempfile.TemporaryDirectory()
        self.stage: Stage = self.run(a_stage(Path(self.directory.name)))
        self.run(self.stage.begin())
        self.studio: dict[str, Finding] = {}
        self.written: set[tuple[str, str]] = set()
        self.held: list[tuple[float, list[Finding]]] = []
        self.sending: list[Effect] = []
        self.wins: dict[str, list[tuple[int, str]]] = {}
        self.outside: dict[str, list[str]] = {}

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run to the end on this machine's own loop."""
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        """However it went, it comes to rest; then close what was opened."""
        if self.studio:
            self.all_comes_to_rest()
        self.run(self.stage.database.close())
        self.loop.close()
        self.directory.cleanup()

    @initialize(count=st.integers(1, 3))
    def findings_appear(self, count: int) -> None:
        """One to three."""
        for name in NAMES[:count]:
            self.studio[name] = a_finding(name)
            self.outside[name] = ["open"]
        self.run(self.stage.observe(*self.studio.values()))

    @rule(number=st.integers(0, 2), status=st.sampled_from(FindingStatus), severity=st.sampled_from(Severity))
    def somebody_in_studio_changes(self, number: int, status: FindingStatus, severity: Severity) -> None:
        """A status and a severity of their choice."""
        name = NAMES[number % len(self.studio)]
        self.studio[name] = replace(self.studio[name], status=status, severity=severity)
        self.outside[name].append(status.value)
        self.stage.later(1)

    @rule()
    def a_page_is_read(self) -> None:
        """Asked for and taken in at once."""
        self.run(self.stage.observe(*self.studio.values()))

    @rule()
    def a_page_is_asked_for(self) -> None:
        """Its answer is held."""
        self.held.append((self.stage.now, list(self.studio.values())))
        self.stage.later(1)

    @precondition(lambda self: self.held)
    @rule(which=st.integers(0, 9))
    def a_held_page_arrives(self, which: int) -> None:
        """In any order."""
        sent_at, findings = self.held.pop(which % len(self.held))
        self.run(self.stage.observe(*findings, sent_at=sent_at))

    @rule(number=st.integers(0, 2), person=st.sampled_from(PEOPLE))
    def somebody_presses(self, number: int, person: str) -> None:
        """Acknowledge, on whichever copy."""
        name = NAMES[number % len(self.studio)]
        case = self.run(self.stage.case(name))
        reply = self.run(self.stage.press(person, name))
        if reply is None:
            assert case.state is CaseState.OPEN
        self.stage.later(1)

    @rule()
    def effects_leave(self) -> None:
        """Whatever may go is presented and sent; nothing is answered yet."""
        self.sending += self.run(self.stage.claim())

    @precondition(lambda self: self.sending)
    @rule(which=st.integers(0, 9), luck=st.sampled_from(["done", "done", "done", "again", "never"]))
    def an_effect_is_answered(self, which: int, luck: str) -> None:
        """Done, to be tried again, or refused for good."""
        effect = self.sending.pop(which % len(self.sending))
        outcome = {"again": Retry(reason="busy"), "never": Never(reason="no")}.get(luck)
        if outcome is None:
            outcome = self._done(effect)
        self.run(self.stage.finish(effect, outcome))
        self.stage.later(1)

    def _done(self, effect: Effect) -> Done:
        done = self.stage.done(effect)
        if effect.kind is not EffectKind.STUDIO_STATUS:
            return done
        case = effect.intent["case"]
        (row,) = self.run(
            self.stage.rows(
                'SELECT studio_id FROM object JOIN "case" c ON c.object_id = object.id WHERE c.id = ?', case
            )
        )
        finding = self.studio[row["studio_id"]]
        if finding.status is not FindingStatus.OPEN:
            facts = {**done.result, "status": finding.status.value, "written": False}
            return Done(result=facts)
        self.studio[row["studio_id"]] = replace(finding, status=FindingStatus.INVESTIGATING)
        return done

    @rule(seconds=st.sampled_from([30, 400, 1000, 90_000]))
    def time_passes(self, seconds: int) -> None:
        """Half a minute to a day."""
        self.stage.later(seconds)

    @invariant()
    def one_winner_an_acknowledgement(self) -> None:
        """Between two decisions of one episode the case was opened again."""
        rows = self.run(self.stage.rows("SELECT case_id, episode, person, at FROM decision ORDER BY id"))
        keys = [(row["case_id"], row["episode"], row["at"]) for row in rows]
        assert len(keys) == len(set(keys))

    @invariant()
    def no_message_shows_more_than_there_is(self) -> None:
        """And none waits for a version that will not come."""
        rows = self.run(
            self.stage.rows(
                'SELECT shown_version, want_version, version FROM post JOIN "case" c ON c.id = case_id'
            )
        )
        assert all(max(row["shown_version"], row["want_version"]) <= row["version"] for row in rows)

    @invariant()
    def a_decision_has_one_comment_and_at_most_one_status(self) -> None:
        """By key, whatever is tried again."""
        rows = self.run(
            self.stage.rows(
                "SELECT sum(e.kind = 'studio_status') AS status, sum(e.kind = 'studio_comment') AS comment"
                " FROM decision d LEFT JOIN effect e ON e.intent ->> 'decision' = d.id GROUP BY d.id"
            )
        )
        assert all(row["status"] <= 1 and row["comment"] == 1 for row in rows)

    @invariant()
    def every_status_event_was_somebody_elses_doing(self) -> None:
        """No event for an echo: what Studio's people never set is in no event."""
        for name, doings in self.outside.items():
            for change, _, after in self.run(self.stage.events(name)):
                assert change not in ("status", "reopened") or after in doings

    @invariant()
    def a_channel_has_one_message_an_episode(self) -> None:
        """Whatever raised, opened again or was posted afresh."""
        rows = self.run(
            self.stage.rows("SELECT 1 FROM post GROUP BY case_id, episode, channel_id HAVING count(*) > 1")
        )
        assert rows == []

    @invariant()
    def the_chain_is_whole(self) -> None:
        """Always."""
        assert self.run(self.stage.whole_chain())

    def all_comes_to_rest(self) -> None:
        """Everything is answered and read: then every message shows its case, and the case Studio's truth."""
        for effect in self.sending:
            self.run(self.stage.finish(effect, self._done(effect)))
        self.sending.clear()
        self.held.clear()
        for _ in range(3):
            self.stage.later(1000)
            while claimed := self.run(self.stage.claim()):
                for effect in claimed:
                    self.run(self.stage.finish(effect, self._done(effect)))
            self.run(self.stage.observe(*self.studio.values()))
        for name, finding in self.studio.items():
            case = self.run(self.stage.case(name))
            if case is not None:
                assert (case.state is CaseState.CLOSED) == finding.status.is_closed
                self._shown_as_it_is(name, case.version)

    def _shown_as_it_is(self, name: str, version: int) -> None:
        self.stage.later(1000)
        while claimed := self.run(self.stage.claim()):
            for effect in claimed:
                self.run(self.stage.finish(effect, self._done(effect)))
        for post in self.run(self.stage.posts(name)):
            assert post.state.value == "dead" or post.shown_version == version


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
