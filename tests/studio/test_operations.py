"""Every operation that the client knows is one that the embedded Studio has a table of refusals for."""

from __future__ import annotations

import ast
import contextlib
import inspect
from pathlib import Path
from typing import Any

from compliance_bot import studio as room
from compliance_bot.model.findings import FindingStatus
from compliance_bot.model.platform import Role
from compliance_bot.sandbox.studio.identity import PASSWORD
from compliance_bot.sandbox.studio.refusals import ROUTES
from compliance_bot.studio.failures import StudioCallFailed
from compliance_bot.studio.platform.client import PlatformStudio
from compliance_bot.studio.service_account import LoginDetails
from tests.studio.embedded_studio import Embedded

ROOM = Path(room.__file__).parent
GIVEN: dict[str, Any] = {"page": 1, "limit": 10, "auditor_id": "u-1", "reviewer_id": "u-2"}
"""What must be of a certain form to leave at all; any other argument is a word."""


def operations() -> list[str]:
    """The names of everything that can be asked of Studio."""
    members = inspect.getmembers(PlatformStudio, inspect.iscoroutinefunction)
    return [name for name, _ in members if not name.startswith("_")]


async def ask_all(studio: PlatformStudio) -> None:
    """Ask everything once; what becomes of it is not looked at."""
    for name in operations():
        method = getattr(studio, name)
        given = GIVEN | ({"status": FindingStatus.OPEN} if name == "set_status" else {})
        needed = {
            one.name: given.get(one.name, "word")
            for one in inspect.signature(method).parameters.values()
            if one.default is inspect.Parameter.empty
        }
        with contextlib.suppress(StudioCallFailed):
            await method(**needed)


def names_of_operations() -> set[str]:
    """The ``operation=`` of every call in this room that is written out."""
    calls = (
        node
        for path in ROOM.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Call"
    )
    values = (word.value for call in calls for word in call.keywords if word.arg == "operation")
    return {value.value for value in values if isinstance(value, ast.Constant)}


async def test_every_operation_asked_of_studio_stands_in_its_table(embedded: Embedded) -> None:
    details = LoginDetails(identifier="auditor@rig.test", password=lambda: PASSWORD)
    await ask_all(embedded.client(retry_attempts=0))
    await embedded.client({}, logins={Role.AUDITOR: details}).list_findings(1, 10)

    asked = {call.route for call in embedded.world.calls}
    assert asked - set(ROUTES) == set()
    recorded = {record.operation for record in embedded.records}
    assert len(recorded) >= len(operations()) - 3, "count_findings, assign and set_status share a route"
    assert names_of_operations() - recorded == set()
    assert {"GET /self-service/login/api", "POST /self-service/login", "POST /api/auth/token"} <= asked
