"""rules.yaml from its bytes to typed ``Rules``, or every problem at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from compliance_bot.config.explain_schema import explain
from compliance_bot.config.nodes import KeyPath, Located, is_refused, read_nodes
from compliance_bot.config.planted import find_secrets
from compliance_bot.config.schema import Rules
from compliance_bot.model.problems import Problem

MAXIMUM_BYTES = 1_000_000


class Loaded:
    """What loading gave: ``rules`` (None when refused), the places, and the text that was read."""

    def __init__(self, *, text: str, located: Located, rules: Rules | None) -> None:
        self.text = text
        self.located = located
        self.rules = rules

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Errors and warnings, in the order of the file."""
        return in_order(self.located.problems)


def in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """By line, each said once."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (p.file, p.line or 0, p.column or 0)))


def load_rules(path: Path) -> Loaded:
    """Read and check the file at ``path``. Never raises for what the file holds or that it is absent."""
    file = path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        hint = "name it in COMPLIANCE_BOT_RULES, or make one with: compliance-bot init DIR"
        return _refused(str(path), f"cannot be read: {error.strerror}", hint)
    if len(raw) > MAXIMUM_BYTES:
        return _refused(file, f"is larger than 1 MB ({len(raw):,} bytes)", "is this the right file?")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return _refused(file, "is not UTF-8 text", "save it as UTF-8", line)
    return load_text(text, file)


def load_text(text: str, file: str = "rules.yaml") -> Loaded:
    """Check ``text`` as the file named ``file``."""
    located = read_nodes(text, file)
    if any(not problem.warning for problem in located.problems) and located.data is None:
        return Loaded(text=text, located=located, rules=None)
    if located.data is None:
        hint = "make one with: compliance-bot init DIR"
        located.complain((), "is empty", hint)
        return Loaded(text=text, located=located, rules=None)
    if not isinstance(located.data, dict):
        located.complain((), "must be a mapping of sections, such as slack_config:")
        return Loaded(text=text, located=located, rules=None)
    secrets = find_secrets(located, text)
    rules = _typed(located, secrets)
    return Loaded(text=text, located=located, rules=None if _has_errors(located) else rules)


def _refused(file: str, message: str, hint: str, line: int | None = None) -> Loaded:
    located = Located(file)
    located.problems.append(Problem(file=file, message=message, hint=hint, line=line))
    return Loaded(text="", located=located, rules=None)


def _has_errors(located: Located) -> bool:
    return any(not problem.warning for problem in located.problems)


def _typed(located: Located, secrets: frozenset[KeyPath]) -> Rules | None:
    sections = {name: value for name, value in located.data.items() if value is not None}
    data = _without(sections, (), secrets)
    try:
        return Rules.model_validate(data)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=True):
            explain(located, fault, secrets)
        return None


def _without(value: Any, path: KeyPath, secrets: frozenset[KeyPath]) -> Any:
    """``value`` without what is refused already: said once, it is not said again as a wrong type."""
    if isinstance(value, dict):
        return {
            key: _without(inner, (*path, key), secrets)
            for key, inner in value.items()
            if (*path, key) not in secrets and not is_refused(inner)
        }
    if isinstance(value, tuple):
        return tuple(_without(inner, (*path, index), secrets) for index, inner in enumerate(value))
    return value
