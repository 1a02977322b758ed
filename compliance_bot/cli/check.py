"""``compliance-bot check``: "Test Connection"."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import click

from compliance_bot.cli import surroundings
from compliance_bot.cli.checkup.examination import Wishes, examine
from compliance_bot.cli.checkup.lines import Line, Verdict
from compliance_bot.cli.ending import DONE, FAULT
from compliance_bot.cli.printing import json_option, say, say_json

_MARKS = {Verdict.GOOD: "ok   ", Verdict.DOUBT: "note ", Verdict.FAULT: "FAULT"}


@click.command()
@json_option
@click.option("--live", is_flag=True, help="Post and delete one message a channel; try each template.")
@click.option("--fix", is_flag=True, help="Join the public channels that the bot is not in.")
def check(*, as_json: bool, live: bool, fix: bool) -> int:
    """Test the settings, Slack, Studio and the record, in the order in which they must be mended.

    Exit code 1 when there is a fault. Notes are no faults: they say what works less well than it could.
    It may run beside the daemon: it then opens no socket of its own, and asks the daemon for the record.
    """
    lines = asyncio.run(
        _gather(examine(Wishes(live=live, fix=fix, state=surroundings.state_path())), as_json)
    )
    faults = [line for line in lines if line.verdict is Verdict.FAULT]
    if as_json:
        say_json({"ok": not faults, "lines": [line.as_json() for line in lines]})
    else:
        say(_conclusion(faults))
    return FAULT if faults else DONE


async def _gather(examination: AsyncIterator[Line], as_json: bool) -> list[Line]:
    lines = []
    async for line in examination:
        lines.append(line)
        if not as_json:
            say(f"{_MARKS[line.verdict]} {line.step}: {line.words}")
            say(*([f"      → {line.mend}"] if line.mend else []))
    return lines


def _conclusion(faults: Sequence[Line]) -> str:
    if not faults:
        return "All is well."
    number = "One fault" if len(faults) == 1 else f"{len(faults)} faults"
    return f"{number}. Begin with the first: {faults[0].mend}"
