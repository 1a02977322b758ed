"""What Slack's names mean for a command that may not ask Slack: the daemon's word, else what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compliance_bot import control
from compliance_bot.cli.surroundings import look_inside, state_path
from compliance_bot.clock import SystemClock
from compliance_bot.errors import BotError
from compliance_bot.insight.imagined import Imagined
from compliance_bot.model.slack import Directory
from compliance_bot.rulebook import Rulebook
from compliance_bot.store import directories
from compliance_bot.store.database import DATABASE_FILE, Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """``source``: ``daemon``, ``database`` or ``none``; ``now``: the daemon's time, else ours."""

    directory: Directory
    source: str
    remark: str
    now: float
    studio_url: str = ""


def names_for(rulebook: Rulebook) -> Names:
    """The names as well as they can be had here. Never fails: at worst every name is taken to exist."""
    place, now = state_path(), SystemClock().now()
    named = "\n".join(_mentions(rulebook))
    try:
        answer = control.ask(place, "directory", {"named": named})
        if answer is not None:
            return Names(
                directory=directories.unpacked(answer["directory"]),
                source="daemon",
                remark=_KNOWN if answer["directory"]["complete"] else _UNREAD,
                now=answer["now"],
                studio_url=answer["studio_url"],
            )
        known = _recalled(place)
    except BotError as error:
        return _imagined(now, f"Slack's names can't be asked for ({error}): ")
    if known is None:
        return _imagined(now, "No bot has run here, so Slack's names are not known: ")
    remark = "No bot runs: Slack's names are as it knew them last."
    return Names(directory=known, source="database", remark=remark, now=now)


_KNOWN = "Slack's names are those that the running bot knows."
_UNREAD = "The running bot has not read all of Slack's names yet: what is unknown here may still be found."


def _imagined(now: float, why: str) -> Names:
    remark = f"{why}every channel, public, and every handle is taken to exist."
    return Names(directory=Imagined(), source="none", remark=remark, now=now)


def _mentions(rulebook: Rulebook) -> list[str]:
    types, rules = rulebook.router.types.values(), rulebook.router.rules
    called = [one.mentions for one in types] + [one.mentions for one in rules]
    called += [one.mentions for one in rulebook.escalation.steps]
    return [word for mentions in called for word in mentions]


def _recalled(place: Path) -> Directory | None:
    if not (place / DATABASE_FILE).exists():
        return None
    known: Directory | None = asyncio.run(look_inside(place, _look))["directory"]
    return known


async def _look(database: Database, _place: Path) -> Mapping[str, Any]:
    return {"directory": await database.read(directories.recall)}
