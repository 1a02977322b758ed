"""``compliance-bot status``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from compliance_bot.cli.ending import DONE, FAULT
from compliance_bot.cli.printing import json_option, say, say_json
from compliance_bot.cli.surroundings import ask_or_look
from compliance_bot.control import summary
from compliance_bot.insight import held
from compliance_bot.model.slack import Directory
from compliance_bot.store import directories, rules_used
from compliance_bot.store.database import Database


@click.command()
@json_option
def status(*, as_json: bool) -> int:
    """Say how the bot is: the running daemon's own word, else what its database holds.

    Exit code 1 when no daemon runs, or when it is degraded.
    """
    found = ask_or_look("status", look)
    say_json(found) if as_json else say(*_lines(found))
    return DONE if found.get("ready") else FAULT


async def look(database: Database, place: Path) -> Mapping[str, Any]:
    """What can be said without a daemon."""
    counts, waiting, rules = await database.read(
        lambda tx: (
            summary(tx),
            held.counted(tx, directories.recall(tx) or Directory()),
            rules_used.in_force(tx),
        )
    )
    return {
        "running": False,
        "ready": False,
        "notes": [f"No daemon runs on {place}."],
        "rules": rules and rules.as_json(),
        "counts": counts,
        "held": [one.as_json() for one in waiting],
    }


def _lines(found: Mapping[str, Any]) -> list[str]:
    lines = []
    if found.get("running", True):
        lines.append("Running, all well." if found.get("ready") else "Running, but:")
    lines += [f"  {reason}" for reason in found.get("degraded", ())]
    lines += found.get("notes", ())
    if (rules := found.get("rules")) is not None:
        lines.append(f"rules {rules['hash'][:12]} in force since {rules['since']}")
    lines += [f"last {what}: {_age(age)}" for what, age in found.get("ages", {}).items()]
    for what, counts in found.get("counts", {}).items():
        told = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
        lines.append(f"{what}: {told or 'none'}")
    lines += [
        f"waiting for the end of quiet hours: {one['count']} for {one['channel']} until {one['until']}"
        for one in found.get("held", ())
    ]
    return lines


def _age(seconds: float | None) -> str:
    return "none yet" if seconds is None else f"{seconds:.0f} s ago"
