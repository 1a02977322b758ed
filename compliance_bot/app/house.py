"""Every room, constructed once and handed what it needs; and what the house as a whole can say and do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import aiohttp

from compliance_bot import __version__, control, logs, metrics
from compliance_bot.app.answers import Answers
from compliance_bot.app.audience_side import asking_readers, showing_anew, waking
from compliance_bot.app.call_log import CallLog
from compliance_bot.app.complaints import lost_channels, nobody_manages
from compliance_bot.app.heartbeat import Heartbeat
from compliance_bot.app.people_side import people_side, who_may_what
from compliance_bot.app.reading_side import reading_side
from compliance_bot.app.reload import Reloader, Requests, judge_anew, log_level
from compliance_bot.app.slack_side import SlackSide, slack_side
from compliance_bot.app.studio_side import studio_client
from compliance_bot.app.studio_watch import StudioWatch
from compliance_bot.approvals import presenters as approval_presenters
from compliance_bot.audit import chain, verify
from compliance_bot.cases import presenters
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.routed import RoutedLog
from compliance_bot.clock import Clock
from compliance_bot.config.schema import Rules
from compliance_bot.config.settings import Settings
from compliance_bot.errors import NotRecorded
from compliance_bot.handlers.questions import reply_handler
from compliance_bot.health import Readiness
from compliance_bot.jobs.case_clock import CaseClock
from compliance_bot.jobs.late_writes import mark_late_writes
from compliance_bot.jobs.naps import Naps
from compliance_bot.jobs.troubles import Troubles
from compliance_bot.model.delivery import Effect, EffectKind
from compliance_bot.model.findings import FindingDetail
from compliance_bot.model.slack import Directory
from compliance_bot.outbox.lanes import Outbox
from compliance_bot.outbox.notices import notice_handler
from compliance_bot.rulebook import Rulebook
from compliance_bot.rules.named import named_channels
from compliance_bot.slack.performer import SlackPerformer
from compliance_bot.store import directories
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction
from compliance_bot.studio.hands import StudioHands
from compliance_bot.studio.performer import StudioPerformer
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.verdicts import VerdictPerformer

_log = logs.logger(__name__)

DRAIN_LISTENERS, DRAIN_WORKER, DRAIN_OUTBOX = 5.0, 5.0, 12.0
LEAVE_WITHIN = 2.0
AFTER_REFUSAL = 1.0
"""Seconds after which work that the database refused is taken up again."""

Task = tuple[str, Coroutine[Any, Any, None]]


class House:
    """The running bot. ``build`` makes it; ``running`` gives it its tasks and stops it."""

    def __init__(
        self,
        settings: Settings,
        *,
        rulebook: Rulebook,
        clock: Clock,
        database: Database,
        slack_session: aiohttp.ClientSession,
        studio_session: aiohttp.ClientSession,
        requests: Requests,
    ) -> None:
        self._settings = settings
        self._rulebook = rulebook
        self._clock = clock
        self._database = database
        self._routed = RoutedLog()
        self._arrived = False
        self._head_at_start: tuple[int, str] | None = None
        self.troubles = Troubles(database=database, clock=clock)
        self.naps = Naps(clock=clock)
        waits: dict[Purpose, float] = {}
        calls = CallLog(rules=self._rules)
        self.studio = studio_client(
            settings,
            rules=self._rules,
            session=studio_session,
            clock=clock,
            database=database,
            waits=waits,
            observed=calls.studio,
        )
        self.slack: SlackSide = slack_side(
            settings,
            session=slack_session,
            clock=clock,
            troubles=self.troubles,
            remember=self._remember_names,
            named=lambda: named_channels(self._rules()),
            on_read=waking(database, clock),
            on_changed=showing_anew(database, self._moment),
            observed=calls.slack,
        )
        self.outbox = self._build_outbox()
        self.slack.watch(self.outbox)
        self._access = who_may_what(database=database, clock=clock, rules=self._rules, slack=self.slack)
        self._reading = reading_side(
            studio=self.studio,
            database=database,
            clock=clock,
            moment=self._moment,
            rules=self._rules,
            troubles=self.troubles,
            naps=self.naps,
            who_may_approve=lambda: self._access.who_may("approve"),
            person_by_email=self.slack.directory.person_by_email,
        )
        self._case_clock = CaseClock(
            database=database,
            clock=clock,
            moment=self._moment,
            caught_up=lambda: self._reading.poller.last_complete is not None,
        )
        self._build_handlers()
        self._watch = StudioWatch(
            studio=self.studio,
            clock=clock,
            rules=self._rules,
            troubles=self.troubles,
            roles=[role for role in (*settings.studio_tokens, *settings.studio_logins) if role is not None],
            logins=list(settings.studio_logins),
            last_poll=lambda: self._reading.poller.last_complete,
            waits=waits,
        )
        self.reloader = Reloader(
            paths=(settings.rules_path, settings.templates_path),
            database=database,
            clock=clock,
            troubles=self.troubles,
            requests=requests,
            rulebook=lambda: self._rulebook,
            swap=self._put_in_force,
            settle=self._settle_rules,
            directory=lambda: self.slack.directory.snapshot,
        )
        self._heartbeat = Heartbeat(
            database=database,
            clock=clock,
            loops={"poll": lambda: self._reading.poller.busy_since, "outbox": lambda: self.outbox.busy_since},
            look=self._tell_metrics,
        )

    def _rules(self) -> Rules:
        return self._rulebook.rules

    def _put_in_force(self, rulebook: Rulebook) -> None:
        """Let everyone see these rules from now on; who sleeps under the old ones looks again."""
        self._rulebook = rulebook
        logs.set_level(log_level(rulebook.rules))
        self.naps.rules_changed()
        self.outbox.wake()

    async def _settle_rules(self) -> None:
        """Judge anew what was held by other rules, greet channels they did not name, keep who they name."""
        await self._database.write(lambda tx: judge_anew(tx, self._moment()))
        if self.slack.directory.loaded:
            await self.slack.directory.keep()

    def _moment(self) -> Moment:
        return self._moment_at(self._clock.now(), self._rulebook)

    def _moment_at(self, now: float, rulebook: Rulebook) -> Moment:
        directory = self.slack.directory.snapshot
        identity = self.slack.client.identity
        return Moment(
            now=now,
            rulebook=rulebook,
            directory=directory,
            studio_url=self._settings.studio_url,
            workspace_url="" if identity is None else identity.url,
            routed=self._routed,
            granted=self.slack.client.granted_scopes,
        )

    # ------------------------------------------------------------ construction

    def _build_outbox(self) -> Outbox:
        handlers = {
            **presenters.handlers(self._moment_at),
            **approval_presenters.handlers(self._moment_at),
            EffectKind.NOTICE: notice_handler(lambda: self.slack.directory.snapshot),
            EffectKind.REPLY: reply_handler(lambda: self.slack.directory.snapshot),
        }
        return Outbox(
            database=self._database,
            clock=self._clock,
            rulebook=lambda: self._rulebook,
            handlers=asking_readers(handlers, self.slack.audience.want),
            slack=SlackPerformer(
                client=self.slack.client,
                hooks=self.slack.hooks,
                clock=self._clock,
                on_fatal=self.slack.token_refused,
            ),
            studio=StudioHands(
                findings=StudioPerformer(studio=self.studio, clock=self._clock),
                verdicts=VerdictPerformer(studio=self.studio, clock=self._clock),
            ),
            record_doubt=_record_doubt,
            webhook=self._webhook_of,
        )

    def _webhook_of(self, channel_id: str) -> str | None:
        return self.slack.directory.snapshot.webhook_of(channel_id)

    def _build_handlers(self) -> None:
        self.worker, self.listeners = people_side(
            database=self._database,
            clock=self._clock,
            moment=self._moment,
            rules=self._rules,
            access=self._access,
            slack=self.slack,
            studio=self.studio,
            take_in=self._take_in,
        )
        self.listeners.attach(self.slack.dispatcher)

    async def _take_in(self, detail: FindingDetail, sent_at: float) -> None:
        await self._reading.reading.one(detail, sent_at)

    # ------------------------------------------------------------ life

    async def arrive(self) -> None:
        """Refuse what can never work, note that we are here, and take over what was wrong before."""
        await self.slack.check_tokens()
        await self.troubles.recall()
        self._head_at_start = verify.read_head(self._settings.state_path / verify.HEAD_FILE)
        known = await self._database.read(directories.recall)
        if known is not None:
            self.slack.directory.recall(known)
        await self._database.write(self._note_arrival)
        await self.reloader.arrive()
        for lacking in nobody_manages(self._rules()):
            _log.warning("people.no_manager", reason=lacking)
        self._arrived = True

    def _note_arrival(self, tx: Transaction) -> None:
        facts = {"version": __version__, "rules": self._rulebook.hash}
        chain.append(tx, "bot.started", facts, now=self._clock.now())

    async def _remember_names(self, directory: Directory) -> None:
        source, now = self._rulebook.source, self._clock.now()
        await self._database.write(lambda tx: directories.remember(tx, directory, rules=source, now=now))

    def essential_tasks(self) -> list[Task]:
        """What must run as long as the process does."""
        return [
            ("database", self._database.serve()),
            ("socket", self.slack.socket.run()),
            ("directory", self._on_and_on(self.slack.directory.run)),
            ("audience", self.slack.audience.run()),
            ("token-watch", self._on_and_on(self.slack.watch_token)),
            ("inbox", self.worker.run()),
            ("outbox", self.outbox.run()),
            ("late-writes", self._on_and_on(self._mark_late_writes)),
            ("heartbeat", self._heartbeat.run()),
        ]

    def reading_tasks(self) -> list[Task]:
        """What brings in work; the first to be stopped. Nothing is read before Slack's names are known."""
        return [
            ("reload", self._on_and_on(self.reloader.run)),
            ("poll", self._once_named(self._reading.poller.newest)),
            ("walk", self._once_named(self._reading.walker.run)),
            ("living", self._once_named(self._reading.poller.living)),
            ("projects", self._once_named(self._reading.projects.run)),
            ("auditors", self._on_and_on(self._reading.auditors.run)),
            ("studio-watch", self._on_and_on(self._watch.run)),
            ("case-clock", self._once_named(self._case_clock.run)),
        ]

    async def _once_named(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await self.slack.directory.wait_loaded()
        await self._on_and_on(work)

    async def _on_and_on(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin again where the database refused a row: a full disk passes, and nothing was lost."""
        while True:
            try:
                return await work()
            except NotRecorded as refusal:
                _log.warning("work.not_recorded", reason=str(refusal))
                await asyncio.sleep(AFTER_REFUSAL)

    async def _mark_late_writes(self) -> None:
        await mark_late_writes(self._database, self._clock, self._moment)

    async def wait_ready(self) -> None:
        """Return once Slack said hello."""
        await self.slack.socket.wait_connected()

    async def drain(self) -> None:
        """Let what is under way come to its end: listeners, answers, decisions, requests; sockets last."""
        loop = asyncio.get_running_loop()
        until = loop.time() + DRAIN_LISTENERS
        await self.slack.socket.drain(DRAIN_LISTENERS)
        await self.listeners.drain(max(0.0, until - loop.time()))
        await self.worker.drain(DRAIN_WORKER)
        await self.outbox.drain(DRAIN_OUTBOX)
        await self.slack.socket.close()

    async def leave(self, state_path: Path) -> None:
        """Note the clean stop, Slack's names, where the audit chain ended; ``NotRecorded`` if it can't."""
        names, loaded = self.slack.directory.to_be_kept(), self.slack.directory.loaded

        def note(tx: Transaction) -> tuple[int, str]:
            if loaded:
                directories.remember(tx, names, rules=self._rulebook.source, now=self._clock.now())
            chain.append(tx, "bot.stopped", {"version": __version__}, now=self._clock.now())
            return verify.current_head(tx)

        head = await self._database.write(note, patience=LEAVE_WITHIN)
        verify.write_head(state_path / verify.HEAD_FILE, head)

    # ------------------------------------------------------------ what it says of itself

    def readiness(self) -> Readiness:
        """How the bot is, for ``/readyz`` and ``status``."""
        known = [reason for reason in self.troubles.known.values() if not self._watch.says_better(reason)]
        reasons = [*known, *self.slack.complaints(), *self._watch.complaints()]
        if self.slack.directory.loaded:
            reasons += lost_channels(self._rules().slack_config, self.slack.directory.snapshot)
        reasons += self._heartbeat.complaints()
        reasons += [f"Nothing is sent to {side}: {halt.reason}." for side, halt in self.outbox.halted.items()]
        notes = [*self.slack.notes(), *self._reading.projects.notes(), *self._reading.auditors.notes()]
        notes += nobody_manages(self._rules())
        if (shadow := self._rules().delivery.shadow) is not None:
            notes.append(f"Shadow mode: everything goes to {shadow}, and Studio is not written.")
        if self._settings.clock_url is not None:
            notes.append("The clock follows an embedded world: DEMO.")
        return Readiness(
            started=self._arrived,
            degraded=tuple(dict.fromkeys(reasons)),
            ages=self._ages(),
            notes=tuple(notes),
        )

    def _tell_metrics(self) -> None:
        state = self.readiness()
        metrics.readiness(ready=state.ready, ages=state.ages)

    def _ages(self) -> Mapping[str, float | None]:
        now = self._clock.now()
        seen = {
            "envelope": self.slack.socket.last_envelope_at,
            "frame": self.slack.socket.last_frame_at,
            "poll": self._reading.poller.last_complete,
            "delivery": self.outbox.last_delivery,
        }
        return {what: None if at is None else max(0.0, now - at) for what, at in seen.items()}

    def commands(self) -> Mapping[str, control.Command]:
        """What the control socket answers."""
        return Answers(
            database=self._database,
            clock=self._clock,
            readiness=self.readiness,
            walk=lambda: self._reading.walker.progress,
            rules=self._rules,
            head_at_start=lambda: self._head_at_start,
            directory=lambda: self.slack.directory.snapshot,
            studio_url=self._settings.studio_url,
        ).commands()


def build(settings: Settings, **parts: Any) -> House:
    """Construct the house."""
    return House(settings, **parts)


def _record_doubt(tx: Transaction, effect: Effect, now: float) -> None:
    """An effect goes out again without knowing whether it did before: the chain says so."""
    facts = {"effect": effect.key, "attempt": effect.attempt}
    chain.append(tx, "delivery.sent_again_in_doubt", facts, now=now)
