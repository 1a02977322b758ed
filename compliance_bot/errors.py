"""The errors of this house.

::

    BotError
    ├── UserMistake        a person's input; its words reach the person
    ├── Misconfigured      can never work as configured: exit 78
    ├── AlreadyRunning     another instance holds the lock: exit 75
    ├── DatabaseUnusable   corrupt, foreign, newer, read-only: exit 78
    ├── NotRecorded        the database could not commit in time
    ├── StudioError        Studio refused, failed, or could not be reached
    └── SlackError         Slack refused, failed, or could not be reached

``StudioError`` and ``SlackError`` are refined in their rooms.
"""

from __future__ import annotations


class BotError(Exception):
    """Anything this program raises on purpose; its text is one sentence."""


class UserMistake(BotError):
    """Bad input of a person: the text says what to do instead."""


class Misconfigured(BotError):
    """The bot can never work as configured: the text names the place and the mend."""


class AlreadyRunning(BotError):
    """Another process holds the state directory's lock."""


class DatabaseUnusable(BotError):
    """The database file cannot be used as it is; it was left untouched."""


class NotRecorded(BotError):
    """The transaction was not committed before its caller's deadline; nothing was written."""


class StudioError(BotError):
    """A call to Studio did not give what was asked for."""


class SlackError(BotError):
    """A call to Slack did not give what was asked for."""
