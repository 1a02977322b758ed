"""``compliance-bot validate``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from compliance_bot.cli.ending import BAD_INPUT, DONE
from compliance_bot.cli.printing import json_option, remark, say, say_json
from compliance_bot.clock import SystemClock
from compliance_bot.config.editor_schema import json_schema
from compliance_bot.config.places import packaged_place, rules_place, templates_place
from compliance_bot.config.schedules import next_runs, schedule_entries
from compliance_bot.config.schema import Rules
from compliance_bot.model.problems import Problem
from compliance_bot.rulebook import RulesRefused, compile_rulebook


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@json_option
@click.option(
    "--schema", is_flag=True, help="Print the JSON Schema of rules.yaml, for editors, and do no more."
)
def validate(file: Path | None, *, as_json: bool, schema: bool) -> int:
    """Check rules.yaml (or FILE) and the templates, offline; every problem at once, with its place.

    With FILE, the templates are those beside it, else those the bot would use. What this version reads
    but does not act on is a warning. For each job of `schedule` its next three runs are named. Exit
    code 2 when there is a problem; warnings alone give 0.
    """
    if schema:
        say_json(json_schema())
        return DONE
    rules, templates = places(file)
    try:
        rulebook, warnings = compile_rulebook(rules, templates)
    except RulesRefused as refused:
        _tell(rules, refused.problems, as_json=as_json)
        return BAD_INPUT
    runs = _runs(rulebook.rules, SystemClock().now())
    _tell(rules, warnings, as_json=as_json, digest=rulebook.hash, runs=runs)
    return DONE


def _runs(rules: Rules, now: float) -> dict[str, list[str]]:
    """The next three runs of each entry of ``schedule``, in its own time zone."""
    return {
        name: [
            datetime.fromtimestamp(run, ZoneInfo(entry.timezone)).isoformat(" ", "minutes")
            for run in next_runs(entry, now)
        ]
        for name, entry in schedule_entries(rules).items()
    }


def places(file: Path | None) -> tuple[Path, Path]:
    """Where rules.yaml (or ``file``) and its templates are; the shipped ones where there are none."""
    templates = templates_place(os.environ, packaged=True)
    if file is not None:
        beside = file.parent / "templates"
        return file, beside if beside.is_dir() else templates
    rules = rules_place(os.environ, packaged=True)
    if rules == packaged_place("rules.yaml"):
        remark(f"No rules.yaml here or in /etc/compliance-bot: these are the shipped ones, {rules}")
    return rules, templates


def _tell(
    rules: Path,
    problems: Sequence[Problem],
    *,
    as_json: bool,
    digest: str | None = None,
    runs: Mapping[str, Sequence[str]] | None = None,
) -> None:
    if as_json:
        document = {
            "file": str(rules),
            "ok": digest is not None,
            "hash": digest,
            "problems": [problem_as_json(problem) for problem in problems if not problem.warning],
            "warnings": [problem_as_json(problem) for problem in problems if problem.warning],
            "next_runs": runs or {},
        }
        say_json(document)
        return
    say(*(f"warning: {problem}" if problem.warning else str(problem) for problem in problems))
    say(*(f"{name} would run at {', '.join(times)}" for name, times in (runs or {}).items()))
    count = sum(not problem.warning for problem in problems)
    say(f"{rules}: good" if digest else f"{rules}: {count} {'problem' if count == 1 else 'problems'}")


def problem_as_json(problem: Problem) -> dict[str, object]:
    """One problem as a JSON object."""
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "path": problem.path,
        "message": problem.message,
        "hint": problem.hint,
    }
