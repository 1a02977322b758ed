"""``compliance-bot audit``: the chain verified, and what stands in it shown as a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from compliance_bot.audit.verify import HEAD_FILE, read_head, verify
from compliance_bot.cli.ending import DONE, FAULT
from compliance_bot.cli.printing import json_option, remark, say, say_json
from compliance_bot.cli.shown import local_zone, page_text
from compliance_bot.cli.surroundings import ask_or_look
from compliance_bot.clock import SystemClock
from compliance_bot.insight import proof
from compliance_bot.model.slack import Directory
from compliance_bot.store import directories
from compliance_bot.store.database import Database
from compliance_bot.store.transaction import Transaction


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


@audit.command("show")
@click.argument("reference", metavar="REF")
@json_option
def show(reference: str, *, as_json: bool) -> int:
    """Show a decision, a case or an approval as a page, with its proof recomputed.

    REF is a decision's reference as it stands in Studio's comments (CB-0001-12), a case's (CB-0001), an
    approval's (AP-0001, a vote on it AP-0001-3), or the id of a finding or a project in Studio. Exit code 1
    when nothing goes by that name, or when the record and the audit chain do not agree.
    """
    zone = local_zone()

    async def look_up(database: Database, _place: Path) -> Mapping[str, Any]:
        now = SystemClock().now()

        def ask(tx: Transaction) -> dict[str, Any]:
            return proof.shown(tx, directories.recall(tx) or Directory(), reference, now=now, zone=zone)

        return await database.read(ask)

    told = ask_or_look("audit show", look_up, {"reference": reference, "zone": zone})
    if not told["found"]:
        say_json({"found": False, "error": told["sentence"], "near": told["near"]}) if as_json else remark(
            told["sentence"]
        )
        return FAULT
    say_json(told["page"]) if as_json else say(page_text(told))
    return DONE if told["agrees"] else FAULT
