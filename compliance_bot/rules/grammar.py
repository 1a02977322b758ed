"""rule-engine, imported fast: its grammar's tables are kept beside Python's compiled files.

The library works its LALR tables out anew in every process, 0.4 s of a start that may take 1 s. They
follow from its version alone. Its parser generator (PLY) looks for a module of ready tables first,
but never accepts one here: the signature holds the random order of a set. So the module it finds is
made by us from a file of plain numbers, named after the versions, and written when it is missing.
Whoever needs rule-engine imports it from here. A file that does not read is passed over.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

_MODULE = "rule_engine.parser.parsetab"
_PLY_TABLE_VERSION = "3.10"


class _AnySignature(str):
    """Equal to every signature: the versions in the file's name have answered that question."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)

    __hash__ = str.__hash__


def tables_file() -> Path:
    """Where the tables of this version of rule-engine are kept."""
    name = f"rule_engine-{version('rule-engine')}.{sys.implementation.cache_tag}.json"
    return Path(__file__).parent / "__pycache__" / name


def offer_tables(file: Path) -> bool:
    """Make the tables of ``file`` the module that PLY looks for; False where they cannot be read."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        module: Any = ModuleType(_MODULE)
        module._tabversion = _PLY_TABLE_VERSION  # noqa: SLF001 - the names that PLY reads
        module._lr_method = "LALR"  # noqa: SLF001 - the same
        module._lr_signature = _AnySignature()  # noqa: SLF001 - the same
        module._lr_action = _by_number(kept["action"])  # noqa: SLF001 - the same
        module._lr_goto = _by_number(kept["goto"])  # noqa: SLF001 - the same
        module._lr_productions = [_production(row) for row in kept["productions"]]  # noqa: SLF001 - the same
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    sys.modules[_MODULE] = module
    return True


def keep_tables(parser: Any, file: Path) -> None:
    """Write the tables of a built parser, whole or not at all; where it may not write, it does not."""
    kept = {
        "action": parser.action,
        "goto": parser.goto,
        "productions": [(p.str, p.name, p.len, p.func, p.file, p.line) for p in parser.productions],
    }
    with contextlib.suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(kept), encoding="utf-8")
        part.replace(file)


def _production(row: list[Any]) -> tuple[Any, ...]:
    text, name, length, function, file, line = row
    return text, name, length, function, file, line


def _by_number(table: dict[str, dict[str, int]]) -> dict[int, dict[str, int]]:
    return {int(state): row for state, row in table.items()}


_offered = offer_tables(tables_file())

import rule_engine  # noqa: E402 - the tables must stand ready before
from rule_engine import ast  # noqa: E402 - the same
from rule_engine.errors import EngineError, RuleSyntaxError, SymbolResolutionError  # noqa: E402 - the same

sys.modules.pop(_MODULE, None)
if not _offered and not sys.dont_write_bytecode:
    keep_tables(rule_engine.Rule.parser._parser, tables_file())  # noqa: SLF001 - no public way to the tables

__all__ = [
    "EngineError",
    "RuleSyntaxError",
    "SymbolResolutionError",
    "ast",
    "keep_tables",
    "offer_tables",
    "rule_engine",
    "tables_file",
]
