"""Where rules.yaml and the templates are looked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_SYSTEM = Path("/etc/compliance-bot")
_PACKAGE = Path(__file__).resolve().parent.parent


def rules_place(environ: Mapping[str, str], *, packaged: bool = False) -> Path:
    """rules.yaml: the named one, ``./``, ``/etc/compliance-bot/``; with ``packaged``, then our own.

    Where none exists, the first of them: what reads it says that it is missing.
    """
    return _first(environ.get("COMPLIANCE_BOT_RULES"), "rules.yaml", packaged=packaged)


def templates_place(environ: Mapping[str, str], *, packaged: bool = False) -> Path:
    """The templates' directory, looked for as ``rules_place`` does."""
    return _first(environ.get("COMPLIANCE_BOT_TEMPLATES"), "templates", packaged=packaged)


def packaged_place(name: str) -> Path:
    """Our own ``rules.yaml``, ``templates`` or ``systemd``: of the wheel, else of the source tree."""
    inside = _PACKAGE / "packaged" / name
    return inside if inside.exists() else _PACKAGE.parent / name


def _first(named: str | None, name: str, *, packaged: bool) -> Path:
    if named:
        return Path(named)
    places = [Path(name), _SYSTEM / name]
    if packaged:
        places.append(packaged_place(name))
    return next((place for place in places if place.exists()), places[0])
