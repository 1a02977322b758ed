"""How the workspace is furnished and changed: people, channels, groups, files."""

from __future__ import annotations

from typing import Any, Literal

from compliance_bot.sandbox.slack.channels import Channel
from compliance_bot.sandbox.slack.core import SlackCore
from compliance_bot.sandbox.slack.methods.people import group_object
from compliance_bot.sandbox.slack.people import Person
from compliance_bot.sandbox.slack.settings import Json
from compliance_bot.sandbox.slack.workspace import Group


class Staging(SlackCore):
    """What an admin does, and what tests set up. The app hears of it as from the real Slack."""

    def add_person(self, handle: str, real_name: str = "", **more: Any) -> Person:
        """A person joins the workspace; ``more`` are fields of ``Person``."""
        made: dict[str, Any] = {
            "id": self.workspace.ids.of("U"),
            "team_id": self.settings.team_id,
            "display_name": handle,
        }
        made |= {"email": f"{handle}@example.com", **more}
        person = Person(handle=handle, real_name=real_name or handle.title(), **made)
        self.workspace.people[person.id] = person
        self.changes.note()
        return person

    def add_channel(self, name: str, *, members: list[str] | None = None, **more: Any) -> Channel:
        """A channel is created; the bot is inside unless ``members`` leave it out."""
        inside = {self.workspace.person(one).id for one in members or ()}
        if members is None:
            inside = {self.settings.bot_user}
        made: dict[str, Any] = {"id": self.workspace.ids.of("C"), **more}
        channel = Channel(name=name, members=inside, **made)
        self.workspace.channels[channel.id] = channel
        self.changes.note()
        return channel

    def add_webhook(self, channel: str) -> str:
        """An incoming webhook to a channel; its address."""
        return self.webhooks.url(self.webhooks.make(channel))

    def add_group(self, handle: str, name: str, members: list[str], group_id: str | None = None) -> Group:
        """A user group is created."""
        inside = [self.workspace.person(one).id for one in members]
        group = Group(id=group_id or self.workspace.ids.of("S"), handle=handle, name=name, members=inside)
        self.workspace.groups[group.id] = group
        self.changes.note()
        return group

    def add_file(self, file: Json) -> None:
        """A file the bot can see; ``file`` is the whole object of files.info."""
        self.workspace.files[file["id"]] = file

    def set_group_members(self, handle: str, members: list[str]) -> None:
        """A user group's people change."""
        group = next(one for one in self.workspace.groups.values() if one.handle == handle)
        group.members = [self.workspace.person(one).id for one in members]
        shown = group_object(self.workspace, group)
        shown |= {"users": list(group.members), "user_count": len(group.members)}
        self.events.plain({"type": "subteam_updated", "subteam": shown})
        self.changes.note()

    def change_person(self, user: str, **fields: Any) -> None:
        """A person changes: ``deactivated=True``, ``guest="multi"`` and the like."""
        person = self.workspace.person(user)
        for field, value in fields.items():
            if not hasattr(person, field):
                raise LookupError(f"people have no {field!r}")
            setattr(person, field, value)
        person.updated = int(self.clock.now())
        self.events.person_changed(person.id)
        self.changes.note()

    def invite(self, channel: str, user: str, inviter: str | None = None) -> None:
        """Somebody is brought into a channel. ValueError with Slack's word where it would refuse that."""
        person, place = self.workspace.person(user), self.workspace.channel(channel)
        self._refuse_invitation(person, place)
        by = self.workspace.person(inviter).id if inviter else None
        self.workspace.join(place, person.id, by)

    def add_guest(self, channel: str, handle: str, *, guest: Literal["multi", "single"] = "multi") -> Person:
        """A guest is invited to the workspace and to one channel at once, as guests are."""
        person = self.add_person(handle, guest=guest)
        self.invite(channel, person.id)
        return person

    def _refuse_invitation(self, person: Person, place: Channel) -> None:
        elsewhere = (one for one in self.workspace.channels.values() if one.kind == "channel")
        if person.deactivated:
            raise ValueError("cant_invite")
        if place.archived:
            raise ValueError("is_archived")
        if person.id in place.members:
            raise ValueError("already_in_channel")
        if person.stranger and person.team_id not in place.shared_with:
            raise ValueError("user_team_not_in_channel")
        if person.guest == "single" and any(person.id in one.members for one in elsewhere):
            raise ValueError("ura_max_channels")

    def kick(self, channel: str, user: str) -> None:
        """Somebody is sent out of a channel."""
        self.workspace.leave(self.workspace.channel(channel), self.workspace.person(user).id)

    def archive(self, channel: str, *, archived: bool = True) -> None:
        """A channel is archived, or brought back."""
        place = self.workspace.channel(channel)
        place.archived = archived
        kind = "group" if place.private else "channel"
        word = "archive" if archived else "unarchive"
        event: Json = {"type": f"{kind}_{word}", "channel": place.id, "user": "U0ALICE01", "is_moved": 0}
        self.events.plain(event, place)
        self.changes.note()

    def rename(self, channel: str, name: str) -> None:
        """A channel gets another name; its id stays."""
        place = self.workspace.channel(channel)
        place.previous_names.insert(0, place.name)
        place.name = name
        shown = {"id": place.id, "is_channel": True, "is_mpim": False, "name": name, "name_normalized": name}
        event = {"type": "group_rename" if place.private else "channel_rename"}
        self.events.plain(event | {"channel": shown | {"created": place.created}}, place)
        self.changes.note()

    def share_outside(self, channel: str, team_id: str = "T0PARTNER1") -> None:
        """Another workspace accepts that a channel is shared with it (Slack Connect)."""
        place = self._shareable(channel)
        if team_id in place.shared_with:
            raise ValueError("already_shared")
        place.shared_with, place.pending_shared = (*place.shared_with, team_id), False
        self.events.plain(
            {"type": "channel_shared", "channel": place.id, "connected_team_id": team_id}, place
        )
        self.changes.note()

    def offer_outside(self, channel: str) -> None:
        """Another workspace is invited to a channel and has not accepted: Slack sends no event of that."""
        self._shareable(channel).pending_shared = True
        self.changes.note()

    def unshare(self, channel: str, team_id: str = "T0PARTNER1") -> None:
        """Another workspace leaves a channel, and its people with it."""
        place = self.workspace.channel(channel)
        if team_id not in place.shared_with:
            raise ValueError("not_shared")
        place.shared_with = tuple(one for one in place.shared_with if one != team_id)
        place.members = {one for one in place.members if self.workspace.person(one).team_id != team_id}
        shared = bool(place.shared_with)
        event: Json = {"type": "channel_unshared", "previously_connected_team_id": team_id}
        self.events.plain({**event, "channel": place.id, "is_ext_shared": shared}, place)
        self.changes.note()

    def make_private(self, channel: str, *, private: bool = True) -> None:
        """A channel becomes private, or public again. Slack tells of it only as a message in the channel."""
        place = self.workspace.channel(channel)
        if place.general or place.kind != "channel" or place.private is private:
            raise ValueError("channel_type_not_supported")
        place.private = private
        self.changes.note()

    def _shareable(self, channel: str) -> Channel:
        place = self.workspace.channel(channel)
        if place.general or place.archived or place.kind != "channel":
            raise ValueError("channel_type_not_supported")
        return place

    def delete_channel(self, channel: str) -> None:
        """A channel is deleted with everything in it."""
        place = self.workspace.channel(channel)
        del self.workspace.channels[place.id]
        self.events.plain({"type": "channel_deleted", "channel": place.id}, place)
        self.changes.note()

    def furnish(self) -> None:
        """The cast of the demo: its people, channels and groups."""
        _people(self)
        _channels(self)
        everybody = ["alice", "bob", "U0CARL0001"]
        self.add_group("compliance-team", "Compliance Team", everybody, "S0COMPLI1")
        self.add_group("security-team", "Security", ["bob", "U0CARL0001"], "S0SECTEAM1")
        self.add_group("management", "Management", ["manager"], "S0MANAGE01")


