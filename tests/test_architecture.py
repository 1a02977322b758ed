"""The house's rules that a parser can hold: who may import whom, and what stands where."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "compliance_bot"
STEPS: tuple[tuple[str, ...], ...] = (
    (
        "model",
        "errors",
        "clock",
        "failpoints",
        "metrics",
        "logs",
        "systemd_notify",
        "state_directory",
        "followed_clock",
    ),
    ("config",),
    ("rules", "messages"),
    ("rulebook",),
    ("store", "studio", "slack"),
    ("audit", "people"),
    ("outbox",),
    ("cases",),
    ("evidence", "approvals"),
    ("insight",),
    ("reports", "conversation"),
    ("handlers", "jobs"),
    ("control", "health"),
    ("app",),
    ("cli",),
    ("__main__",),
)
"""Import order, lowest first. Rooms that share a step never import each other; the first step may."""
STEP_OF = {room: number for number, rooms in enumerate(STEPS) for room in rooms}
WALL = 400
HEAVY = {"cryptography", "rich"}
"""Third-party packages that may be imported where they are used, to keep idle memory low."""
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "base", "misc"}
SANDBOX_GUESTS = {"compliance_bot.cli.demo"}
SQL = re.compile(
    r"^\s*(SELECT\s.+\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE|PRAGMA\s|BEGIN(\s+IMMEDIATE|\s+EXCLUSIVE)?\s*;?$"
    r"|WITH\s+\w+\s+AS)",
    re.IGNORECASE | re.DOTALL,
)


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = sorted(PACKAGE.rglob("*.py"))
MODULES = {module_name(file): file for file in SOURCES}
TESTS = sorted((ROOT / "tests").rglob("*.py"))


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imported(node: ast.AST) -> Iterator[str]:
    """What an import statement names, down to the module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        for alias in node.names:
            deeper = f"{node.module}.{alias.name}"
            yield deeper if deeper in MODULES else node.module


def our_imports(file: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(file)):
        yield from (name for name in imported(node) if name.split(".")[0] == "compliance_bot")


def texts(file: Path) -> Iterator[str]:
    """Every string constant that is not a docstring."""
    tree = tree_of(file)
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_a_room_imports_only_from_earlier_steps_and_inside_itself() -> None:
    for file in SOURCES:
        room = room_of(module_name(file))
        if room in ("", "sandbox"):
            continue
        assert room in STEP_OF, f"{room} has no step: add it to the import order"
        for name in our_imports(file):
            other = room_of(name)
            if other in ("", room, "sandbox"):
                continue
            allowed = STEP_OF[other] < STEP_OF[room] or STEP_OF[other] == STEP_OF[room] == 0
            assert allowed, f"{module_name(file)} imports {name}, which is not below it"


def test_the_sandbox_stands_apart() -> None:
    for file in SOURCES:
        module = module_name(file)
        for name in our_imports(file):
            if room_of(module) == "sandbox":
                assert room_of(name) in ("", "sandbox", *STEPS[0]), f"{module} imports {name}"
            elif room_of(name) == "sandbox":
                assert module in SANDBOX_GUESTS, f"{module} imports {name}"


def test_there_is_no_circle() -> None:
    edges = {
        module: {name for name in our_imports(file) if name != module} for module, file in MODULES.items()
    }
    # Importing a package's module runs the package first; a package that names its own parts is no circle.
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " → ".join((*path[path.index(module) :], module))
        if module in done:
            return
        for other in sorted(edges.get(module, ())):
            visit(other, (*path, module))
        done.add(module)

    for module in MODULES:
        visit(module, ())


def test_nothing_is_imported_inside_a_function_but_what_is_heavy() -> None:
    for file in SOURCES:
        for function in ast.walk(tree_of(file)):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                for name in imported(node):
                    assert name.split(".")[0] in HEAVY, f"{module_name(file)}:{node.lineno} imports {name}"


