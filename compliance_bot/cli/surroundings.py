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
from compliance_bot.logs import keep_secret
from compliance_bot.store.database import DATABASE_FILE, Database


def settings() -> Settings:
    """The settings; from now on no log shows one of their secrets."""
    found = read_settings(os.environ)
    for secret in (found.slack_bot_token, found.slack_app_token, found.master_key):
        keep_secret(secret.reveal() if secret else "")
    for token in (*found.studio_tokens.values(), *found.webhooks.values()):
        keep_secret(token.reveal())
    for login in found.studio_logins.values():
        keep_secret(login.password.reveal())
    return found


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
