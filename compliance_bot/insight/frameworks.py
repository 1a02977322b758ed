"""Scores per framework, and what a person may have meant by a framework's name. Pure."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from compliance_bot.model.platform import Project

UNCOUNTED = frozenset({"pending", "rejected"})
"""Statuses of projects that have no work in them yet: their zeros would sink every mean."""

NEAREST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkScore:
    """One framework: the mean of its projects' progress (0 to 100), None without any that counts."""

    name: str
    score: int | None
    projects: int


def counted(projects: Iterable[Project]) -> list[Project]:
    """The projects that a mean may stand on: begun, not refused, with a progress."""
    return [one for one in projects if one.status not in UNCOUNTED and one.score is not None]


def mean(projects: Sequence[Project]) -> int | None:
    """The mean progress, rounded half up; None without projects."""
    scores = [one.score for one in projects if one.score is not None]
    return int(sum(scores) / len(scores) + 0.5) if scores else None


def framework_scores(projects: Iterable[Project]) -> tuple[FrameworkScore, ...]:
    """One score for each framework that a project names, in the order of their names."""
    groups: dict[str, list[Project]] = defaultdict(list)
    for one in projects:
        if one.framework:
            groups[one.framework].append(one)
    return tuple(
        FrameworkScore(name=name, score=mean(counted(group)), projects=len(counted(group)))
        for name, group in sorted(groups.items(), key=lambda entry: entry[0].casefold())
    )


def plain(name: str) -> str:
    """``SOC 2``, ``soc2`` and ``soc-2`` are one name."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def named(words: str, names: Iterable[str]) -> str | None:
    """The framework that ``words`` name, whatever their case, spaces and dashes."""
    return next((name for name in names if plain(name) == plain(words)), None)


def nearest(words: str, names: Iterable[str]) -> tuple[str, ...]:
    """At most three frameworks that ``words`` may have meant, likeliest first."""
    by_plain = {plain(name): name for name in names}
    asked = plain(words)
    holding = [known for known in by_plain if asked and (asked in known or known in asked)]
    alike = difflib.get_close_matches(asked, by_plain, n=NEAREST, cutoff=0.6)
    ordered = dict.fromkeys([*holding, *alike])
    return tuple(by_plain[known] for known in ordered)[:NEAREST]