def _people(world: Staging) -> None:
    world.add_person("alice", "Alice Auditor", id="U0ALICE01", admin=True)
    world.add_person("bob", "Bob Builder", id="U0BOB0001", display_name="")
    world.add_person("carol", "Carol Compliance", id="U0CARL0001")
    world.add_person("manager", "Mona Manager", id="U0MANAGR01")
    world.add_person("gina", "Gina Guest", id="U0GUEST001", guest="multi")
    world.add_person("gus", "Gus Single", id="U0GUEST002", guest="single")
    world.add_person("dave", "Dave Former", id="U0DAVE0001", deactivated=True)
    outside: dict[str, Any] = {"team_id": "T0PARTNER1", "stranger": True, "email": None}
    world.add_person("carol", "Carol Partner", id="U0CAROL001", **outside)


def _channels(world: Staging) -> None:
    bot = world.settings.bot_user
    team = ["alice", "bob", "U0CARL0001", "manager", bot]
    world.add_channel("general", id="C0GENERAL1", members=team[:-1], general=True)
    world.add_channel("compliance", id="C0COMPLI01", members=team)
    world.add_channel("compliance-alerts", id="C0ALERTS1", members=team)
    world.add_channel("compliance-reports", id="C0REPORTS1", members=team)
    world.add_channel("security-alerts", id="C0SECALRT1", members=team)
    world.add_channel("audit-room", id="C0PRIVAT1", private=True, members=["alice", "bob", bot])
    world.add_channel("board-room", id="C0PRIVAT2", private=True, members=["manager"])
    world.add_channel(
        "shared-with-partner",
        id="C0SHARED1",
        members=["alice", "bob", "gina", "gus", "U0CAROL001", bot],
        shared_with=("T0PARTNER1",),
    )
    world.add_channel("old-alerts", id="C0OLDCHAN1", members=["alice"], archived=True)
