"""What commands need of the environment: settings with their secrets kept, the state, the database."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from compliance_bot import control, state_directory
from compliance_bot.config.settings import Settings, read_settings
from compliance_bot.errors import UserMistake
from compliance_bot.store.database import DATABASE_FILE, Database


def settings() -> Settings:
    """The settings; from when a secret is read, no log shows it."""
    return read_settings(os.environ)


def state_path() -> Path:
    """The state directory, for commands that need no token."""
    return Path(os.environ.get("COMPLIANCE_BOT_STATE") or os.environ.get("STATE_DIRECTORY") or "state")


def ask_or_look(
    command: str,
    look: Callable[[Database, Path], Awaitable[Mapping[str, Any]]],
    params: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The running daemon's answer to ``command``; without one, what ``look`` finds in the database."""
    place = state_path()
    answer = control.ask(place, command, params)
    if answer is not None:
        return answer
    if not (place / DATABASE_FILE).exists():
        raise UserMistake(
            f"there is no database in {place}: no bot has run there; COMPLIANCE_BOT_STATE names its directory"
        )
    return asyncio.run(look_inside(place, look))


async def look_inside(
    place: Path, look: Callable[[Database, Path], Awaitable[Mapping[str, Any]]]
) -> dict[str, Any]:
    """What ``look`` finds in the database, under the daemon's lock and as the directory's owner."""
    state_directory.become_owner(place)
    with state_directory.hold(place):
        database = await Database.open(place / DATABASE_FILE)
        try:
            return dict(await look(database, place))
        finally:
            await database.close()
