"""What goes to and fro, and what a nightly scan touches, makes no noise."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from compliance_bot.model.delivery import EffectKind
from compliance_bot.model.findings import FindingStatus, Severity
from tests.cases.stage import DAY, Stage, a_critical, a_finding

TELLING = (EffectKind.POST, EffectKind.THREAD, EffectKind.DIGEST)


def told(stage: Stage) -> Counter[str]:
    """How many messages of each kind were sent that somebody is notified of."""
    return Counter(kind for kind, _, _ in stage.sent if kind in TELLING)


async def test_a_finding_that_goes_to_and_fro_is_said_to_do_so_once_then_only_edited(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    before = told(begun)
    for _ in range(20):
        await begun.observe(a_critical(status=FindingStatus.RESOLVED))
        begun.later(60)
        await begun.observe(a_critical())
        begun.later(60)
        await begun.deliver()
    assert told(begun) - before == Counter({"thread": 5})
    assert (await begun.lines())[-1] == "unsteady"
    assert len(begun.said(EffectKind.EDIT)) > 20, "the message follows every turn"
    case = await begun.case()
    assert case is not None
    assert (case.state.value, case.episode) == ("open", 21)


async def test_once_steady_for_an_hour_its_moves_are_said_again(begun: Stage) -> None:
    await begun.observe(a_critical())
    for _ in range(5):
        await begun.observe(a_critical(status=FindingStatus.RESOLVED))
        await begun.observe(a_critical())
    await begun.deliver()
    begun.later(2 * 3600)
    await begun.observe(a_critical(status=FindingStatus.RESOLVED))
    await begun.deliver()
    assert (await begun.lines())[-1] == "closed_in_studio"


async def test_a_severity_that_swings_below_critical_pings_nobody(begun: Stage) -> None:
    await begun.observe(a_finding(severity=Severity.MEDIUM))
    await begun.deliver()
    before = told(begun)
    for _ in range(10):
        await begun.observe(a_finding(severity=Severity.HIGH))
        await begun.observe(a_finding(severity=Severity.MEDIUM))
        begun.later(120)
        await begun.deliver()
    assert (told(begun) - before)["post"] == 0
    assert (told(begun) - before)["thread"] <= 5


async def test_a_nightly_scan_of_five_thousand_findings_tells_nothing(begun: Stage) -> None:
    findings = [a_finding(f"f-{number}") for number in range(5_000)]
    await begun.observe(*findings)
    await begun.deliver()
    begun.later(120)
    await begun.deliver()
    before = told(begun)
    for _night in range(2):
        begun.later(DAY)
        scanned = [
            replace(one, occurrences=one.occurrences + 1, last_seen=begun.now, updated_at=begun.now)
            for one in findings
        ]
        findings = scanned
        await begun.walk(*findings)
        begun.later(3600)
        await begun.deliver()
    assert told(begun) - before == Counter()
    assert await begun.lines() == []


async def test_a_scan_that_closes_and_opens_everything_within_the_night_rings_nobody(begun: Stage) -> None:
    findings = [a_finding(f"f-{number}") for number in range(300)]
    await begun.observe(*findings)
    await begun.deliver()
    begun.later(3600)
    before = told(begun)
    await begun.observe(*[replace(one, status=FindingStatus.RESOLVED) for one in findings])
    begun.later(3600)
    await begun.observe(*findings)
    begun.later(60)
    await begun.deliver()
    assert told(begun) - before == Counter()
