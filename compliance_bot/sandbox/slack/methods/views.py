"""views.*: open by trigger, push, update, publish."""

from __future__ import annotations

from typing import Any

from compliance_bot.sandbox.slack.blocks.check import VIEW_BYTES, view_faults
from compliance_bot.sandbox.slack.call import Call, invalid_arguments
from compliance_bot.sandbox.slack.ids import view_hash
from compliance_bot.sandbox.slack.refused import Refused, schema_refused
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.views import View, stored, view_object
from compliance_bot.sandbox.slack.workspace import Trigger, Workspace

_STACK_MOST = 3


def open_view(workspace: Workspace, call: Call) -> Json:
    """views.open: a new modal for the person whose trigger it is, within three seconds."""
    trigger, view = _trigger(workspace, call), given_view(workspace, call, "modal")
    trigger.used = True
    return _answer(workspace, add_view(workspace, view, trigger.user, None))


def push(workspace: Workspace, call: Call) -> Json:
    """views.push: a modal on top of the one the person looks at; three at most."""
    trigger, view = _trigger(workspace, call), given_view(workspace, call, "modal")
    stack = workspace.stack(trigger.user)
    if not stack:
        raise Refused("not_found")
    if len(stack) >= _STACK_MOST:
        raise Refused("push_limit_reached")
    trigger.used = True
    return _answer(workspace, add_view(workspace, view, trigger.user, stack[-1]))


def update(workspace: Workspace, call: Call) -> Json:
    """views.update: by id or external id; a stale hash is refused."""
    view = _known(workspace, call)
    if view is None or view.closed:
        raise Refused("not_found")
    _check_hash(view, call)
    view.replace(given_view(workspace, call, "modal", replaces=view), workspace.clock.now())
    workspace.changes.note()
    return _answer(workspace, view)


def publish(workspace: Workspace, call: Call) -> Json:
    """views.publish: one person's Home tab."""
    user = call.text("user_id")
    if user not in workspace.people:
        raise Refused("invalid_arguments", response_metadata={"messages": ["invalid `user_id`"]})
    if not workspace.settings.home_enabled:
        raise Refused("not_enabled")
    view, home = given_view(workspace, call, "home"), workspace.homes.get(user)
    if home is None:
        home = new_view(workspace, view, user, None)
        workspace.homes[user] = home
    else:
        _check_hash(home, call)
        home.replace(view, workspace.clock.now())
    workspace.changes.note()
    shown = view_object(home, workspace.settings)
    del shown["title"]
    return {"ok": True, "view": shown}


def given_view(workspace: Workspace, call: Call, kind: str, replaces: View | None = None) -> Json:
    """The view argument, checked."""
    given = call.structure("view", "invalid_arguments")
    check_view(workspace, given, kind)
    name = given.get("external_id")
    taken = (one for one in workspace.views.values() if one is not replaces and not one.closed)
    if name and any(one.sent.get("external_id") == name for one in taken):
        raise Refused("duplicate_external_id")
    return dict(given)


def check_view(workspace: Workspace, given: Any, kind: str) -> None:
    """Refuse what Slack would of a view."""
    if given is None:
        raise invalid_arguments("missing required field: view")
    if len(str(given)) > VIEW_BYTES:
        raise Refused("view_too_large")
    faults = [] if workspace.settings.light else view_faults(given)
    if not faults and given["type"] != kind:
        faults = [f'value must be "{kind}" [json-pointer:/view/type]']
    if faults:
        raise schema_refused("invalid_arguments", faults, bare=False)


def add_view(workspace: Workspace, view: Json, user: str, below: View | None) -> View:
    """A modal appears."""
    added = new_view(workspace, view, user, below)
    workspace.views[added.id] = added
    workspace.changes.note()
    return added


def new_view(workspace: Workspace, view: Json, user: str, below: View | None) -> View:
    """A view of one person, not yet shown anywhere."""
    view_id = workspace.ids.view()
    return View(
        id=view_id,
        user=user,
        team_id=workspace.people[user].team_id,
        sent=stored(view),
        hash=view_hash(workspace.clock.now()),
        root=below.root if below else view_id,
        previous=below.id if below else None,
    )


def _trigger(workspace: Workspace, call: Call) -> Trigger:
    trigger = workspace.triggers.get(call.needs("trigger_id"))
    if trigger is None:
        raise Refused("invalid_trigger_id")
    if trigger.used:
        raise Refused("exchanged_trigger_id")
    if workspace.clock.now() - trigger.at > workspace.stretch(workspace.settings.trigger_seconds):
        raise Refused("expired_trigger_id")
    return trigger


def _known(workspace: Workspace, call: Call) -> View | None:
    if call.text("external_id"):
        named = (one for one in workspace.views.values() if not one.closed)
        return next((one for one in named if one.sent.get("external_id") == call.text("external_id")), None)
    return workspace.views.get(call.needs("view_id"))


def _check_hash(view: View, call: Call) -> None:
    if call.text("hash") and call.text("hash") != view.hash:
        raise Refused("hash_conflict")


def _answer(workspace: Workspace, view: View) -> Json:
    return {"ok": True, "view": view_object(view, workspace.settings)}
