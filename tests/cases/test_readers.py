"""A guest joins a channel: what stands there gives way to references, until they leave again."""

from __future__ import annotations

import json
from dataclasses import replace

from compliance_bot.cases import readers
from compliance_bot.model.delivery import EffectKind
from tests.cases.stage import Stage, a_directory, a_finding

COMPLIANCE = "CCOMPLIANCE"


async def guests_are(stage: Stage, there: bool) -> None:
    known = a_directory()
    channel = replace(known.channels_by_id[COMPLIANCE], guests=there)
    stage.directory = replace(
        known,
        channels_by_id={**known.channels_by_id, COMPLIANCE: channel},
        channels_by_name={**known.channels_by_name, "compliance": channel},
    )
    await stage.write(lambda tx: readers.show_anew(tx, stage.moment(), [COMPLIANCE]))
    stage.later(10)
    await stage.deliver()


async def test_a_message_gives_way_to_a_reference_and_comes_back(begun: Stage) -> None:
    await begun.observe(a_finding(title="Public bucket with payrolls"))
    await begun.deliver()
    await guests_are(begun, there=True)
    hidden = json.dumps(begun.said(EffectKind.EDIT)[-1])
    assert "payrolls" not in hidden
    assert "CB-0001" in hidden
    await guests_are(begun, there=False)
    assert "payrolls" in json.dumps(begun.said(EffectKind.EDIT)[-1])


async def test_a_digest_does_too(begun: Stage) -> None:
    await begun.observe(*[a_finding(f"f-{number}", title=f"Leak {number}") for number in range(12)])
    await begun.deliver()
    await guests_are(begun, there=True)
    hidden = json.dumps(begun.said(EffectKind.DIGEST_EDIT)[-1])
    assert "Leak" not in hidden
    assert "CB-0001" in hidden


async def test_other_channels_are_left_alone(begun: Stage) -> None:
    await begun.observe(a_finding())
    await begun.deliver()
    assert await begun.write(lambda tx: readers.show_anew(tx, begun.moment(), ["CELSEWHERE"])) == 0


async def test_a_message_on_its_way_when_the_guest_comes_is_edited_once_it_stands(begun: Stage) -> None:
    await begun.observe(a_finding(title="Public bucket with payrolls"))
    (post,) = await begun.claim(only=EffectKind.POST)
    await guests_are(begun, there=True)
    await begun.finish(post)
    await begun.deliver()
    assert "payrolls" not in json.dumps(begun.said(EffectKind.EDIT)[-1])


async def test_a_digest_on_its_way_too(begun: Stage) -> None:
    await begun.observe(*[a_finding(f"f-{number}", title=f"Leak {number}") for number in range(12)])
    (digest,) = await begun.claim(only=EffectKind.DIGEST)
    await guests_are(begun, there=True)
    await begun.finish(digest)
    begun.later(10)
    await begun.deliver()
    assert "Leak" not in json.dumps(begun.said(EffectKind.DIGEST_EDIT)[-1])
