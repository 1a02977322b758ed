"""Reads the recorded exchanges out of their Markdown file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CALL = re.compile(r"^`([A-Z]+) (\S+)` — (?:as \*\*(\w+)\*\*|no credentials)", re.MULTILINE)
STATUS = re.compile(r"^→ \*\*(\d+) [^*]*\*\*(.*)$", re.MULTILINE)
REQUEST_HEADERS = re.compile(r"^Request headers: (.*)$", re.MULTILINE)
REQUEST_BODY = re.compile(r"^Request body: `(.*)`$", re.MULTILINE)
BLOCK = re.compile(r"```(json|text)\n(.*?)\n```", re.DOTALL)
NAMED = re.compile(r"`([\w-]+): ([^`]*)`")


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One recorded exchange; ``text`` is the body, cut where the recording cut it."""

    title: str
    method: str
    path: str
    role: str | None
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    status: int
    answered: dict[str, str]
    text: str = ""

    @property
    def is_cut(self) -> bool:
        """True where the recording holds the beginning of the body only."""
        return "… (" in self.text

    @property
    def json(self) -> Any:
        """The recorded body, where it is whole."""
        return json.loads(self.text)


def _exchange(title: str, part: str) -> Exchange | None:
    called, answered = CALL.search(part), STATUS.search(part)
    if called is None or answered is None:
        return None
    asked, body = REQUEST_HEADERS.search(part), REQUEST_BODY.search(part)
    block = BLOCK.search(part)
    return Exchange(
        title=title,
        method=called[1],
        path=called[2],
        role=called[3],
        headers=dict(NAMED.findall(asked[1])) if asked else {},
        body=body[1] if body else None,
        status=int(answered[1]),
        answered=dict(NAMED.findall(answered[2])),
        text=block[2] if block else "",
    )


def exchanges(path: Path) -> Iterator[Exchange]:
    """Every whole exchange of the file, in its order."""
    document = path.read_text(encoding="utf-8")
    document = document[document.index("# Recorded exchanges") :]
    for part in re.split(r"^### ", document, flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        found = _exchange(title.strip(), rest)
        if found is not None:
            yield found
