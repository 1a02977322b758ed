"""How durations, channels, mentions and times of day are written in rules.yaml."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, StrictStr, WithJsonSchema

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_CHANNEL = re.compile(r"#[^\W_][\w-]{0,79}|[CGD][A-Z0-9]{7,}")
_MENTION = re.compile(r"@[\w][\w.\-]*|@?[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_QUOTES = "\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
"""Quotes that are no quotes for YAML."""
_ROLES = ("manager", "auditor", "customer")
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_COMMAND = re.compile(r"/[a-z0-9_-]{1,31}")
_EMOJI = re.compile(r"[a-z0-9_+'-]{1,100}")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Days of the week as rules.yaml spells them, in the order of ``date.weekday``."""
TEMPLATED = re.compile(r"\{\{\s*(\w+)\s*\}\}")
"""A placeholder in a channel's name: ``#team-{{ project }}``."""


def seconds(text: object) -> float:
    """``200ms``, ``30s``, ``15m``, ``1h``, ``7d``, ``2w`` in seconds; a plain 0 is 0."""
    if text == 0 and not isinstance(text, bool):
        return 0.0
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("must be a duration with its unit, such as 200ms, 30s, 15m, 1h or 7d")
    return float(found[1]) * _UNITS[found[2]]


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError("must be longer than nothing")
    return value


def _seconds_or_number(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return seconds(value)


def channel(text: str) -> str:
    """A channel as ``#name`` (lower case, as Slack writes it) or a Slack id."""
    if _CHANNEL.fullmatch(text) and (not text.startswith("#") or text == text.lower()):
        return text
    if "{{" in text:
        raise ValueError("may hold no {{ }}: only the channels of routing_rules may be named after the event")
    mended = "#" + re.sub(r"[^\w-]+", "-", text.strip(_QUOTES).lstrip("#").strip()).lower()
    hint = f"; did you mean {mended}?" if _CHANNEL.fullmatch(mended) else ""
    raise ValueError(f"is not a channel: write #name in lower case, or a Slack channel id{hint}")


def templated_channel(text: str) -> str:
    """A channel that may hold ``{{ attribute }}``."""
    channel(TEMPLATED.sub("x", text))
    return text


def email(text: str) -> str:
    """An e-mail address."""
    if not _EMAIL.fullmatch(text):
        raise ValueError("is not an e-mail address, such as maria@example.com")
    return text


def mention(text: str) -> str:
    """``@group``, ``@person``, ``@here`` or an e-mail address."""
    if _MENTION.fullmatch(text):
        return text
    hint = f"; did you mean @{text}?" if _MENTION.fullmatch("@" + text) else ""
    raise ValueError(f"is not a mention: write @group, @person, @here or an e-mail address{hint}")


def _time_of_day(text: str) -> str:
    if not _TIME_OF_DAY.fullmatch(text):
        raise ValueError('must be a time of day in quotes, such as "22:00"')
    return text


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, LookupError):
        raise ValueError("is not a known time zone; write one such as Europe/Zurich or UTC") from None
    return text


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("must be a date such as 2026-12-25") from None


def _day_off(text: str) -> str:
    if text in WEEKDAYS:
        return text
    try:
        return _day(text)
    except ValueError:
        raise ValueError("must be a date such as 2026-12-25, or a day of the week such as sat") from None


def _command(text: str) -> str:
    if not _COMMAND.fullmatch(text):
        raise ValueError("is not a slash command: write / and lower-case letters, digits, - or _")
    return text


def _emoji(text: str) -> str:
    if not _EMOJI.fullmatch(text.strip(":")):
        raise ValueError("is not an emoji's name: write it as Slack does, such as eyes")
    return text.strip(":")


def _principal(text: str) -> str:
    if text.lower() == "members" and text != "members":
        raise ValueError("names nobody; did you mean members?")
    if text != "members" and not text.startswith("studio:"):
        mention(text)
    elif text.startswith("studio:") and text.removeprefix("studio:") not in _ROLES:
        mended = text.lower() if text.lower().endswith(_ROLES) else ""
        hint = f"; did you mean {mended}?" if mended else ""
        raise ValueError(f"names no role of Studio: studio:manager, studio:auditor or studio:customer{hint}")
    return text


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _link_path(text: str) -> str:
    if not text.startswith("/") or "{id}" not in text:
        raise ValueError('must be a path below STUDIO_URL that holds {id}; such as "/findings/{id}"')
    return text


def _some_text(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def _spelled(pattern: str) -> WithJsonSchema:
    """What an editor is told: a text of that shape, in a pattern that JavaScript reads too."""
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern})$"})


_ID = "[CGD][A-Z0-9]{7,}"
_DURATION_SCHEMA = WithJsonSchema(
    {"anyOf": [{"type": "string", "pattern": f"^{_DURATION.pattern}$"}, {"const": 0}]}
)
Seconds = Annotated[float, BeforeValidator(seconds), _DURATION_SCHEMA]
PositiveSeconds = Annotated[float, AfterValidator(_positive), BeforeValidator(seconds), _DURATION_SCHEMA]
SecondsOrNumber = Annotated[
    float,
    AfterValidator(_positive),
    BeforeValidator(_seconds_or_number),
    WithJsonSchema({"type": ["string", "number"]}),
]
ChannelName = Annotated[StrictStr, AfterValidator(channel), _spelled(rf"#[^A-Z\s#{{}}]{{1,80}}|{_ID}")]
ChannelTemplate = Annotated[
    StrictStr,
    AfterValidator(templated_channel),
    _spelled(rf"#([^A-Z\s#{{}}]|\{{\{{\s*\w+\s*\}}\}})+|{_ID}"),
]
Mention = Annotated[
    StrictStr, AfterValidator(mention), _spelled(r"@[^\s<>]+|@?[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
]
Email = Annotated[StrictStr, AfterValidator(email), _spelled(_EMAIL.pattern)]
LinkPath = Annotated[StrictStr, AfterValidator(_link_path), _spelled(r"/.*\{id\}.*")]
TimeOfDay = Annotated[StrictStr, AfterValidator(_time_of_day), _spelled(_TIME_OF_DAY.pattern)]
TimeZone = Annotated[StrictStr, AfterValidator(_time_zone)]
DayOff = Annotated[StrictStr, AfterValidator(_day_off), _spelled("|".join([r"\d{4}-\d{2}-\d{2}", *WEEKDAYS]))]
Command = Annotated[StrictStr, AfterValidator(_command), _spelled(_COMMAND.pattern)]
Emoji = Annotated[StrictStr, AfterValidator(_emoji), _spelled(":?[a-z0-9_+'-]+:?")]
Text = Annotated[StrictStr, AfterValidator(_some_text), WithJsonSchema({"type": "string", "minLength": 1})]
Principals = Annotated[
    tuple[Annotated[StrictStr, AfterValidator(_principal)], ...],
    BeforeValidator(_one_or_many),
    WithJsonSchema({"anyOf": [{"const": "members"}, {"type": "array", "items": {"type": "string"}}]}),
]
