"""users.*, usergroups.*, team.info, bots.info, auth.test."""

from __future__ import annotations

from compliance_bot.sandbox.slack.call import Call
from compliance_bot.sandbox.slack.messages import bot_profile
from compliance_bot.sandbox.slack.methods.paging import page_of
from compliance_bot.sandbox.slack.people import Person, user_object
from compliance_bot.sandbox.slack.refused import Refused
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.workspace import Group, Workspace


def auth_test(workspace: Workspace, _call: Call) -> Json:
    """auth.test."""
    settings = workspace.settings
    return {
        "ok": True,
        "url": f"https://{settings.domain}.slack.com/",
        "team": settings.team_name,
        "user": settings.bot_handle,
        "team_id": settings.team_id,
        "user_id": settings.bot_user,
        "bot_id": settings.bot_id,
        "is_enterprise_install": False,
    }


def info(workspace: Workspace, call: Call) -> Json:
    """users.info."""
    person = workspace.people.get(call.needs("user"))
    if person is None:
        raise Refused("user_not_found")
    return {"ok": True, "user": _shown(workspace, person)}


def list_people(workspace: Workspace, call: Call) -> Json:
    """users.list: everybody, bots and deactivated people too; strangers are not of this team."""
    own = [one for one in workspace.people.values() if not one.stranger]
    if not call.text("limit") and len(own) > workspace.settings.big_team:
        raise Refused("limit_required")
    page, cursor = page_of(own, call, "user", default=max(1, len(own)), most=1000)
    return {
        "ok": True,
        "members": [_shown(workspace, one) for one in page],
        "cache_ts": int(workspace.clock.now()),
        "response_metadata": {"next_cursor": cursor},
    }


def lookup_by_email(workspace: Workspace, call: Call) -> Json:
    """users.lookupByEmail: neither deactivated people nor strangers are found."""
    email = call.needs("email").lower()
    for person in workspace.people.values():
        gone = person.deactivated or person.stranger or person.bot
        if not gone and (person.email or "").lower() == email:
            return {"ok": True, "user": _shown(workspace, person)}
    raise Refused("users_not_found")


def _shown(workspace: Workspace, person: Person) -> Json:
    return user_object(person, workspace.settings, with_email="users:read.email" in workspace.settings.scopes)


def list_groups(workspace: Workspace, call: Call) -> Json:
    """usergroups.list: no pages; disabled ones only with ``include_disabled``."""
    _paid(workspace)
    wanted = [one for one in workspace.groups.values() if not one.disabled or call.flag("include_disabled")]
    shown = [_group(workspace, one, call) for one in wanted]
    return {"ok": True, "usergroups": shown}


def group_members(workspace: Workspace, call: Call) -> Json:
    """usergroups.users.list: ids only."""
    _paid(workspace)
    group = workspace.groups.get(call.needs("usergroup"))
    if group is None or (group.disabled and not call.flag("include_disabled")):
        raise Refused("no_such_subteam")
    return {"ok": True, "users": list(group.members)}


def _paid(workspace: Workspace) -> None:
    if not workspace.settings.paid_plan:
        raise Refused("plan_upgrade_required")


def _group(workspace: Workspace, group: Group, call: Call) -> Json:
    shown = group_object(workspace, group)
    if call.flag("include_users"):
        shown["users"] = list(group.members)
    if call.flag("include_count"):
        shown |= {"user_count": len(group.members), "channel_count": 0}
    return shown


def group_object(workspace: Workspace, group: Group) -> Json:
    """A user group as lists and events show it."""
    return {
        "id": group.id,
        "team_id": workspace.settings.team_id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": 1763000000,
        "date_update": 1763600000,
        "date_delete": 1763700000 if group.disabled else 0,
        "auto_type": None,
        "auto_provision": False,
        "enterprise_subteam_id": "",
        "created_by": "U0ALICE01",
        "updated_by": "U0ALICE01",
        "deleted_by": "U0ALICE01" if group.disabled else None,
        "prefs": {"channels": [], "groups": []},
    }


def team_info(workspace: Workspace, _call: Call) -> Json:
    """team.info."""
    settings = workspace.settings
    return {
        "ok": True,
        "team": {
            "id": settings.team_id,
            "name": settings.team_name,
            "url": f"https://{settings.domain}.slack.com/",
            "domain": settings.domain,
            "email_domain": "example.com",
            "icon": {"image_default": True},
            "avatar_base_url": "https://ca.slack-edge.com/",
            "is_verified": False,
        },
    }


def bots_info(workspace: Workspace, call: Call) -> Json:
    """bots.info: the app's own bot."""
    settings = workspace.settings
    if call.text("bot") not in ("", settings.bot_id):
        raise Refused("bot_not_found")
    profile = bot_profile(settings, with_user=True)
    return {"ok": True, "bot": {key: value for key, value in profile.items() if key != "team_id"}}
