"""What is wrong with a file of the operator's: where, what, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault (or, with ``warning``, a doubt). ``line`` and ``column`` count from 1.

    ``path`` is the place in the document, dotted: ``routing_rules.security.condition``.
    """

    file: str
    message: str
    line: int | None = None
    column: int | None = None
    path: str = ""
    hint: str = ""
    warning: bool = False

    def __str__(self) -> str:
        """``rules.yaml:41:7 routing_rules.x.condition: message (did you mean …?)``."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        words = f"{self.path}: {self.message}" if self.path else self.message
        return f"{place} {words}" + (f" ({self.hint})" if self.hint else "")
