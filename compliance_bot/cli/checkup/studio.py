"""The Studio side: whether it answers, and what each identity may do there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from compliance_bot.cli.checkup.lines import Line, doubt, fault, good
from compliance_bot.studio.capabilities import Capability
from compliance_bot.studio.failures import FailureKind, StudioCallFailed
from compliance_bot.studio.platform.client import PlatformStudio
from compliance_bot.studio.quota import Purpose

_MENDS = {
    FailureKind.AWAY: "let this machine reach STUDIO_URL; a proxy goes into STUDIO_PROXY, a private "
    "certificate authority into STUDIO_CA_FILE",
    FailureKind.REFUSED: "give a token of that role that is still good (STUDIO_TOKEN, STUDIO_TOKEN_<ROLE>), "
    "or a service account (STUDIO_LOGIN_<ROLE>, STUDIO_PASSWORD_<ROLE>)",
    FailureKind.ROUTE_ABSENT: "set STUDIO_URL to the address below which Studio's /api/ hangs",
    FailureKind.THROTTLED: "wait until Studio's own limit has passed",
}
_UNAUTHORISED = 401
_OTHERWISE = "look at Studio's own log at this time; the answer was not what its contract says"


async def answers(studio: PlatformStudio) -> Line:
    """Whether STUDIO_URL is a Studio."""
    try:
        healthy = await studio.health(purpose=Purpose.COMMAND)
    except StudioCallFailed as failure:
        return fault("studio", str(failure), _MENDS.get(failure.kind, _OTHERWISE))
    if not healthy:
        return doubt("studio", "Studio answers, but says that it is not healthy", "look at Studio's own log")
    return good("studio", "Studio answers and is healthy")


async def findings(studio: PlatformStudio) -> tuple[Line, float | None]:
    """Whether findings may be read, and how far Studio's clock is from ours (seconds)."""
    if Capability.FINDINGS not in studio.capabilities:
        return fault(
            "studio",
            "no identity may read findings: managers may not, auditors and customers may",
            "set STUDIO_TOKEN_AUDITOR (or a login for that role)",
        ), None
    try:
        page = await studio.list_findings(1, 1, purpose=Purpose.COMMAND)
    except StudioCallFailed as failure:
        return fault("studio", f"findings: {failure}", _MENDS.get(failure.kind, _OTHERWISE)), None
    offset = None if page.server_time is None else page.server_time - page.sent_at
    return good("studio", f"findings can be read: {page.total}"), offset


async def roles(studio: PlatformStudio) -> list[Line]:
    """What the other identities open; without one the bot does less, and says what."""
    command = Purpose.COMMAND
    return [
        await _try(
            studio,
            Capability.MANAGE,
            "manager",
            "all projects, stalled ones, dashboards and approvals",
            lambda: studio.manager_dashboard(purpose=command),
        ),
        await _try(
            studio,
            Capability.AUDIT_WRITE,
            "auditor",
            "the projects of this auditor, and the requests that it sent",
            lambda: studio.auditor_dashboard(purpose=command),
        ),
        await _try(
            studio,
            Capability.CUSTOMER,
            "customer",
            "requests addressed to this customer",
            lambda: studio.customer_requests(purpose=command),
        ),
    ]


async def _try(
    studio: PlatformStudio,
    capability: Capability,
    role: str,
    opens: str,
    ask: Callable[[], Awaitable[object]],
) -> Line:
    mend = f"set STUDIO_TOKEN_{role.upper()} (Studio's roles do not overlap), or do without"
    if capability not in studio.capabilities:
        return doubt("studio", f"no {role}: the bot does not see {opens}", mend)
    try:
        await ask()
    except StudioCallFailed as failure:
        # A token that Studio does not know was meant to be good (the auditor's, who reads the findings,
        # has had its fault there); one that may not is a role less.
        unknown = failure.status == _UNAUTHORISED and capability is not Capability.AUDIT_WRITE
        worse = fault if unknown else doubt
        return worse("studio", f"as {role}: {failure} The bot does not see {opens}", mend)
    return good("studio", f"as {role}: {opens}")
