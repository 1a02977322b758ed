"""Secrets by name: systemd credential, then ``<NAME>_FILE``, then the environment variable."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compliance_bot.errors import Misconfigured
from compliance_bot.logs import keep_secret


class Secret:
    """A text that no log, error or ``repr`` shows; ``reveal`` is the one way to read it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        keep_secret(text)

    def reveal(self) -> str:
        """The text itself, for the wire only."""
        return self._text

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a secret is never written anywhere")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where a setting's value stood: ``file`` is None for the environment variable itself."""

    text: str
    file: Path | None = None


def look_up(name: str, environ: Mapping[str, str]) -> Found | None:
    """The setting ``name`` from the first of its three places; None when it stands in none.

    An empty value counts as absent. A named file that cannot be read is ``Misconfigured``.
    """
    directory = environ.get("CREDENTIALS_DIRECTORY")
    if directory:
        credential = Path(directory) / name.lower()
        if os.access(credential, os.F_OK):
            return _from_file(name, credential)
    file = environ.get(f"{name}_FILE")
    if file:
        return _from_file(f"{name}_FILE", Path(file))
    text = environ.get(name, "").strip()
    return Found(text=text) if text else None


def credential_names(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The settings that stand as systemd credentials, by their names in capitals."""
    directory = environ.get("CREDENTIALS_DIRECTORY")
    if not directory or not os.access(directory, os.R_OK):
        return ()
    return tuple(sorted(name.upper() for name in os.listdir(directory)))  # noqa: PTH208 - names are all it takes


def read_secret_file(name: str, file: Path) -> str:
    """The text of ``file`` without surrounding white space; ``name`` is the setting that named it."""
    try:
        text = file.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise Misconfigured(f"{name} names {file}, which is not UTF-8 text.") from None
    except OSError as error:
        raise Misconfigured(f"{name} names {file}, which cannot be read: {error.strerror}.") from None
    if not text:
        raise Misconfigured(f"{name} names {file}, which is empty.")
    return text


def _from_file(name: str, file: Path) -> Found:
    return Found(text=read_secret_file(name, file), file=file)
