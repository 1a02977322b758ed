"""Minds how Studio takes us: identities that no finding is read by, polls that stay away, a spent quota."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from functools import partial

from compliance_bot.app import complaints
from compliance_bot.clock import Clock
from compliance_bot.config.schema import Rules
from compliance_bot.errors import StudioError
from compliance_bot.jobs.troubles import Troubles
from compliance_bot.messages import wording
from compliance_bot.model.platform import Role
from compliance_bot.studio.platform.client import PlatformStudio
from compliance_bot.studio.quota import Purpose

LOOK_EVERY = 60.0
ASK_EVERY = 300.0
"""Seconds after which an identity that Studio refused is tried again."""
QUOTA = "studio_quota"


class StudioWatch:
    """One task of the app. ``complaints`` are sentences for ``/readyz``.

    ``roles``: those with a token or login of their own; ``logins``: those of them with a login.
    ``waits``: until when each purpose waits for room in the hour's calls.
    """

    def __init__(
        self,
        *,
        studio: PlatformStudio,
        clock: Clock,
        rules: Callable[[], Rules],
        troubles: Troubles,
        roles: Collection[Role],
        logins: Collection[Role],
        last_poll: Callable[[], float | None],
        waits: Mapping[Purpose, float],
    ) -> None:
        self._studio = studio
        self._clock = clock
        self._rules = rules
        self._troubles = troubles
        self._logins = frozenset(role.value for role in logins)
        self._last_poll = last_poll
        self._waits = waits
        self._began = clock.now()
        self._asking = _questions(studio, roles)

    async def run(self) -> None:
        """Ask once as each identity that reads no findings; then again those that were refused."""
        await self._ask(self._asking)
        asked_at = self._clock.now()
        while True:
            await self._tell()
            await self._clock.sleep(LOOK_EVERY)
            if self._clock.now() - asked_at >= ASK_EVERY:
                asked_at = self._clock.now()
                await self._ask([name for name in self._asking if name in self._refusals])

    @property
    def _refusals(self) -> Mapping[str, str]:
        return self._studio.health_seen.refusals

    async def _ask(self, names: Collection[str]) -> None:
        for name in names:
            with suppress(StudioError):
                await self._asking[name]()

    async def _tell(self) -> None:
        """Say in the operations channel, once, what no poll says by failing."""
        for name in self._asking:
            if name in self._refusals:
                reason = self._refused(name)
                await self._troubles.begins(f"studio_{name}", reason, partial(_refused_notice, reason))
            else:
                await self._troubles.ends(f"studio_{name}")
        until = self._waits.get(Purpose.POLL)
        if until is not None and until > self._clock.now() and self._poll_is_old():
            words = complaints.quota_spent(until, self._rules().studio.quota_per_hour)
            await self._troubles.begins(QUOTA, _sentence(words), partial(_quota_notice, words))
        else:
            await self._troubles.ends(QUOTA)

    def _poll_is_old(self) -> bool:
        interval = self._rules().studio.poll_interval
        now = self._clock.now()
        return complaints.is_old(self._last_poll(), began=self._began, interval=interval, now=now)

    def _refused(self, name: str) -> str:
        return complaints.refused(name, self._refusals[name], by_login=name.partition(" ")[0] in self._logins)

    def complaints(self) -> list[str]:
        """What is wrong with Studio now, beside what a failing poll says."""
        found = [self._refused(name) for name in self._refusals if name != "public"]
        if self._poll_is_old():
            found.append(
                complaints.old_poll(
                    self._last_poll(),
                    interval=self._rules().studio.poll_interval,
                    now=self._clock.now(),
                    spent_until=self._waits.get(Purpose.POLL),
                    quota=self._rules().studio.quota_per_hour,
                )
            )
        return found

    def says_better(self, reason: str) -> bool:
        """Whether a complaint of ours says that same reason with its mend."""
        return reason in self._refusals.values()


def _questions(studio: PlatformStudio, roles: Collection[Role]) -> dict[str, Callable[[], Awaitable[object]]]:
    """One cheap question for each identity that reads no findings."""
    asking: dict[str, Callable[[], Awaitable[object]]] = {}
    if Role.MANAGER in roles:
        asking[Role.MANAGER.value] = studio.alerts
    if {Role.CUSTOMER, Role.AUDITOR} <= set(roles):
        asking[Role.CUSTOMER.value] = studio.customer_requests
    return asking


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _refused_notice(reason: str, _since: float) -> str:
    return wording.notice_studio_account_refused(reason)


def _quota_notice(words: str, _since: float) -> str:
    return wording.notice_quota_spent(_sentence(words))
