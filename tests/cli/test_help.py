from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from compliance_bot.cli.commands import compliance_bot

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def every_command(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from every_command(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def test_every_command_has_help_and_stands_in_the_readme() -> None:
    for name, command in every_command(compliance_bot, "compliance-bot"):
        assert command.help, name
        assert f"`{name}" in README, name


def test_every_option_has_help() -> None:
    for name, command in every_command(compliance_bot, "compliance-bot"):
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, f"{name} {parameter.name}"
