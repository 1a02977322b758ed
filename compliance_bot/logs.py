"""Logs: JSON lines on stderr (pretty on a terminal), and no secret in any of them.

An event's name is a dotted fact in the past tense (``walk.counted``, ``slack.call.refused``); what
belongs to it stands in keywords. Third-party loggers come out by the same door, never below INFO.

Redaction is done three times, since each place sees what another cannot: by a processor on the
values, by a filter on the handler for what third parties log, and on the finished line.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import quote, quote_plus

import structlog

from compliance_bot.clock import iso

SECRET = "<secret>"  # noqa: S105 - the word that stands where a secret stood

SHORTEST_SECRET = 4

CAPPED = ("slack_sdk", "slack_bolt", "aiohttp", "asyncio", "aiosqlite")
"""Libraries that print bodies, tickets or statements at DEBUG: capped at INFO whatever the level."""

_SHAPES = (
    re.compile(r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]+"),
    re.compile(r"xapp-[A-Za-z0-9-]+"),
    re.compile(r"(?<=ticket=)[^\s&\"'<>\\]+"),
    re.compile(r"(?<=ticket%3D)[^\s&\"'<>\\]+", re.IGNORECASE),
    re.compile(r"(?<=bearer )\s*[^\s\"',;<>\\]+", re.IGNORECASE),
    # A plain word is no credential: Slack's own page is called "Basic Information".
    re.compile(r"(?<=(?i:basic) )(?!\s*[A-Z]?[a-z]+(?![A-Za-z0-9+/_=-]))\s*[A-Za-z0-9+/_-]{8,}=*"),
    re.compile(r"https?://hooks\.slack(?:-gov)?\.com/[^\s\"'<>\\]+", re.IGNORECASE),
    re.compile(r"(?<=://)[^\s/@\"'<>\\]+(?=@)"),
)
_kept: set[str] = set()


def keep_secret(value: str) -> None:
    """From now on ``value`` never comes out of a log, in plain, JSON, or URL spelling.

    Less than four characters are let be: to replace them would ruin every line and hide nothing.
    """
    if len(value) < SHORTEST_SECRET:
        return
    spellings = {value, json.dumps(value)[1:-1], repr(value)[1:-1], quote(value, safe=""), quote_plus(value)}
    _kept.update(spellings)


def redact(text: str) -> str:
    """``text`` with every kept secret, and everything shaped like one, replaced."""
    for secret in sorted(_kept, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, SECRET)
    for shape in _SHAPES:
        text = shape.sub(SECRET, text)
    return text


def redact_value(value: Any) -> Any:
    """``redact`` through dicts, lists, bytes and whatever else a keyword may carry."""
    if isinstance(value, str):
        return redact(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {redact(str(name)): redact_value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(inner) for inner in value]
    if isinstance(value, bytes | bytearray):
        return redact(bytes(value).decode("utf-8", "replace"))
    return redact(repr(value))


def logger(room: str) -> structlog.stdlib.BoundLogger:
    """The logger of a room: ``logger("slack.socket")`` or ``logger(__name__)``."""
    name = room if room.startswith("compliance_bot") else f"compliance_bot.{room}"
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound


class SecretsFilter(logging.Filter):
    """Rewrites what third-party loggers say, and drops what they say below INFO."""

    def filter(self, record: logging.LogRecord) -> bool:
        """False for a capped library below INFO; else True, with the record's words redacted."""
        if record.levelno < logging.INFO and record.name.partition(".")[0] in CAPPED:
            return False
        if not isinstance(record.msg, dict):
            record.msg, record.args = redact(_words_of(record)), None
        if record.exc_info:
            record.exc_text = redact(_traceback_of(record.exc_info))
        return True


def configure(level: str = "info", *, stream: TextIO | None = None, pretty: bool | None = None) -> None:
    """Send every log through one redacting handler. ``level`` is that of our own loggers.

    ``pretty`` defaults to whether ``stream`` (stderr) is a terminal. May be called again.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.addFilter(SecretsFilter())
    handler.setFormatter(_Formatter(pretty=stream.isatty() if pretty is None else pretty))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    set_level(level)
    for name in CAPPED:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    # A handler that fails prints the raw record, secrets and all.
    logging.raiseExceptions = False
    _configure_structlog()
    _take_over_last_words()


def set_level(level: str) -> None:
    """The level of our own loggers from now on."""
    logging.getLogger("compliance_bot").setLevel(level.upper())


def _configure_structlog() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """One line for one event; the finished line is redacted once more."""

    def __init__(self, *, pretty: bool) -> None:
        renderer: Any = structlog.processors.JSONRenderer(default=repr)
        if pretty:
            plain = structlog.dev.plain_traceback  # the pretty one prints local variables
            renderer = structlog.dev.ConsoleRenderer(exception_formatter=plain)
        super().__init__(
            processors=[_stamp, _spell_exception, _redact_event, self.remove_processors_meta, renderer],
            keep_exc_info=True,
        )

    def format(self, record: logging.LogRecord) -> str:
        """The line as it goes out."""
        return redact(super().format(record))


def _stamp(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    record: logging.LogRecord = event["_record"]
    return {
        "at": iso(record.created),
        "level": record.levelname.lower(),
        "room": record.name.removeprefix("compliance_bot."),
        **event,
    }


def _spell_exception(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    raised = event.pop("exc_info", None)
    record: logging.LogRecord = event["_record"]
    raised = _as_exc_info(raised) or record.exc_info
    if raised and raised[1] is not None:
        event["exception"] = _traceback_of(raised)
    return event


def _redact_event(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {
        name: value if name in ("_record", "_from_structlog") else redact_value(value)
        for name, value in event.items()
    }


def _as_exc_info(raised: Any) -> Any:
    if isinstance(raised, BaseException):
        return type(raised), raised, raised.__traceback__
    if isinstance(raised, tuple):
        return raised
    return sys.exc_info() if raised else None


def _traceback_of(raised: Any) -> str:
    return "".join(traceback.format_exception(*raised)).rstrip()


def _words_of(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} {record.args!r}"


def _take_over_last_words() -> None:
    """Send what Python would print raw on stderr (uncaught exceptions) through the log."""
    log = logging.getLogger("compliance_bot.process")

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.critical("process.exception.uncaught", exc_info=(kind, error, trace))

    def in_thread(words: threading.ExceptHookArgs) -> None:
        if words.exc_value is not None:
            uncaught(words.exc_type, words.exc_value, words.exc_traceback)

    sys.excepthook = uncaught
    threading.excepthook = in_thread


class Repeats:
    """Says a repeating fault once, then every ``every`` seconds with how often it was kept back."""

    def __init__(self, *, every: float = 600.0) -> None:
        self._every = every
        self._said: dict[str, tuple[float, int]] = {}

    def once(self, key: str, now: float) -> int | None:
        """None: keep quiet. A number: say it now; so many were kept back since the last time."""
        said = self._said.get(key)
        if said is not None and now - said[0] < self._every:
            self._said[key] = (said[0], said[1] + 1)
            return None
        self._said[key] = (now, 0)
        return said[1] if said else 0

    def over(self, key: str) -> bool:
        """True when the fault had been said, so that its end is worth one line; forgets it."""
        return self._said.pop(key, None) is not None
