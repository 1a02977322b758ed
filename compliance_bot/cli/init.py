"""``compliance-bot init DIR``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from compliance_bot.cli.ending import WouldOverwrite
from compliance_bot.cli.printing import say
from compliance_bot.config.editor_schema import json_schema
from compliance_bot.config.places import packaged_place
from compliance_bot.errors import UserMistake

RULES, SCHEMA = "rules.yaml", "rules.schema.json"
PARTS = (RULES, "templates", "systemd")
HEADING = f"# yaml-language-server: $schema={SCHEMA}\n"
"""By this line an editor knows the schema, completes keys and underlines slips while one types."""


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def init(directory: Path) -> None:
    """Write a commented rules.yaml, its JSON Schema for editors, templates/ and systemd/ into DIRECTORY.

    Nothing is ever overwritten: when one of the files is there already, nothing at all is written.
    """
    files = {directory / name: content for name, content in _shipped().items()}
    standing = sorted(str(target) for target in files if target.exists())
    if standing:
        raise WouldOverwrite(f"{standing[0]} is there already; nothing was written")
    for target, content in files.items():
        _write(target, content)
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


def _shipped() -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in PARTS:
        place = packaged_place(part)
        if place.is_file():
            found[part] = place.read_bytes()
        for source in sorted(place.rglob("*")):
            if source.is_file():
                found[f"{part}/{source.relative_to(place)}"] = source.read_bytes()
    found[RULES] = HEADING.encode() + found[RULES]
    schema = json.dumps(json_schema(), indent=2, ensure_ascii=False)
    return {RULES: found.pop(RULES), SCHEMA: f"{schema}\n".encode(), **found}
