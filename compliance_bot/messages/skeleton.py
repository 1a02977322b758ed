"""A template's JSON as a tree: what stands as it is, what is filled, what is left out.

A text with a placeholder whose value is missing loses that line. A text without lines is left
out, and takes its owner with it: the button without a link, the block without words. Lists just
lose the item, except a line of rich text, which goes as a whole, as does a section's field (a label
without its value says nothing).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from compliance_bot.messages.limits import SHORTEST_LIMIT, Limit
from compliance_bot.messages.mrkdwn import size, truncate
from compliance_bot.messages.values import MISSING, Kind, link

_MAY_GO = frozenset({"fields", "accessory", "description", "hint", "title"})
"""Keys that their owner can do without. A button that should ask first goes with its question."""

_MOST_ROUNDS = 50
"""Rounds of one ``for``: a message has no room for more blocks."""


class _LeftOut:
    """The mark of a part that is not shown."""


LEFT_OUT = _LeftOut()


class Part(Protocol):
    """A node of the tree."""

    def build(self, filled: Sequence[str], values: Mapping[str, Any]) -> Any:
        """The JSON of this part, or ``LEFT_OUT``."""
        ...


@dataclass(frozen=True, slots=True)
class Constant:
    """JSON that no value touches; shared between messages."""

    value: Any

    def build(self, filled: Sequence[str], values: Mapping[str, Any]) -> Any:  # noqa: ARG002 - of the protocol
        """The same JSON each time."""
        return self.value


def within(text: str, limit: Limit | None, kind: Kind) -> Any:
    """The text within its limit; ``LEFT_OUT`` where cutting would make it mean something else."""
    if limit is None or len(text) <= SHORTEST_LIMIT:
        return text
    if not limit.cut:
        return text if size(text) <= limit.units else LEFT_OUT
    return truncate(text, limit.units, markup=kind in (Kind.MRKDWN, Kind.TEXT))


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text that is filled; ``index`` is its place among the filled texts.

    ``whole``: one missing line takes all of it. ``instead``: what stands there when nothing else does.
    """

    index: int
    kind: Kind
    limit: Limit | None = None
    whole: bool = False
    instead: str | None = None

    def build(self, filled: Sequence[str], values: Mapping[str, Any]) -> Any:  # noqa: ARG002 - of the protocol
        """The text without the lines that miss a value, within its limit."""
        built = self._built(filled)
        return self.instead if built is LEFT_OUT and self.instead else built

    def _built(self, filled: Sequence[str]) -> Any:
        text = filled[self.index]
        if MISSING in text:
            if self.whole:
                return LEFT_OUT
            text = "\n".join(line for line in text.split("\n") if MISSING not in line)
        if not text or text.isspace():
            return LEFT_OUT
        if self.kind is Kind.NUMBER:
            return int(text) if text.strip().lstrip("-").isdigit() else LEFT_OUT
        if self.kind is Kind.URL:
            text = text.strip()
            return LEFT_OUT if link(text) is None else within(text, self.limit, self.kind)
        return within(text, self.limit, self.kind)


@dataclass(frozen=True, slots=True)
class Branch:
    """A JSON object."""

    parts: tuple[tuple[str, Part], ...]

    def build(self, filled: Sequence[str], values: Mapping[str, Any]) -> Any:
        """The object; left out when something it cannot do without is missing."""
        built: dict[str, Any] = {}
        lost: list[str] = []
        for key, part in self.parts:
            value = part.build(filled, values)
            if value is LEFT_OUT:
                lost.append(key)
            else:
                built[key] = value
        return LEFT_OUT if lost and not _can_do_without(built, lost) else built


def _can_do_without(built: Mapping[str, Any], lost: Sequence[str]) -> bool:
    if "blocks" in built:
        return True
    if built.get("type") == "section":
        return ("text" in built or "fields" in built) and set(lost) <= _MAY_GO | {"text"}
    return set(lost) <= (_MAY_GO if "type" in built else {"description"})


@dataclass(frozen=True, slots=True)
class Row:
    """A JSON list of at most ``most`` items. ``whole``: one missing item takes all of it."""

    parts: tuple[Part, ...]
    most: int
    whole: bool = False

    def build(self, filled: Sequence[str], values: Mapping[str, Any]) -> Any:
        """The list without what is left out; left out when nothing stays."""
        built: list[Any] = []
        for part in self.parts:
            value = part.build(filled, values)
            if value is LEFT_OUT:
                if self.whole:
                    return LEFT_OUT
            elif isinstance(part, Repeat):
                built.extend(value)
            else:
                built.append(value)
        return built[: self.most] or LEFT_OUT


@dataclass(frozen=True, slots=True)
class Conditional:
    """A part with an ``"if"``: shown when the filled text at ``index`` says so."""

    index: int
    part: Part

    def build(self, filled: Sequence[str], values: Mapping[str, Any]) -> Any:
        """The part, or ``LEFT_OUT``."""
        return self.part.build(filled, values) if filled[self.index] else LEFT_OUT


class Filler(Protocol):
    """A compiled piece of a template: values in, JSON out."""

    def build(self, values: Mapping[str, Any]) -> Any:
        """The JSON, or ``LEFT_OUT``."""
        ...


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part with a ``"for"``: once for each item of the list behind ``path``."""

    name: str
    path: tuple[str, ...]
    body: Filler

    def build(self, filled: Sequence[str], values: Mapping[str, Any]) -> Any:  # noqa: ARG002 - of the protocol
        """A list of parts for the row around it; at most fifty."""
        items: Any = values
        for step in self.path:
            items = items.get(step) if isinstance(items, Mapping) else None
        if not isinstance(items, list | tuple):
            return LEFT_OUT
        rounds = (self.body.build({**values, self.name: item}) for item in items[:_MOST_ROUNDS])
        return [built for built in rounds if built is not LEFT_OUT] or LEFT_OUT
