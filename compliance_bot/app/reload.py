"""Reads rules.yaml and the templates anew when asked by SIGHUP: built whole, then swapped, or refused whole.

What each setting's reload means:

* Routing, mentions, templates, sensitivity, grouping, delivery, links, categories, ``studio.projects``,
  ``access``, ``people``: whatever is decided or shown from now on; what was told keeps its channel.
* ``quiet_hours``: what waits is judged anew. New channels get their welcome.
* ``escalation``: for what opens from now on; what is open keeps the ladder that it opened with.
* ``studio.poll_interval``, ``full_walk_interval``, ``quota_per_hour``: at once, also for who sleeps.
* ``studio.timeout``, ``debug_config.api_timeout``, ``retry_attempts``: with the next call of Studio.
* ``debug_config.log_level``, ``detailed_logging``: at once.
* ``slash_commands``: at once here; Slack needs the new manifest.
* ``studio.first_run``: while the baseline is not complete. ``studio.api`` has one value.
* Settings (addresses, tokens, paths) are the environment's and read at the start; secrets that stand in
  files are read anew at each call, without a reload.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from compliance_bot import failpoints, metrics, systemd_notify
from compliance_bot.audit import chain
from compliance_bot.cases import welcome
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.welcome import IN_SHADOW
from compliance_bot.clock import Clock
from compliance_bot.config.difference import Difference, Kind, differences, template_differences
from compliance_bot.config.load import load_text
from compliance_bot.config.schema import Rules
from compliance_bot.handlers.manifest import manifest
from compliance_bot.insight.rules_effect import MOST_EVENTS, rules_effect
from compliance_bot.jobs.troubles import Troubles
from compliance_bot.logs import logger, redact
from compliance_bot.messages import reload_words
from compliance_bot.messages.reload_words import RulesEffect
from compliance_bot.model.delivery import CHANNEL_UNRESOLVED
from compliance_bot.model.problems import Problem
from compliance_bot.model.slack import Directory
from compliance_bot.outbox.effects import TOPIC
from compliance_bot.outbox.notices import notify_operations
from compliance_bot.outbox.quiet_hours import wake_held
from compliance_bot.rulebook import Rulebook, RulesRefused, compile_rulebook
from compliance_bot.rules.compile import compile_sections
from compliance_bot.store import effects, events, rules_used
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction

_log = logger(__name__)

TROUBLE = "rules"
_WAITING = (IN_SHADOW, CHANNEL_UNRESOLVED)
"""Why an effect may sleep that other rules may let go, besides quiet hours."""
MOST_PATHS = 200
"""Changed places that an audit entry names; how many there are it says always."""


class Requests:
    """Who asks for a reload: remembered from the first moment of the process, also before there is a loop."""

    def __init__(self) -> None:
        self._asked = False
        self._event: asyncio.Event | None = None

    def remember_early(self) -> None:
        """From now on SIGHUP no longer ends the process; what comes before the loop turns is kept."""
        signal.signal(signal.SIGHUP, lambda *_: self.ask())

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear SIGHUP on the event loop."""
        self._event = asyncio.Event()
        loop.add_signal_handler(signal.SIGHUP, self.ask)
        if self._asked:
            self._event.set()

    def ignore(self, loop: asyncio.AbstractEventLoop) -> None:
        """The process ends: a SIGHUP must not make that an untidy end."""
        loop.remove_signal_handler(signal.SIGHUP)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def ask(self) -> None:
        """Have the rules read anew; however often that is asked meanwhile, it is done once more."""
        self._asked = True
        if self._event is not None:
            self._event.set()

    async def next(self) -> None:
        """Return once it was asked, and take the wish."""
        if self._event is None:
            self._event = asyncio.Event()
        await self._event.wait()
        self._event.clear()
        self._asked = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Swap:
    """A rulebook that is to take another's place, and what that means."""

    before: Rulebook
    after: Rulebook
    differences: tuple[Difference, ...]
    warnings: int


