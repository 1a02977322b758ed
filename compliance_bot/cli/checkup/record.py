"""The state directory, the database and the audit chain."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compliance_bot import control
from compliance_bot.cli.audit import look as verify_offline
from compliance_bot.cli.checkup.lines import Line, fault, good
from compliance_bot.cli.surroundings import look_inside
from compliance_bot.errors import AlreadyRunning, BotError
from compliance_bot.store.database import DATABASE_FILE

_MEND_DATABASE = (
    "the file was left as it is: put a copy of it back from before, run the version that wrote it, or name "
    "another directory in COMPLIANCE_BOT_STATE"
)


async def record(place: Path) -> list[Line]:
    """How the database is: asked of the running daemon, else opened under its lock."""
    if not (place / DATABASE_FILE).exists():
        return [_directory(place)]
    try:
        found = control.ask(place, "audit verify") or await look_inside(place, verify_offline)
    except AlreadyRunning as error:
        return [fault("database", str(error), "wait until that process has started or ended")]
    except BotError as error:
        return [fault("database", str(error), _MEND_DATABASE)]
    return [good("database", f"{place / DATABASE_FILE} can be read"), _chain(found)]


def _directory(place: Path) -> Line:
    standing = next(parent for parent in (place.absolute(), *place.absolute().parents) if parent.exists())
    if os.access(standing, os.W_OK | os.X_OK):
        return good("database", f"there is none yet; the first run makes it in {place}")
    mend = "set COMPLIANCE_BOT_STATE to a directory that this user may write"
    return fault("database", f"{standing} cannot be written, so the first run cannot make {place}", mend)


def _chain(found: Mapping[str, Any]) -> Line:
    if found["whole"]:
        return good("audit", str(found["sentence"]))
    return fault(
        "audit", str(found["sentence"]), "keep the file and restore a back-up: the record was changed"
    )
