"""A template's file as JSON, with the place of what is wrong in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_LARGEST = 256 * 1024
"""Bytes of a template; fifty blocks filled to the brim are less."""


class CannotRead(Exception):
    """The file is no JSON object of a message."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def read_template(path: Path) -> dict[str, Any]:
    """The JSON of one template. Raises ``CannotRead``."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CannotRead(f"cannot be read: {error.strerror}") from error
    if len(raw) > _LARGEST:
        raise CannotRead(f"is larger than {_LARGEST // 1024} KB")
    try:
        read = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_without_doubles)
    except UnicodeDecodeError as error:
        raise CannotRead("is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise CannotRead(_why(raw, error), error.lineno, error.colno) from error
    except RecursionError as error:
        raise CannotRead("is nested too deeply") from error
    return _message(read)


def _why(raw: bytes, error: json.JSONDecodeError) -> str:
    lines = raw.decode("utf-8-sig").splitlines()
    line = lines[error.lineno - 1] if error.lineno <= len(lines) else ""
    if "{%" in line or "{{" in line:
        return (
            "placeholders stand inside quotes; a whole block is made to depend on a value by a key "
            '"if": "issue_url", and repeated by "for": "line in lines"'
        )
    return f"is not JSON: {error.msg}"


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        names = [key for key, _ in pairs]
        double = next(key for key in names if names.count(key) > 1)
        raise CannotRead(f'the key "{double}" stands twice in one object')
    return read


def _message(read: Any) -> dict[str, Any]:
    blocks = read.get("blocks") if isinstance(read, dict) else None
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise CannotRead('is not a message: an object with a list "blocks" is needed')
    unknown = sorted(set(read) - {"blocks", "text"})
    if unknown:
        raise CannotRead(f'a message has "text" and "blocks", not "{unknown[0]}"')
    if not isinstance(read.get("text", ""), str):
        raise CannotRead('"text" must be a text')
    return {"text": read.get("text") or _first_words(blocks), "blocks": blocks}


def _first_words(blocks: list[dict[str, Any]]) -> str:
    """What notifications say when the template does not: Builder's export has blocks only."""
    for block in blocks:
        text = block.get("text")
        if isinstance(text, dict) and isinstance(text.get("text"), str):
            return str(text["text"])
    return ""
