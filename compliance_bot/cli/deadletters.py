"""``compliance-bot deadletters``: what could not be delivered, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from compliance_bot.cli.ending import DONE, FAULT
from compliance_bot.cli.printing import json_option, say, say_json
from compliance_bot.cli.surroundings import ask_or_look
from compliance_bot.clock import SystemClock
from compliance_bot.outbox import dead_letters
from compliance_bot.store.database import Database


@click.group()
def deadletters() -> None:
    """List what could not be delivered; send it again or take it off the list."""


@deadletters.command("list")
@json_option
def list_them(*, as_json: bool) -> int:
    """Name each with its number, where it was to go and why it could not."""
    found = ask_or_look("deadletters list", _look)
    rows = found["dead"]
    if as_json:
        say_json(found)
    elif not rows:
        say("There are no dead letters.")
    else:
        say(*(f"{row['id']}  {row['kind']} to {row['place']}  {row['at']}  {row['reason']}" for row in rows))
    return DONE


@deadletters.command("retry")
@click.argument("number", type=int)
def retry(number: int) -> int:
    """Send dead letter NUMBER again, in the words of now."""
    return _settle("retry", number, "It is sent again.")


@deadletters.command("drop")
@click.argument("number", type=int)
@click.confirmation_option("--yes", prompt="It will never be delivered. Drop it?")
def drop(number: int) -> int:
    """Take dead letter NUMBER off the list for good."""
    return _settle("drop", number, "It is dropped.")


def _settle(what: str, number: int, done: str) -> int:
    settle = dead_letters.revive if what == "retry" else dead_letters.drop

    async def look(database: Database, _place: Path) -> Mapping[str, Any]:
        now = SystemClock().now()
        return {"settled": await database.write(lambda tx: settle(tx, number, now))}

    found = ask_or_look(f"deadletters {what}", look, {"number": number})
    say(done if found["settled"] else f"There is no dead letter {number}: compliance-bot deadletters list")
    return DONE if found["settled"] else FAULT


async def _look(database: Database, _place: Path) -> Mapping[str, Any]:
    return {"dead": await database.read(dead_letters.listed)}
