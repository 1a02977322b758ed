"""Templates ``NAME.json.j2``: Block Kit Builder's JSON with Jinja2 placeholders in its texts.

The JSON is read once, at load; only texts are filled, each by the rules of its field, so that no
value can add a block, a mention or a link. Two keys of ours steer whole blocks and elements, and
are taken out: ``"if": "issue_url"`` and ``"for": "line in lines"``. What is left out when a value
is missing is told in ``skeleton``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from compliance_bot.errors import BotError
from compliance_bot.messages.compiling import CannotCompile, Program, compile_program
from compliance_bot.messages.limits import TEXT, balance, texts
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import truncate, unlinked
from compliance_bot.messages.reading import CannotRead, read_template
from compliance_bot.messages.skeleton import LEFT_OUT
from compliance_bot.messages.vocabulary import KNOWN_VALUES
from compliance_bot.model.problems import Problem

__all__ = ["Message", "TemplateFailed", "Templates", "load_templates"]

_SUFFIX = ".json.j2"


class TemplateFailed(BotError):
    """A template could not be filled with these values; the plain form still can."""


@dataclass(frozen=True, slots=True, repr=False)
class Templates:
    """Every template that could be compiled."""

    programs: Mapping[str, Program]

    def __repr__(self) -> str:
        return f"Templates({', '.join(sorted(self.programs))})"

    @property
    def names(self) -> frozenset[str]:
        """The names that rules may use."""
        return frozenset(self.programs)

    def render(self, name: str, values: Mapping[str, Any]) -> Message:
        """The message, within Slack's limits. Raises ``TemplateFailed``."""
        return balance(self.fill(name, values))

    def fill(self, name: str, values: Mapping[str, Any]) -> Message:
        """The message, each text within its limit, for whoever adds blocks and balances all."""
        program = self.programs.get(name)
        if program is None:
            raise TemplateFailed(f"no template is called {name}")
        try:
            built = program.build(values)
        except Exception as error:
            raise TemplateFailed(f"template {name}: {type(error).__name__}: {error}") from error
        built = {} if built is LEFT_OUT else built
        blocks = tuple(built.get("blocks", ()))
        text = built.get("text") or _first_words(blocks)
        if not text and "text" not in built:
            raise TemplateFailed(f"template {name}: nothing is left of it with these values")
        return Message(text=text or name, blocks=blocks)


def _first_words(blocks: tuple[dict[str, Any], ...]) -> str:
    """What notifications say when none of the values of their own words is there."""
    said = (unlinked(text[:TEXT]) for text in texts(blocks))
    return truncate(next(filter(None, said), ""), TEXT, markup=True)


def load_templates(
    directory: Path, known: Collection[str] = KNOWN_VALUES
) -> tuple[Templates, tuple[Problem, ...]]:
    """Compile every ``*.json.j2`` of a directory; what cannot be is told, all at once."""
    paths = sorted(directory.glob(f"*{_SUFFIX}")) if directory.is_dir() else []
    programs: dict[str, Program] = {}
    problems: list[Problem] = []
    if not paths:
        problems.append(Problem(file=str(directory), message=f"no template (*{_SUFFIX}) is here"))
    for path in paths:
        name = path.name.removesuffix(_SUFFIX)
        try:
            programs[name] = compile_program(read_template(path), name, known)
        except CannotRead as error:
            problems.append(Problem(file=path.name, message=str(error), line=error.line, column=error.column))
        except (RecursionError, SyntaxError):
            problems.append(Problem(file=path.name, message="is nested too deeply"))
        except CannotCompile as error:
            problems.extend(
                Problem(file=path.name, message=fault.message, path=fault.path, hint=fault.hint)
                for fault in error.faults
            )
    return Templates(MappingProxyType(programs)), tuple(problems)
