"""``compliance-bot audit verify``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from compliance_bot.audit.verify import HEAD_FILE, read_head, verify
from compliance_bot.cli.ending import DONE, FAULT
from compliance_bot.cli.printing import json_option, say, say_json
from compliance_bot.cli.surroundings import ask_or_look
from compliance_bot.store.database import Database


@click.group()
def audit() -> None:
    """Look into the audit chain: one entry for each decision, refusal and change of a case."""


@audit.command("verify")
@json_option
def verify_chain(*, as_json: bool) -> int:
    """Recompute the whole hash chain. Exit code 1 when it is not whole, naming the first bad entry."""
    found = ask_or_look("audit verify", look)
    say_json(found) if as_json else say(str(found["sentence"]))
    return DONE if found["whole"] else FAULT


async def look(database: Database, place: Path) -> Mapping[str, Any]:
    """The verdict on a database that no daemon has open: a tail cut off since its clean stop shows too."""
    head = read_head(place / HEAD_FILE)
    return (await database.read(lambda tx: verify(tx, head))).as_json()
