"""What a form is: who may open it, what it shows, and how what was filled in is read.

A new form is a ``FormSpec`` in the list that ``app`` hands to ``Forms``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from compliance_bot.config.schema import Action
from compliance_bot.handlers.filled_in import Value
from compliance_bot.messages.modal import Modal
from compliance_bot.model.slack import Person
from compliance_bot.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Who opens a form, on what, and at which message. ``now``: Unix seconds.

    ``rights``: of the form's rights and ``view``, those the person has, each with the entry that lets them.
    ``values``: what stands in the fields already, where the form is shown anew because something was chosen.
    ``remembered``: what the form remembered when it was shown last.
    """

    ref: str
    person: Person
    rights: Mapping[str, str]
    channel: str | None
    ts: str | None
    thread: str | None
    now: float
    values: Mapping[str, Value] = field(default_factory=dict)
    remembered: Mapping[str, Any] = field(default_factory=dict)

    @property
    def zone(self) -> str:
        """The person's time zone, by its name."""
        return self.person.time_zone or "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A form as it was sent off. ``person``: a Slack id; ``zone``: their time zone; ``now``: Unix seconds."""

    ref: str
    person: str
    zone: str
    now: float
    values: Mapping[str, Value]
    remembered: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was chosen, by our names, for the decider. ``kind``: which decider, where not the form's own.

    ``ref``: what it is about, where the form itself asked for that.
    """

    form: Mapping[str, Any]
    kind: str | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistakes:
    """What can't be taken: a plain sentence for each field (by its name) where something is to be mended."""

    by_field: Mapping[str, str]


Fill: TypeAlias = Callable[[Opening], Awaitable[Modal | str]]
"""What the form shows; or a sentence (mrkdwn) that says why it can't be filled in."""
Read: TypeAlias = Callable[[Submission], Taken | Mistakes]
"""What was chosen. Plain, at once, asks nobody: the ack waits for it."""

Settle: TypeAlias = Callable[[Transaction, Submission, Mapping[str, Any]], Mapping[str, Any]]
"""What was chosen, with what only the store knows of it; called as it is recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSpec:
    """One form. ``opened_by``: the action id of the button that opens it, whose value is a reference.

    ``rights``: who has any of them may open it; the decider asks again. ``kind``: that of the inbox row.
    ``read``: None where nothing is sent off. ``live``: the fields that, when chosen in, have the form filled
    anew; a field so named must be one that ``tells``. ``menu``: its word in a case's overflow menu.
    """

    callback_id: str
    title: str
    rights: Sequence[Action]
    fill: Fill
    kind: str = ""
    read: Read | None = None
    opened_by: str | None = None
    live: Sequence[str] = ()
    menu: str | None = None
    settle: Settle | None = None