def test_every_foreign_import_is_declared() -> None:
    declared = {
        re.split(r"[^A-Za-z0-9_.-]", requirement)[0].replace("_", "-").lower()
        for requirement in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    }
    distributions = packages_distributions()
    for file in SOURCES:
        for node in ast.walk(tree_of(file)):
            for name in imported(node):
                top = name.split(".")[0]
                if top == "compliance_bot" or top in sys.stdlib_module_names:
                    continue
                packages = {found.replace("_", "-").lower() for found in distributions.get(top, [])}
                assert packages & declared, f"{module_name(file)} imports {top}, which pyproject.toml lacks"


def test_no_file_is_longer_than_the_wall() -> None:
    for file in [*SOURCES, *TESTS]:
        lines = len(file.read_text(encoding="utf-8").splitlines())
        assert lines <= WALL, f"{file} has {lines} lines"


def test_no_file_has_a_name_that_says_nothing() -> None:
    for file in SOURCES:
        parts = set(file.relative_to(ROOT).with_suffix("").parts)
        assert not parts & FORBIDDEN_NAMES, file


def test_only_sensitivity_builds_a_cleared_message() -> None:
    for file in SOURCES:
        builders = {
            node.lineno
            for node in ast.walk(tree_of(file))
            if isinstance(node, ast.Call) and _last_name(node.func) == "Cleared"
        }
        assert not builders or module_name(file) == "compliance_bot.rules.sensitivity", sorted(builders)


def test_only_the_store_speaks_sql() -> None:
    for file in SOURCES:
        if room_of(module_name(file)) in ("store", "sandbox"):
            continue
        for text in texts(file):
            assert not SQL.match(text), f"{module_name(file)} has SQL: {text[:60]!r}"


def test_only_slack_and_studio_make_calls() -> None:
    for file in SOURCES:
        room = room_of(module_name(file))
        if room in ("slack", "studio", "sandbox", "followed_clock"):
            continue
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.Call):
                called = _last_name(node.func)
                if room == "app" and called == "ClientSession":
                    continue  # constructed there, used by the rooms it is handed to
                if (
                    module_name(file).startswith("compliance_bot.cli.demonstration")
                    and called == "ClientSession"
                ):
                    continue  # speaks to the embedded world only
                if module_name(file) == "compliance_bot.handlers.dispatch" and called == "AsyncWebClient":
                    continue  # Bolt cannot be built without one; it has no token and makes no call
                assert called not in ("ClientSession", "urlopen", "AsyncWebClient", "WebClient"), (
                    f"{module_name(file)}:{node.lineno} makes HTTP calls"
                )


def test_wall_time_comes_from_the_clock_alone() -> None:
    for file in SOURCES:
        module = module_name(file)
        if room_of(module) in ("clock", "followed_clock", "sandbox"):
            continue
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in (
                    "time.time",
                    "datetime.now",
                    "datetime.utcnow",
                    "datetime.datetime.now",
                ), f"{module}:{node.lineno} asks the system for the time"


def test_the_pure_rooms_never_wait_and_never_look_around() -> None:
    for file in SOURCES:
        if room_of(module_name(file)) not in ("model", "rules", "messages", "rulebook"):
            continue
        for node in ast.walk(tree_of(file)):
            assert (
                not isinstance(node, ast.AsyncFunctionDef | ast.Await)
                or room_of(module_name(file)) == "model"
            )
            if isinstance(node, ast.Attribute):
                assert ast.unparse(node) not in ("os.environ", "os.getenv"), (
                    f"{module_name(file)}:{node.lineno}"
                )


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    for file in TESTS:
        words = {ast.unparse(node) for node in ast.walk(tree_of(file)) if isinstance(node, ast.Attribute)}
        assert not words & {
            "pytest.skip",
            "pytest.xfail",
            "pytest.mark.skip",
            "pytest.mark.skipif",
            "pytest.mark.xfail",
        }


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
