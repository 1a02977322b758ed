"""``compliance-bot init DIR``."""

from __future__ import annotations

from pathlib import Path

import click

from compliance_bot.cli.ending import WouldOverwrite
from compliance_bot.cli.printing import say
from compliance_bot.config.places import packaged_place
from compliance_bot.errors import UserMistake

PARTS = ("rules.yaml", "templates", "systemd")


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def init(directory: Path) -> None:
    """Write a commented rules.yaml, templates/ and systemd/ into DIRECTORY.

    Nothing is ever overwritten: when one of the files is there already, nothing at all is written.
    """
    files = {directory / name: source for name, source in _shipped().items()}
    standing = sorted(str(target) for target in files if target.exists())
    if standing:
        raise WouldOverwrite(f"{standing[0]} is there already; nothing was written")
    for target, source in files.items():
        _write(target, source.read_bytes())
    say(*(str(target) for target in files))
    say(f"Next: compliance-bot validate {directory / 'rules.yaml'}")


def _write(target: Path, content: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise UserMistake(
            f"{target} cannot be written ({error.strerror}): "
            "choose a directory that this user may write, or use sudo"
        ) from error


def _shipped() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for part in PARTS:
        place = packaged_place(part)
        if place.is_file():
            found[part] = place
        for source in sorted(place.rglob("*")):
            if source.is_file():
                found[f"{part}/{source.relative_to(place)}"] = source
    return found
