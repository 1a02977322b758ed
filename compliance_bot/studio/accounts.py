"""Which token a call carries: Studio's roles do not overlap, so the area of a call chooses.

Source: Studio's gateway policy and backend checks. Findings are closed to managers, writes of an
auditor to everyone but auditors.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from compliance_bot.model.platform import Role
from compliance_bot.studio.failures import FailureKind, StudioCallFailed
from compliance_bot.studio.quota import Purpose

Spend = Callable[[Purpose], Awaitable[None]]
"""Returns once a call for that purpose may be made; raises StudioQuotaSpent instead of waiting long."""


class Area(StrEnum):
    """A part of Studio's API whose calls need the same role."""

    FINDINGS = "findings"
    MANAGER = "manager"
    AUDITOR_READ = "auditor_read"
    AUDITOR_WRITE = "auditor_write"
    CUSTOMER = "customer"
    PUBLIC = "public"


ROLES: Mapping[Area, tuple[Role, ...]] = {
    Area.FINDINGS: (Role.AUDITOR, Role.CUSTOMER),
    Area.MANAGER: (Role.MANAGER,),
    Area.AUDITOR_READ: (Role.AUDITOR, Role.MANAGER),
    Area.AUDITOR_WRITE: (Role.AUDITOR,),
    Area.CUSTOMER: (Role.CUSTOMER,),
    Area.PUBLIC: (),
}
"""Who may call what, best first."""


class TokenSource(Protocol):
    """Where a role's bearer token comes from."""

    async def token(self, spend: Spend, purpose: Purpose) -> str:
        """The token to send now."""
        ...

    async def renew(self, stale: str, spend: Spend, purpose: Purpose) -> bool:
        """Studio refused ``stale``: True when ``token`` now gives another one."""
        ...


class GivenToken:
    """A token from the settings, read anew for each call so that a changed file counts at once.

    Args:
        read: gives the token as it stands now.

    """

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read

    async def token(self, spend: Spend, purpose: Purpose) -> str:  # noqa: ARG002 - costs no call
        """The token as it stands now."""
        return self._read()

    async def renew(self, stale: str, spend: Spend, purpose: Purpose) -> bool:  # noqa: ARG002 - the same
        """True when the file was changed since."""
        return self._read() != stale


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a call is made as: ``name`` is the role, or ``single`` for the one token for all."""

    name: str
    source: TokenSource


class Accounts:
    """All the bot's identities in Studio.

    Args:
        sources: one source per role; under None the single token that serves every role.

    """

    def __init__(self, *, sources: Mapping[Role | None, TokenSource]) -> None:
        self._sources = dict(sources)

    @property
    def names(self) -> tuple[str, ...]:
        """The identities there are, for ``check``."""
        return tuple("single" if role is None else role.value for role in self._sources)

    def has(self, area: Area) -> bool:
        """True when some identity may call this area."""
        return area is Area.PUBLIC or None in self._sources or any(r in self._sources for r in ROLES[area])

    def identity(self, area: Area, operation: str) -> Identity | None:
        """Who calls ``area``; None for what is public.

        Raises:
            StudioCallFailed: REFUSED, naming the setting that is missing.

        """
        if area is Area.PUBLIC:
            return None
        for role in ROLES[area]:
            if role in self._sources:
                return Identity(name=role.value, source=self._sources[role])
        if None in self._sources:
            return Identity(name="single", source=self._sources[None])
        wanted = " or ".join(f"STUDIO_TOKEN_{role.value.upper()}" for role in ROLES[area])
        raise StudioCallFailed(
            FailureKind.REFUSED,
            f"No Studio token may do this: set {wanted} or STUDIO_TOKEN ({operation}).",
            operation=operation,
        )
