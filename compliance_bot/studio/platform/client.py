"""The whole platform API behind one name."""

from __future__ import annotations

from typing import Any

from compliance_bot.studio.accounts import Area
from compliance_bot.studio.calls import Call, Caller, StudioHealth
from compliance_bot.studio.capabilities import Capability
from compliance_bot.studio.platform.auditor_calls import AuditorCalls
from compliance_bot.studio.platform.findings import FindingCalls
from compliance_bot.studio.platform.manager_calls import ManagerCalls
from compliance_bot.studio.quota import Purpose
from compliance_bot.studio.transport import Unreadable


class PlatformStudio(FindingCalls, ManagerCalls, AuditorCalls):
    """Studio's platform routes, typed. Implements ``capabilities.StudioApi``.

    Args:
        caller: makes the calls.

    """

    def __init__(self, *, caller: Caller) -> None:
        FindingCalls.__init__(self, caller=caller)
        ManagerCalls.__init__(self, caller=caller)
        AuditorCalls.__init__(self, caller=caller)

    @property
    def health_seen(self) -> StudioHealth:
        """What the last calls said of Studio."""
        return self._caller.health

    @property
    def capabilities(self) -> Capability:
        """What this API and our tokens can do together."""
        accounts = self._caller.accounts
        held = [flag for area, flag in _FLAGS.items() if accounts.has(area)]
        return Capability(sum(flag.value for flag in held))

    async def health(self, *, purpose: Purpose = Purpose.POLL) -> bool:
        """True when the API says it is healthy. It says so also without its database."""
        answer = await self._caller.call(
            Call(
                operation="health",
                method="GET",
                path="/api/health",
                area=Area.PUBLIC,
                purpose=purpose,
                parse=_healthy,
            )
        )
        return answer.value is True


_FLAGS = {
    Area.FINDINGS: Capability.FINDINGS,
    Area.MANAGER: Capability.MANAGE,
    Area.AUDITOR_READ: Capability.AUDIT_READ,
    Area.AUDITOR_WRITE: Capability.AUDIT_WRITE,
    Area.CUSTOMER: Capability.CUSTOMER,
}


def _healthy(answer: Any) -> bool:
    if not isinstance(answer, dict) or "status" not in answer:
        raise Unreadable("it has no status")
    return answer["status"] in ("healthy", "ok")
