"""Control routes below ``/world/studio``: what the page's Studio panel and the journeys press."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.story.findings import story_finding
from compliance_bot.sandbox.studio.calls import StudioCall
from compliance_bot.sandbox.studio.fixture import INTEGRATION
from compliance_bot.sandbox.studio.nonsense import READY_MADE
from compliance_bot.sandbox.studio.rows import Row
from compliance_bot.sandbox.studio.state import StudioState

SHOWN = 50
"""How many findings and calls the panel shows."""
FAULT_FIELDS = ("call", "times", "status", "headers", "body", "effect_first", "drop", "hold")
Order = dict[str, Any]


class Control:
    """Carries out the panel's orders on one world."""

    def __init__(self, world: StudioState) -> None:
        self._world = world
        self._laid: dict[int, Fault] = {}
        self._told = 0

    def routes(self) -> list[web.RouteDef]:
        """The control routes."""
        orders = (
            "finding", "burst", "seed", "change", "remove", "comment", "project", "away", "slow", "revoke",
            "fault", "lift", "release", "clear", "story",
        )  # fmt: skip
        posts = [web.post(f"/world/studio/{name}", self._order(getattr(self, name))) for name in orders]
        return [web.get("/world/studio/state", self._state), *posts]

    def _order(
        self, carry_out: Callable[[Order], Any]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def respond(request: web.Request) -> web.StreamResponse:
            try:
                order = await request.json() if request.can_read_body else {}
                return web.json_response(carry_out(dict(order)))
            except KeyError as problem:
                return web.json_response({"error": f"unknown or missing: {problem}"}, status=404)
            except (TypeError, ValueError) as problem:
                return web.json_response({"error": str(problem)}, status=400)

        return respond

    async def _state(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(self.state())

    def state(self) -> Row:
        """What the panel shows."""
        world = self._world
        return {
            "now": world.clock.now(),
            "away": world.is_away,
            "total": len(world.findings),
            "findings": [self._finding(finding_id) for finding_id in world.findings.ids[:SHOWN]],
            "people": list(world.records.people.values()),
            "projects": list(world.records.projects.values()),
            "requests": list(world.records.requests.values()),
            "calls": [_call(call) for call in world.calls[: -SHOWN - 1 : -1]],
            "calls_by_route": dict(world.calls_by_route()),
            "busiest_hour": world.busiest_hour(),
            "quota_per_hour": world.quota.limit,
            "faults": [_fault(fault) for fault in self._laid.values()],
        }

    def _finding(self, finding_id: str) -> Row:
        world = self._world
        row = world.records.list_item(world.finding(finding_id), len(world.comments(finding_id)))
        return {**row, "comments": world.comments(finding_id)}

    def finding(self, order: Order) -> Row:
        """One finding; what the order leaves out, the story tells."""
        self._told += 1
        told = story_finding(self._told * 37, order.get("severity"))
        return {"id": self._world.add_finding(integrationId=INTEGRATION, **{**told, **order})}

    def burst(self, order: Order) -> Row:
        """``count`` findings at once, of one ``severity`` or mixed."""
        count = int(order.pop("count", 10))
        return {"ids": [self.finding(dict(order))["id"] for _ in range(count)]}

    def seed(self, order: Order) -> Row:
        """``count`` findings of the past: ``age`` seconds back and older, ``spacing`` apart."""
        return {"count": len(self._world.seed(int(order.pop("count", 100)), **order))}

    def change(self, order: Order) -> Row:
        """Write ``fields`` of finding ``id`` as somebody in Studio would."""
        return self._world.change_finding(order["id"], **order["fields"])

    def remove(self, order: Order) -> Row:
        """Finding ``id`` is gone."""
        self._world.remove_finding(order["id"])
        return {}

    def comment(self, order: Order) -> Row:
        """Somebody in Studio comments: ``id``, ``content``, ``author`` (a user id)."""
        author = self._world.records.people[order["author"]]
        return self._world.findings.comment(order["id"], author, str(order["content"]))

    def project(self, order: Order) -> Row:
        """Move project ``id`` (``status``, ``progress``, any column), or make one where no id is given."""
        project_id = order.pop("id", None)
        if project_id is None:
            return {"id": self._world.add_project(**order)}
        return self._world.change_project(project_id, **order)

    def away(self, order: Order) -> Row:
        """Drop every connection for ``seconds``; 0 ends it, null means until then."""
        seconds = order.get("seconds", 60)
        if seconds == 0:
            self._world.back()
        else:
            self._world.away(None if seconds is None else _number(seconds))
        return {"away": self._world.is_away}

    def slow(self, order: Order) -> Row:
        """Every answer waits ``seconds``."""
        self._world.slow(_number(order["seconds"]))
        return {}

    def revoke(self, order: Order) -> Row:
        """Refuse ``token`` from now on."""
        self._world.accounts.revoke(order["token"])
        return {}

    def fault(self, order: Order) -> Row:
        """Lay a fault: its fields, ``where`` as equal fields, or ``nonsense`` with a ready-made name."""
        name = order.pop("nonsense", None)
        fault = _described(order) if name is None else READY_MADE[name]()
        if name is not None and order:
            fault = dataclasses.replace(fault, **{key: order[key] for key in FAULT_FIELDS if key in order})
        self._laid[fault.id] = self._world.faults.lay(fault)
        return {"id": fault.id}

    def lift(self, order: Order) -> Row:
        """Take fault ``id`` away, or all that were laid here."""
        chosen = [order["id"]] if "id" in order else list(self._laid)
        for fault_id in chosen:
            self._world.faults.lift(self._laid.pop(fault_id))
        return {}

    def release(self, order: Order) -> Row:
        """Let go what fault ``id`` holds."""
        self._laid[order["id"]].release()
        return {}

    def clear(self, _order: Order) -> Row:
        """No findings, projects or requests any more."""
        self._world.empty()
        return {}

    def story(self, order: Order) -> Row:
        """Begin the demo's story afresh: ``seed``, ``findings``."""
        self._world.tell_story(seed=int(order.get("seed", 1)), findings=int(order.get("findings", 60)))
        return {"total": len(self._world.findings)}


def _number(value: Any) -> float:
    seconds = float(value)
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError("seconds must be a number from 0 up")
    return seconds


def _described(order: Order) -> Fault:
    wanted = order.pop("where", None)
    where = None if wanted is None else lambda given: all(given.get(name) == wanted[name] for name in wanted)
    return Fault(where=where, **{name: order[name] for name in FAULT_FIELDS if name in order})


def _call(call: StudioCall) -> Row:
    names = ("method", "path", "route", "query", "at", "role", "status", "body")
    return {name: getattr(call, name) for name in names}


def _fault(fault: Fault) -> Row:
    return {
        "id": fault.id,
        "call": fault.call,
        "times": fault.times,
        "met": fault.met,
        "status": fault.status,
        "drop": fault.drop,
        "hold": fault.hold,
    }