class Reloader:
    """One task of the app: ``run`` until cancelled.

    ``swap`` puts a rulebook in force for everyone; ``settle`` is what then waits for it (held messages,
    welcomes), done again until it was recorded. ``in_force_since``: Unix seconds, of this rulebook.
    """

    def __init__(
        self,
        *,
        paths: tuple[Path, Path],
        database: Database,
        clock: Clock,
        troubles: Troubles,
        requests: Requests,
        rulebook: Callable[[], Rulebook],
        swap: Callable[[Rulebook], None],
        settle: Callable[[], Awaitable[None]],
        directory: Callable[[], Directory],
    ) -> None:
        self._paths = paths
        self._database = database
        self._clock = clock
        self._troubles = troubles
        self._requests = requests
        self._rulebook = rulebook
        self._swap = swap
        self._settle = settle
        self._directory = directory
        self._unsettled = True
        self.in_force_since = clock.now()

    async def arrive(self) -> None:
        """At the start: what was refused before is over; rules other than those of before are announced.

        So is a reload that a crash cut short: the start reads the same file.
        """
        await self._troubles.ends(TROUBLE)
        last = await self._database.read(rules_used.last_in_force)
        try:
            swap = None if last is None else await asyncio.to_thread(_since_last, last, self._rulebook())
            words = "" if swap is None else await self._words(swap)
        except Exception:  # noqa: BLE001 - what cannot be told must not keep the bot from starting
            _log.exception("rules.change_not_told")
            swap = None
        if swap is not None:
            now = self._clock.now()
            await self._database.write(partial(_record, swap=swap, words=words, now=now))
        self.in_force_since = await self._database.write(self._note_in_force)

    def _note_in_force(self, tx: Transaction) -> float:
        rulebook = self._rulebook()
        return rules_used.put_in_force(tx, rulebook.hash, rulebook.source, self._clock.now()).since

    async def run(self) -> None:
        """Serve every wish, one build at a time; what the database refused is wished for again."""
        await self._settle_once()
        while True:
            await self._requests.next()
            try:
                await self.reload()
                await self._settle_once()
            except Exception:
                self._requests.ask()
                raise

    async def _settle_once(self) -> None:
        if self._unsettled:
            await self._settle()
            self._unsettled = False

    async def reload(self) -> None:
        """Put what the files say now in force, or say why not.

        One that a stop breaks off tells systemd no end: that has heard STOPPING=1.
        """
        systemd_notify.notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            await self._reload()
        except Exception:
            systemd_notify.notify("READY=1")
            raise
        systemd_notify.notify("READY=1")

    async def _reload(self) -> None:
        before = self._rulebook()
        try:
            # In a thread of its own: a build takes tenths of a second, and acks must not wait for it.
            swap = await asyncio.to_thread(_build, self._paths, before)
        except RulesRefused as refused:
            await self._refuse(refused.problems)
            return
        except Exception as error:  # noqa: BLE001 - whatever the files made of it, the rules in force stay
            _log.exception("rules.not_built")
            why = f"could not be built ({type(error).__name__}); the log says more"
            await self._refuse((Problem(file=self._paths[0].name, message=why),))
            return
        failpoints.reach("reload.built")
        if swap is None:
            _log.info("rules.unchanged", rules=before.hash)
            metrics.rules_reloaded("unchanged")
            await self._troubles.ends(TROUBLE, lambda *_: reload_words.notice_mended())
            return
        await self._put_in_force(swap, await self._words(swap))

    async def _words(self, swap: _Swap) -> str:
        """What is said of the swap; good rules are not refused because their effect can't be told."""
        effect = None
        try:
            newest = await self._database.read(lambda tx: events.newest_routed(tx, MOST_EVENTS))
            asked = (newest, swap.before, swap.after, self._directory())
            effect = await asyncio.to_thread(rules_effect, *asked)
        except Exception:  # noqa: BLE001 - see above; the log says why
            _log.exception("rules.effect_not_told")
        return _words(swap, effect)

    async def _refuse(self, problems: Sequence[Problem]) -> None:
        errors = [redact(str(problem)) for problem in problems if not problem.warning]
        first, more = errors[0], len(errors) - 1
        _log.error("rules.refused", problems=errors[:50], in_force=self._rulebook().hash)
        metrics.rules_reloaded("refused")
        reason = reload_words.trouble_refused(first, more, self.in_force_since)
        if self._troubles.known.get(TROUBLE, reason) != reason:
            await self._troubles.ends(TROUBLE)
        notice = reload_words.notice_refused(first, more)
        await self._troubles.begins(TROUBLE, reason, lambda _since: notice)

    async def _put_in_force(self, swap: _Swap, words: str) -> None:
        now = self._clock.now()
        await self._database.write(partial(_record, swap=swap, words=words, now=now))
        failpoints.reach("reload.recorded")
        _log.info("rules.reloaded", **_facts(swap), differences=[str(one) for one in swap.differences[:50]])
        self._swap(swap.after)
        self.in_force_since = now
        self._unsettled = True
        failpoints.reach("reload.swapped")
        metrics.rules_reloaded("reloaded")
        await self._troubles.ends(TROUBLE)


