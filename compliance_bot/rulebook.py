"""rules.yaml and the templates, compiled whole into one immutable rulebook, or refused whole."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from compliance_bot.config.load import Loaded, in_order, load_rules
from compliance_bot.config.not_yet import check_not_yet
from compliance_bot.config.schema import Rules
from compliance_bot.config.validate import check_meaning
from compliance_bot.errors import Misconfigured
from compliance_bot.messages.templates import Templates, load_templates
from compliance_bot.model.events import Attribute, Event
from compliance_bot.model.problems import Problem
from compliance_bot.model.slack import Channel, Directory
from compliance_bot.rules.compile import BUILTIN_TYPES, FINDING_TYPES, Compiled, compile_sections
from compliance_bot.rules.ladder import Ladder, Rung
from compliance_bot.rules.remembered import RememberedRoutes
from compliance_bot.rules.routing import Router, Routing
from compliance_bot.rules.second_person import SecondPerson
from compliance_bot.rules.sensitivity import Audience, Sensitivity, SensitivityClass

_TEMPLATE = ".json.j2"
_PROJECT = re.compile(r"{{[^}]*\bproject(_id)?\b|\"(if|for)\"\s*:\s*\"[^\"]*\bproject(_id)?\b")
"""A template that reads a finding's project, in a placeholder or a condition."""


class RulesRefused(Misconfigured):
    """The rules cannot be used; ``problems`` holds every fault, and the warnings beside them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        errors = [problem for problem in problems if not problem.warning]
        rest = f" (and {len(errors) - 1} more: compliance-bot validate)" if len(errors) > 1 else ""
        super().__init__(f"{errors[0]}{rest}" if errors else "the rules cannot be used")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Everything that decides where and how something is said, at one moment.

    ``hash`` is the SHA-256 of the text of rules.yaml and of every template: equal hashes mean
    that the same event is said in the same words at the same places.
    """

    hash: str
    rules: Rules
    templates: Templates
    router: Router
    sensitivity: Sensitivity = field(default_factory=Sensitivity)
    second_person: SecondPerson = field(default_factory=SecondPerson)
    escalation: Ladder = field(default_factory=Ladder)
    source: str = ""
    """The text of rules.yaml."""
    template_hashes: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each template's text, by its name."""
    _routes: RememberedRoutes = field(default_factory=RememberedRoutes, init=False, repr=False, compare=False)
    reads_project: bool = False
    """True when a finding's project must be looked up before it is routed: something reads it."""

    def route(self, event: Event, directory: Directory) -> Routing:
        """Where ``event`` goes, as Slack's names resolve now. Pure."""
        return self._routes.route(self.router, attributes_of(event), directory)

    @property
    def operations_channel(self) -> str:
        """Where the bot speaks of itself: in shadow mode, where everything goes."""
        return self.rules.delivery.shadow or self.rules.slack_config.operations_channel

    @property
    def default_channel(self) -> str:
        """Where goes what finds no other place: in shadow mode, where everything goes."""
        return self.rules.delivery.shadow or self.rules.slack_config.default_channel

    def class_of(self, event: Event) -> SensitivityClass:
        """How sensitive what ``event`` says is. Pure."""
        return self.sensitivity.class_of(attributes_of(event) if self.sensitivity.rules else {})

    def needs_second_person(self, action: str, event: Event) -> bool:
        """Whether ``action`` on the object of ``event`` waits until a second person agrees. Pure."""
        return self.second_person.needed(action, attributes_of(event))

    def ladder(self, event: Event) -> tuple[Rung, ...]:
        """What is said again of a case that ``event`` opens, while nobody acts; soonest first. Pure."""
        return self.escalation.chosen(attributes_of(event)) if self.escalation.steps else ()

    def audience(self, directory: Directory, channel_id: str) -> Audience:
        """Who reads a channel, as Slack told last; unread while Slack's lists are. Pure."""
        channel = directory.channel(channel_id)
        if channel is None and not directory.complete:
            channel = Channel(id=channel_id, name="", guests=None)
        return self.sensitivity.audience(channel_id, channel)


