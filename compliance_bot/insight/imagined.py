"""Slack's names where nobody can be asked: every channel and every handle is taken to exist."""

from __future__ import annotations

from dataclasses import dataclass

from compliance_bot.model.slack import Channel, Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Imagined(Directory):
    """A directory in which any name means a public channel that no guest reads; handles stay as written."""

    def channel(self, name_or_id: str) -> Channel:
        """A channel of that name; its id is the name itself."""
        name = name_or_id.removeprefix("#")
        return Channel(id=f"#{name}", name=name, member=True)

    def mention(self, words: str) -> str:
        """The handle itself: what it would ping is not known."""
        return words if "@" in words else f"@{words}"
