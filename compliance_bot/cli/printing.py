"""What commands print: one JSON document with ``--json``, else lines for people."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

from compliance_bot.logs import redact

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def json_option(command: Decorated) -> Decorated:
    """``--json``: one JSON document on stdout and nothing else there."""
    option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
    return option(command)


def say(*lines: str) -> None:
    """Lines on stdout."""
    for line in lines:
        click.echo(redact(line))


def remark(line: str) -> None:
    """A line on stderr: what is worth knowing but is not the answer."""
    click.echo(redact(line), err=True)


def say_json(document: Any) -> None:
    """The one document on stdout."""
    click.echo(redact(json.dumps(document, indent=2, ensure_ascii=False)))