def attributes_of(event: Event) -> dict[str, Attribute]:
    """All that a condition may read of an event."""
    own = {"id": event.studio_id, "type": event.type, "change": str(event.change)}
    return {**own, **event.attributes}


def compile_rulebook(rules_path: Path, templates_path: Path) -> tuple[Rulebook, tuple[Problem, ...]]:
    """The rulebook and its warnings; else ``RulesRefused`` with all problems at once."""
    loaded = load_rules(rules_path)
    parts = _template_parts(templates_path)
    templates, template_problems = load_templates(templates_path)
    compiled = _compiled(loaded, templates)
    lacking = _lacking(templates, templates_path)
    problems = (*loaded.problems, *in_order([*template_problems, *lacking]))
    if loaded.rules is None or compiled is None or not all(problem.warning for problem in problems):
        raise RulesRefused(problems)
    rulebook = Rulebook(
        hash=_digest({"rules.yaml": loaded.text.encode(), **parts}),
        rules=loaded.rules,
        templates=templates,
        router=compiled.router,
        sensitivity=compiled.sensitivity,
        second_person=compiled.second_person,
        escalation=compiled.ladder,
        source=loaded.text,
        template_hashes={
            name.removesuffix(_TEMPLATE): hashlib.sha256(part).hexdigest() for name, part in parts.items()
        },
        reads_project=_reads_project(loaded.rules, compiled, templates_path),
    )
    return rulebook, problems


def _compiled(loaded: Loaded, templates: Templates) -> Compiled | None:
    """What a file means that could be read at all; what is wrong in it is said in ``loaded``."""
    if loaded.rules is None:
        return None
    check_meaning(loaded.rules, loaded.located, templates.names, BUILTIN_TYPES)
    compiled = compile_sections(loaded.rules)
    for one in compiled.complaints:
        loaded.located.complain(one.path, one.message, one.hint, warning=one.warning)
    check_not_yet(loaded.located)
    return compiled


def _reads_project(rules: Rules, compiled: Compiled, templates_path: Path) -> bool:
    if rules.studio.projects or compiled.names_read & {"project", "project_id"}:
        return True
    types = compiled.router.types.items()
    telling = {one.template for name, one in types if name in FINDING_TYPES or one.match is not None}
    paths = (templates_path / f"{name}.json.j2" for name in telling)
    return any(_PROJECT.search(path.read_text("utf-8")) for path in paths if path.exists())


def _lacking(templates: Templates, templates_path: Path) -> list[Problem]:
    """The templates without which no finding can be told, where the directory has others."""
    needed = {BUILTIN_TYPES[name].template for name in ("critical_alerts", "compliance_updates")}
    hint = "compliance-bot init DIR writes the shipped ones"
    return [
        Problem(
            file=f"{templates_path.name}/{name}.json.j2",
            message="is missing, and findings need it",
            hint=hint,
        )
        for name in sorted(needed - templates.names)
        if templates.names and not (templates_path / f"{name}.json.j2").exists()
    ]


def _template_parts(templates_path: Path) -> dict[str, bytes]:
    """The templates' bytes, read before they are compiled: what changes meanwhile has another hash."""
    parts: dict[str, bytes] = {}
    for path in sorted(templates_path.glob(f"*{_TEMPLATE}")):
        with contextlib.suppress(OSError):  # what can't be read is complained of where it is compiled
            parts[path.name] = path.read_bytes()
    return parts


def _digest(parts: Mapping[str, bytes]) -> str:
    """SHA-256 over names and contents, each with its length, so that no two sets read alike."""
    whole = hashlib.sha256()
    for name, content in parts.items():
        for piece in (name.encode(), content):
            whole.update(len(piece).to_bytes(8, "big"))
            whole.update(piece)
    return whole.hexdigest()
