"""What Slack's names meant when last read, so that a start while Slack is away can route at once.

Channels and groups whole; of the people only those that the rules name, since more is not needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from compliance_bot.model.slack import Channel, Directory, Person, UserGroup
from compliance_bot.store import cursors
from compliance_bot.store.transaction import Transaction

_CURSOR = "directory"
_BETWEEN = re.compile(r"[\s,;:=|/<>()\[\]{}]+")
_AROUND = "\"'`.!?*&"
"""What may stand about an address or a handle in rules.yaml, and is no part of it there."""


def remember(tx: Transaction, directory: Directory, *, rules: str, now: float) -> None:
    """Keep that snapshot. ``rules`` is the text of rules.yaml: who stands in it is kept too."""
    cursors.move(tx, _CURSOR, packed(directory, rules), now)


def recall(tx: Transaction) -> Directory | None:
    """The snapshot that was kept last; None before the first."""
    kept = cursors.read(tx, _CURSOR)
    return None if kept is None else unpacked(kept)


def packed(directory: Directory, named: str) -> dict[str, Any]:
    """The snapshot as one JSON object; of the people only those whose handle or address is in ``named``."""
    known = {**directory.people_by_handle, **directory.people_by_email}.values()
    words = frozenset(word.strip(_AROUND) for word in _BETWEEN.split(named.lower()))
    people = {person.id: person for person in known if _is_named(person, words)}
    return {
        "channels": _rows(directory.channels_by_id.values()),
        "names": {name: channel.id for name, channel in directory.channels_by_name.items()},
        "groups": _rows(directory.groups_by_handle.values()),
        "people": _rows(people.values()),
        "webhooks": sorted(directory.webhooks),
        "groups_lacking": directory.groups_lacking,
        "complete": directory.complete,
    }


def unpacked(kept: Mapping[str, Any]) -> Directory:
    """The snapshot that ``packed`` made an object of, be it of another version of this program.

    Where an older one said nothing of a channel's guests, they count as not asked for.
    """
    channels = {row["id"]: Channel(**{"guests": None, **_of(Channel, row)}) for row in kept["channels"]}
    groups = [UserGroup(**_of(UserGroup, row)) for row in kept["groups"]]
    people = [Person(**_of(Person, row)) for row in kept["people"]]
    return Directory(
        channels_by_id=channels,
        channels_by_name={name: channels[known] for name, known in kept["names"].items()},
        groups_by_handle={group.handle.lower(): group for group in groups},
        people_by_handle={person.handle.lower(): person for person in people if person.handle},
        people_by_email={person.email.lower(): person for person in people if person.email},
        webhooks=frozenset(kept.get("webhooks", ())),
        groups_lacking=kept.get("groups_lacking"),
        complete=bool(kept["complete"]),
    )


def _is_named(person: Person, words: frozenset[str]) -> bool:
    handle, email = f"@{person.handle.lower()}", (person.email or "").lower()
    return handle in words or email in words


def _of(noun: type[Channel | UserGroup | Person], row: Mapping[str, Any]) -> dict[str, Any]:
    """What this version knows of a row."""
    known = {field.name for field in fields(noun)}
    return {name: value for name, value in row.items() if name in known}


def _rows(nouns: Iterable[Channel] | Iterable[UserGroup] | Iterable[Person]) -> list[Mapping[str, Any]]:
    return [asdict(noun) for noun in nouns]