def judge_anew(tx: Transaction, moment: Moment) -> None:
    """What other rules held back is looked at again, and channels they did not name are greeted."""
    wake_held(tx, moment.now)
    if effects.look_again(tx, _WAITING, moment.now):
        tx.touch(TOPIC)
    welcome.plan_welcomes(tx, moment)


def log_level(rules: Rules) -> str:
    """The level of our own loggers that the rules ask for."""
    return rules.debug_config.log_level if rules.debug_config.enabled else "info"


def _build(paths: tuple[Path, Path], before: Rulebook) -> _Swap | None:
    """What the files say now beside what is in force; None where that is the same, to the byte.

    Any thread may build: rule-engine guards its parser, Jinja2 and pydantic share nothing that changes.
    """
    after, warnings = compile_rulebook(*paths)
    if after.hash == before.hash:
        return None
    for warning in warnings:
        _log.warning("rules.warning", problem=str(warning))
    found = (
        *differences(before.rules, after.rules),
        *template_differences(before.template_hashes, after.template_hashes),
    )
    return _Swap(before=before, after=after, differences=found, warnings=len(warnings))


def _since_last(last: tuple[str, str], after: Rulebook) -> _Swap | None:
    """The swap that a start is; None where the rules are the same, or those of before can't be read any more.

    ``last``: hash and text of rules.yaml of then. What the templates were is not kept, only their hash.
    """
    known_hash, text = last
    rules = None if known_hash == after.hash else load_text(text).rules
    if rules is None:
        return None
    before = replace(after, hash=known_hash, rules=rules, router=compile_sections(rules).router)
    found = differences(rules, after.rules)
    if text == after.source:
        found = (*found, Difference(path="templates", kind=Kind.CHANGED))
    return _Swap(before=before, after=after, differences=found, warnings=0)


def _words(swap: _Swap, effect: RulesEffect | None) -> str:
    before, after = swap.before, swap.after
    return reload_words.notice_reloaded(
        before=before.hash,
        after=after.hash,
        differences=[str(one) for one in swap.differences],
        effect=effect,
        manifest=manifest(before.rules.slash_commands) != manifest(after.rules.slash_commands),
        warnings=swap.warnings,
    )


def _facts(swap: _Swap) -> dict[str, Any]:
    return {"from": swap.before.hash, "to": swap.after.hash, "count": len(swap.differences)}


def _record(tx: Transaction, *, swap: _Swap, words: str, now: float) -> None:
    """The swap as it stands for ever: the text, the audit entry, the notice. A crash after it is harmless.

    The next start reads the same file, and finds it noted.
    """
    after = swap.after
    rules_used.put_in_force(tx, after.hash, after.source, now)
    changed = [one.path for one in swap.differences[:MOST_PATHS]]
    chain.append(tx, "rules.reloaded", {**_facts(swap), "changed": changed}, now=now)
    notify_operations(tx, key=f"rules:{swap.before.hash}:{after.hash}:{now}", text=words, now=now)
