"""``compliance-bot explain``."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from compliance_bot.cli.ending import BAD_INPUT, DONE
from compliance_bot.cli.event_file import Subject, read_subjects
from compliance_bot.cli.explained import shown
from compliance_bot.cli.names import Names, names_for
from compliance_bot.cli.printing import json_option, remark, say, say_json
from compliance_bot.cli.validate import places, problem_as_json
from compliance_bot.clock import iso
from compliance_bot.config.schema import Rules
from compliance_bot.errors import UserMistake
from compliance_bot.insight.explanation import explain as explanation_of
from compliance_bot.messages.explanation import Explanation
from compliance_bot.model.problems import Problem
from compliance_bot.rulebook import Rulebook, RulesRefused, compile_rulebook

_TIME_OF_DAY = re.compile(r"\d{1,2}:\d\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")

LARGEST_FILE = 16 << 20
"""Bytes of EVENT.json."""


@click.command()
@click.argument(
    "file", metavar="EVENT.json", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option("--at", "when", metavar="TIME", help='As if it were then: "2026-11-24T22:30" or "22:30".')
@json_option
def explain(file: Path, when: str | None, *, as_json: bool) -> int:
    """Say where an event would go, why, whom it would ping and in which words; sends nothing.

    EVENT.json (- for stdin) holds attributes, as in {"type": "finding", "severity": "critical"}, or a
    finding as Studio's API answers it, or a list of such. The rules are those on disk; Slack's names are
    the running bot's, else as it knew them last, else every name is taken to exist. A TIME without a zone
    is in that of quiet_hours, else UTC. Exit code 2 when the file or the rules can't be used.
    """
    text = _read(file)
    rules, templates = places(None)
    try:
        rulebook, _ = compile_rulebook(rules, templates)
    except RulesRefused as refused:
        _tell_problems(rules, refused.problems, as_json=as_json)
        return BAD_INPUT
    names = names_for(rulebook)
    now = _moment(when, rulebook.rules, names.now)
    name = "stdin" if str(file) == "-" else str(file)
    subjects = read_subjects(text, name, categories=rulebook.rules.categories, now=now)
    told = _explanations(rulebook, names, subjects, now)
    if as_json:
        say_json(_document(rules, rulebook, names, now, told))
    else:
        remark(names.remark)
        say(shown(told, now, rulebook.rules.grouping))
    return DONE


def _read(file: Path) -> str:
    try:
        with click.open_file(str(file), "rb") as stream:
            raw: bytes = stream.read(LARGEST_FILE + 1)
        if len(raw) > LARGEST_FILE:
            raise UserMistake(f"{file} is larger than {LARGEST_FILE >> 20} MB")
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise UserMistake(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserMistake(f"{file} is not UTF-8 text") from None


def _tell_problems(rules: Path, problems: Sequence[Problem], *, as_json: bool) -> None:
    errors = [problem for problem in problems if not problem.warning]
    if as_json:
        say_json({"rules": str(rules), "problems": [problem_as_json(problem) for problem in errors]})
        return
    say(*map(str, errors), f"{rules} cannot be used: compliance-bot validate")


def _moment(when: str | None, rules: Rules, now: float) -> float:
    """The time that is meant, Unix seconds."""
    if when is None:
        return now
    zone: tzinfo = ZoneInfo(rules.quiet_hours.timezone) if rules.quiet_hours else UTC
    today = datetime.fromtimestamp(now, zone).date()
    spelled = f"{today}T{when:0>5}" if _TIME_OF_DAY.fullmatch(when) else when
    try:
        meant = datetime.fromisoformat(spelled if _DAY.match(spelled) else "")
    except ValueError:
        mend = 'write it as "2026-11-24T22:30", with a zone "2026-11-24T22:30+01:00", or "22:30"'
        raise UserMistake(f"--at {when} is not a time: {mend}") from None
    return (meant if meant.tzinfo else meant.replace(tzinfo=zone)).timestamp()


def _explanations(
    rulebook: Rulebook, names: Names, subjects: Sequence[Subject], now: float
) -> list[Explanation]:
    studio = names.studio_url or os.environ.get("STUDIO_URL", "")
    return [
        explanation_of(rulebook, names.directory, subject, now, studio_url=studio)
        for subject in _with_progress(subjects)
    ]


def _with_progress(subjects: Sequence[Subject]) -> Iterable[Subject]:
    """The subjects, with a bar on the terminal where they are many."""
    if len(subjects) < MANY or not sys.stderr.isatty():
        return subjects
    from rich.console import Console  # noqa: PLC0415 - heavy, and only a terminal needs it
    from rich.progress import track  # noqa: PLC0415 - the same

    return track(subjects, "Explaining", console=Console(stderr=True), transient=True)


MANY = 100
"""Events that take about a second."""


def _document(
    rules: Path, rulebook: Rulebook, names: Names, now: float, told: Sequence[Explanation]
) -> dict[str, Any]:
    return {
        "rules": str(rules),
        "hash": rulebook.hash,
        "names": names.source,
        "at": iso(now),
        "explanations": [one.to_dict() for one in told],
    }
