"""One line of a check: what was looked at, how it is, and the exact mend."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it is. A doubt does not make ``check`` fail; a fault does."""

    GOOD = "good"
    DOUBT = "doubt"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``step`` is the part of the setup (``tokens``); ``mend`` says what to do, empty when good."""

    step: str
    verdict: Verdict
    words: str
    mend: str = ""

    def as_json(self) -> dict[str, str]:
        """For ``--json``."""
        return {"step": self.step, "verdict": self.verdict, "words": self.words, "mend": self.mend}


def good(step: str, words: str) -> Line:
    """It is as it must be."""
    return Line(step=step, verdict=Verdict.GOOD, words=words)


def doubt(step: str, words: str, mend: str) -> Line:
    """It works, but less than one might think."""
    return Line(step=step, verdict=Verdict.DOUBT, words=words, mend=mend)


def fault(step: str, words: str, mend: str) -> Line:
    """It does not work."""
    return Line(step=step, verdict=Verdict.FAULT, words=words, mend=mend)
