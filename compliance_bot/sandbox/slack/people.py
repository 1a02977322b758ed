"""The people of the workspace, and the user object Slack shows of each.

Source: users.info, users.list. Deactivated people lose a dozen keys; strangers have no e-mail; our
own bot is a bot; Slackbot says it is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from compliance_bot.sandbox.slack.settings import Json, SlackSettings

_SIZES = (24, 32, 48, 72, 192, 512)
_BERLIN = ("Europe/Berlin", "Central European Time", 3600)
_PACIFIC = ("America/Los_Angeles", "Pacific Standard Time", -28800)


@dataclass(kw_only=True)
class Person:
    """One person or bot. ``guest``: "" for none, "multi" or "single" channel."""

    id: str
    handle: str
    real_name: str
    display_name: str = ""
    email: str | None = None
    team_id: str = "T0DEMO1"
    admin: bool = False
    bot: bool = False
    deactivated: bool = False
    guest: Literal["", "multi", "single"] = ""
    stranger: bool = False
    updated: int = 1763500000
    time_zone: tuple[str, str, int] = _BERLIN


def our_bot(settings: SlackSettings) -> Person:
    """The app's own bot user."""
    return Person(
        id=settings.bot_user,
        handle=settings.bot_handle,
        real_name=settings.bot_name,
        team_id=settings.team_id,
        bot=True,
        time_zone=_PACIFIC,
    )


def slackbot(settings: SlackSettings) -> Person:
    """Slackbot, whose ``is_bot`` is false."""
    return Person(
        id="USLACKBOT",
        handle="slackbot",
        real_name="Slackbot",
        display_name="Slackbot",
        team_id=settings.team_id,
        updated=0,
        time_zone=_PACIFIC,
    )


def user_object(person: Person, settings: SlackSettings, *, with_email: bool) -> Json:
    """The ``user`` of users.info; ``with_email`` when the app has users:read.email."""
    head: Json = {
        "id": person.id,
        "name": person.handle,
        "is_bot": person.bot,
        "updated": person.updated,
        "is_app_user": False,
        "team_id": person.team_id,
        "deleted": person.deactivated,
    }
    profile = _profile(person, settings, with_email=with_email)
    if person.deactivated:
        return head | {"profile": profile}
    return head | _living(person) | {"profile": profile} | ({"is_stranger": True} if person.stranger else {})


def _living(person: Person) -> Json:
    zone, label, offset = person.time_zone
    known = {} if person.stranger else {"is_email_confirmed": person.email is not None}
    contact = {} if person.stranger else {"who_can_share_contact_card": "EVERYONE"}
    return {
        "color": "9f69e7",
        **known,
        "real_name": person.real_name,
        "tz": zone,
        "tz_label": label,
        "tz_offset": offset,
        "is_admin": person.admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.guest != "",
        "is_ultra_restricted": person.guest == "single",
        **contact,
    }


def _profile(person: Person, settings: SlackSettings, *, with_email: bool) -> Json:
    first, _, last = person.real_name.partition(" ")
    profile: Json = {
        "real_name": person.real_name,
        "display_name": person.display_name,
        "avatar_hash": "g1a2b3c4d5e6",
        "real_name_normalized": person.real_name,
        "display_name_normalized": person.display_name,
        **{f"image_{size}": f"https://secure.gravatar.com/avatar/0.jpg?s={size}" for size in _SIZES},
        "first_name": first,
        "last_name": last,
        "team": person.team_id,
    }
    if with_email and person.email is not None and not person.stranger:
        profile["email"] = person.email
    profile |= {"title": "", "phone": "", "skype": "", "status_text": "", "status_text_canonical": ""}
    profile |= {"status_emoji": "", "status_emoji_display_info": [], "status_expiration": 0}
    return profile | _extras(person, settings)


def _extras(person: Person, settings: SlackSettings) -> Json:
    if person.id == settings.bot_user:
        return {"bot_id": settings.bot_id, "api_app_id": settings.app_id, "always_active": False}
    if person.id == "USLACKBOT":
        return {"fields": {}, "always_active": True}
    if person.guest == "multi":
        return {"guest_invited_by": "U0ALICE01", "guest_expiration_ts": 1767000000}
    if person.guest == "single":
        return {"guest_channels": '["C0SHARED1"]', "guest_invited_by": "U0ALICE01"}
    return {}
