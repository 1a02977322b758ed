"""Paths with ids from outside."""

from __future__ import annotations

from urllib.parse import quote


def path_of(template: str, *ids: str) -> str:
    """``template`` with each ``{}`` filled by an id, escaped so that it stays one segment."""
    return template.format(*(_segment(one) for one in ids))


def _segment(identifier: str) -> str:
    escaped = quote(identifier, safe="")
    return escaped.replace(".", "%2E") if escaped.strip(".") == "" else escaped
